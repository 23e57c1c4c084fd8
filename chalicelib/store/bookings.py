"""Bookings in and out of their table."""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from datetime import datetime
from typing import Any, Final, cast

from pynamodb.exceptions import TransactGetError
from pynamodb.models import _ModelFuture
from pynamodb.transactions import TransactGet

from chalicelib.domain.bookings.booking import Booking, PaymentMethod, PaymentStatus
from chalicelib.domain.bookings.confirmation import Confirmation
from chalicelib.domain.bookings.deadline import SWEEP_OF, Deadline, DeadlineKind
from chalicelib.domain.bookings.details import BookingDetails, Guest
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors, ids, serialize, unixtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.core.timeline import TimelineEntry
from chalicelib.domain.front_desk import search_keys
from chalicelib.domain.front_desk.search_keys import Key
from chalicelib.domain.occupancy.occupancy import Sheet
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.sites.site import ZoneKind
from chalicelib.store import attachments, sheets
from chalicelib.store.dynamodb.refusals import RETRY_AFTER, is_busy, translated
from chalicelib.store.dynamodb.schema import BookingItem, SheetItem

_FIRST_BEHIND = "a"
"""Bookings sort before whatever else their owner has in the table: no id has a small letter."""


class Bookings:
    """Reads by access pattern. Writing is `commit`'s."""

    def __init__(self, shards: int) -> None:
        self._shards = shards

    def get(self, booking_id: str) -> Booking:
        """One booking: one read. Raises BookingNotFound."""
        key = ids.booking_key(booking_id)
        if key is None:
            raise errors.BookingNotFound()
        try:
            with translated():
                item = BookingItem.get(*key, consistent_read=True)
        except BookingItem.DoesNotExist:
            raise errors.BookingNotFound() from None
        return from_item(item)

    def many(self, booking_ids: Iterable[str]) -> tuple[Booking, ...]:
        """Those of the bookings that exist, a hundred a call, in no order."""
        keys = [key for key in map(ids.booking_key, dict.fromkeys(booking_ids)) if key]
        if not keys:
            return ()
        with translated():
            return tuple(from_item(item) for item in BookingItem.batch_get(keys, True))

    def of_group(self, group_id: str) -> tuple[Booking, ...]:
        """What was booked together under that id, earliest start first: one query of the owner's
        partition. Nothing for what is not the id of a group."""
        keys = ids.group_keys(group_id)
        if keys is None:
            return ()
        locator, first, last = keys
        with translated():
            found = BookingItem.query(
                locator, BookingItem.sk.between(first, last), consistent_read=True
            )
            members = [from_item(item) for item in found if item.group == group_id]
        return tuple(sorted(members, key=lambda b: (b.booked.start, b.booking_id)))

    def of_owner(self, locator: str, *, limit: int, after: str | None = None) -> Listing[Booking]:
        """A customer's bookings, newest first: one query."""
        with translated():
            found = BookingItem.query(
                locator,
                BookingItem.sk < _FIRST_BEHIND,
                scan_index_forward=False,
                limit=limit,
                page_size=limit,
                last_evaluated_key=_key_behind(after) if after else None,
                consistent_read=True,
            )
            bookings = tuple(from_item(item) for item in found)
        return _page(bookings, more=found.last_evaluated_key is not None)

    def at_site(
        self,
        site: str,
        *,
        since: datetime,
        until: datetime,
        limit: int,
        after: str | None = None,
    ) -> Listing[Booking]:
        """A site's bookings that start in the span, latest first: one query and one batch read.
        DynamoDB refuses a span that runs backwards and a place outside of it."""
        low, high = unixtime.of(since), unixtime.of(until)
        place_start = int(after.partition(".")[0]) if after else high
        if min(place_start, high) < low:
            return Listing((), None)
        with translated():
            found = BookingItem.by_site.query(
                site,
                BookingItem.start.between(low, high),
                scan_index_forward=False,
                limit=limit,
                page_size=limit,
                last_evaluated_key=(
                    _site_key_behind(after, site) if after and place_start <= high else None
                ),
            )
            keys = [(item.pk, item.sk) for item in found]
            read = BookingItem.batch_get(keys, True) if keys else ()
            by_key = {(item.pk, item.sk): from_item(item) for item in read}
        bookings = tuple(by_key[key] for key in keys if key in by_key)
        return _page(bookings, more=found.last_evaluated_key is not None)

    def known_as(self, site: str, key: Key, prefix: str, *, limit: int) -> Listing[str]:
        """The ids of a site's bookings whose key begins so, last ones first: one query."""
        index, attribute = _INDEXES[key]
        with translated():
            found = index.query(
                site,
                attribute.startswith(prefix),
                scan_index_forward=False,
                limit=limit,
                page_size=limit,
            )
            known = tuple(f"BK{item.pk}{item.sk}" for item in found)
        return Listing(known, known[-1] if known and found.last_evaluated_key else None)

    def item(self, booking: Booking) -> BookingItem:
        """The item to store for a booking."""
        return to_item(booking, self._shards)

    def with_sheets(
        self, booking_id: str, zone_id: str, number: str, days: Sequence[str]
    ) -> tuple[Booking, tuple[Sheet, ...]]:
        """A booking together with the sheets of one space on some days: one read across both
        tables. Raises BookingNotFound, and StaleVersion while somebody writes one of them."""
        key = ids.booking_key(booking_id)
        if key is None:
            raise errors.BookingNotFound()
        connection = BookingItem._get_connection().connection
        try:
            with translated(), TransactGet(connection=connection) as read:
                wanted = read.get(BookingItem, *key)
                pages = [read.get(SheetItem, *sheets.key(zone_id, day, number)) for day in days]
            booking = from_item(wanted.get())
        except BookingItem.DoesNotExist:
            raise errors.BookingNotFound() from None
        except TransactGetError as error:
            raise _cancelled(error) from error
        return booking, tuple(sheet for page in pages for sheet in _present(page))


_INDEXES: Final[Mapping[Key, Any]] = {
    "name": (BookingItem.by_name, BookingItem.called),
    "surname": (BookingItem.by_surname, BookingItem.surname),
    "phone": (BookingItem.by_phone, BookingItem.phone),
    "mail": (BookingItem.by_mail, BookingItem.mail),
}


def _cancelled(error: TransactGetError) -> Exception:
    codes = {reason.code for reason in error.cancellation_reasons if reason is not None}
    if any(is_busy(code) for code in codes):
        return errors.Unavailable(retry_after=RETRY_AFTER)
    return errors.StaleVersion() if codes == {"TransactionConflict"} else error


def _present(page: _ModelFuture[SheetItem]) -> tuple[Sheet, ...]:
    try:
        return (sheets.from_item(page.get()),)
    except SheetItem.DoesNotExist:
        return ()


def place(booking: Booking) -> str:
    """Where a list goes on behind `booking`."""
    return f"{unixtime.of(booking.booked.start)}.{booking.booking_id}"


def _page(bookings: tuple[Booking, ...], *, more: bool) -> Listing[Booking]:
    return Listing(bookings, place(bookings[-1]) if more and bookings else None)


def _key_behind(after: str) -> dict[str, Any]:
    pk, sk = ids.booking_key(after.partition(".")[2]) or ("-", "-")
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _site_key_behind(after: str, site: str) -> dict[str, Any]:
    start = after.partition(".")[0]
    return {**_key_behind(after), "site": {"S": site}, "start": {"N": start}}


def to_item(booking: Booking, shards: int) -> BookingItem:
    pk, sk = _key(booking)
    details, deadline, found_by = booking.details, booking.deadline, search_keys.keys(booking)
    return BookingItem(
        pk,
        sk,
        version=booking.version,
        status=booking.status.value,
        user=booking.user_id is not None,
        site=booking.site,
        zone=booking.zone_id,
        number=booking.number,
        kind=booking.kind,
        start=unixtime.of(booking.booked.start),
        end=unixtime.of(booking.booked.end),
        created=unixtime.of(booking.created_at),
        updated=unixtime.of(booking.updated_at),
        actual_start=unixtime.of(booking.actual_start),
        actual_end=unixtime.of(booking.actual_end),
        plate=details.vehicle_number,
        name=details.owner_name,
        purpose=details.purpose,
        guests=_pack([asdict(guest) for guest in details.guests]) if details.guests else None,
        flags=_flags(booking),
        method=booking.payment_method,
        payment=booking.payment_status,
        paid=booking.paid,
        tariff=booking.tariff.pack(),
        bill=booking.bill.pack() if booking.bill else None,
        out_by=booking.checked_out_by,
        timeline=_pack(
            [[unixtime.of(e.at), e.what, e.actor, e.source, e.note] for e in booking.timeline]
        ),
        confirmation=_pack_confirmation(booking.confirmation),
        group=booking.group_id,
        attachments=attachments.pack(booking.attachments),
        called=found_by.get("name"),
        surname=found_by.get("surname"),
        phone=found_by.get("phone"),
        mail=found_by.get("mail"),
        due_kind=deadline.kind.value if deadline else None,
        due_shard=f"{SWEEP_OF[deadline.kind]}.{_shard(pk + sk, shards)}" if deadline else None,
        due_at=unixtime.of(deadline.at) if deadline else None,
    )


def from_item(item: BookingItem) -> Booking:
    flags = item.flags or ""
    return Booking(
        booking_id=f"BK{item.pk}{item.sk}",
        user_id=f"US{item.pk}" if item.user else None,
        site=item.site,
        zone_id=item.zone,
        number=item.number,
        kind=cast(ZoneKind, item.kind),
        status=Status(item.status),
        booked=Interval(unixtime.instant(item.start), unixtime.instant(item.end)),
        tariff=Tariff.unpack(item.tariff),
        created_at=unixtime.instant(item.created),
        updated_at=unixtime.instant(item.updated),
        actual_start=unixtime.instant(item.actual_start),
        actual_end=unixtime.instant(item.actual_end),
        details=_details(item),
        auto_checkout="a" in flags,
        counted="q" in flags,
        payment_method=cast(PaymentMethod, item.method),
        payment_status=cast(PaymentStatus, item.payment),
        paid=int(item.paid),
        bill=Bill.unpack(item.bill) if item.bill else None,
        checked_out_by=item.out_by,
        confirmation=_confirmation(item.confirmation),
        deadline=_deadline(item),
        group_id=item.group,
        attachments=attachments.unpack(item.attachments),
        timeline=tuple(
            TimelineEntry(unixtime.instant(at), what, actor, source, note)
            for at, what, actor, source, note in json.loads(item.timeline)
        ),
        version=int(item.version),
    )


def _details(item: BookingItem) -> BookingDetails:
    return BookingDetails(
        vehicle_number=item.plate,
        owner_name=item.name,
        purpose=item.purpose,
        guests=tuple(Guest(**guest) for guest in json.loads(item.guests or "[]")),
        auto_renew="r" in (item.flags or ""),
    )


def _flags(booking: Booking) -> str | None:
    marks = (
        ("r", booking.details.auto_renew),
        ("a", booking.auto_checkout),
        ("q", booking.counted),
    )
    return "".join(mark for mark, on in marks if on) or None


def _deadline(item: BookingItem) -> Deadline | None:
    if not item.due_kind:
        return None
    return Deadline(DeadlineKind(item.due_kind), unixtime.instant(item.due_at))


def _pack_confirmation(asked: Confirmation | None) -> str | None:
    """`[asked, sent, confirmed, failed]`, instants as epochs; what nobody is asked has nothing."""
    if asked is None:
        return None
    instants = map(unixtime.of, (asked.asked_at, asked.sent_at, asked.confirmed_at))
    return _pack([*instants, int(asked.failed)])


def _confirmation(stored: str | None) -> Confirmation | None:
    if not stored:
        return None
    asked, sent, confirmed, failed = json.loads(stored)
    return Confirmation(
        unixtime.instant(asked), unixtime.instant(sent), unixtime.instant(confirmed), bool(failed)
    )


def _key(booking: Booking) -> tuple[str, str]:
    key = ids.booking_key(booking.booking_id)
    assert key is not None, booking.booking_id
    return key


def _shard(text: str, shards: int) -> int:
    return zlib.crc32(text.encode()) % shards


def _pack(value: object) -> str:
    return serialize.text(value)
