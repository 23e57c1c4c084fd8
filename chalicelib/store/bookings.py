"""Reads of bookings, by access pattern."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from pynamodb.exceptions import TransactGetError
from pynamodb.models import _ModelFuture
from pynamodb.transactions import TransactGet

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors, ids, unixtime
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.front_desk.search_keys import Key
from chalicelib.domain.occupancy.occupancy import Sheet
from chalicelib.store import sheets
from chalicelib.store.booking_item import BookingItem, from_item, unpaid_shard
from chalicelib.store.dynamodb import lists
from chalicelib.store.dynamodb.refusals import RETRY_AFTER, is_busy, translated
from chalicelib.store.sheets import SheetItem

_ID_END = "a"
"""Every booking sorts before it, every other item of the same owner after it: ids of bookings have
no small letter."""


class Bookings:
    """The bookings of all sites."""

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
        """Those of the bookings that exist, unordered: one batch read per hundred."""
        keys = [key for key in map(ids.booking_key, dict.fromkeys(booking_ids)) if key]
        if not keys:
            return ()
        with translated():
            return tuple(from_item(item) for item in BookingItem.batch_get(keys, True))

    def of_group(self, group_id: str) -> tuple[Booking, ...]:
        """The bookings of a group, earliest start first: one query of the owner's partition. Empty
        where the id is not that of a group."""
        keys = ids.group_keys(group_id)
        if keys is None:
            return ()
        locator, first, last = keys
        with translated():
            found = BookingItem.between(locator, first, last)
            members = [from_item(item) for item in found if item.group == group_id]
        return tuple(sorted(members, key=lambda b: (b.booked.start, b.booking_id)))

    def of_owner(self, user_id: str, *, limit: int, after: str | None = None) -> Listing[Booking]:
        """A customer's bookings, newest first: one query. A booking of a guest without account in
        the same partition is left out."""
        with translated():
            found = BookingItem.query(
                user_id.removeprefix("US"),
                BookingItem.sk < _ID_END,
                scan_index_forward=False,
                limit=limit,
                page_size=limit,
                last_evaluated_key=_key_of(after) if after else None,
                consistent_read=True,
            )
            read = tuple(from_item(item) for item in found)
        own = tuple(booking for booking in read if booking.user_id == user_id)
        more = bool(read) and found.last_evaluated_key is not None
        return Listing(own, cursor(read[-1]) if more else None)

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
        Empty where the span runs backwards or `after` lies before it: DynamoDB refuses both."""
        low, high = unixtime.of(since), unixtime.of(until)
        after_start = int(after.partition(".")[0]) if after else high
        if min(after_start, high) < low:
            return Listing((), None)
        with translated():
            found = BookingItem.by_site.query(
                site,
                BookingItem.start.between(low, high),
                scan_index_forward=False,
                limit=limit,
                page_size=limit,
                last_evaluated_key=(
                    _site_key_of(after, site) if after and after_start <= high else None
                ),
            )
            bookings = lists.in_order(found, BookingItem, from_item)
        return _listing(bookings, more=found.last_evaluated_key is not None)

    def unpaid(self, zone_id: str, *, limit: int) -> tuple[str, ...]:
        """The ids of the bookings of a zone with an amount due, the oldest first: one query. A
        moment old."""
        with translated():
            found = BookingItem.due.query(unpaid_shard(zone_id), limit=limit, page_size=limit)
            return tuple(f"BK{item.pk}{item.sk}" for item in found)

    def search(self, site: str, key: Key, prefix: str, *, limit: int) -> Listing[str]:
        """The ids of a site's bookings whose search key begins with `prefix`, in descending order
        of that key: one query."""
        index, attribute = _SEARCH_INDEXES[key]
        with translated():
            found = index.query(
                site,
                attribute.startswith(prefix),
                scan_index_forward=False,
                limit=limit,
                page_size=limit,
            )
            booking_ids = tuple(f"BK{item.pk}{item.sk}" for item in found)
        more = bool(booking_ids) and found.last_evaluated_key is not None
        return Listing(booking_ids, booking_ids[-1] if more else None)

    def with_sheets(
        self, booking_id: str, zone_id: str, number: str, periods: Sequence[str]
    ) -> tuple[Booking, tuple[Sheet, ...]]:
        """A booking and the sheets of one space in some periods, as they are at one instant: one
        read across both tables. Raises BookingNotFound, and StaleVersion during a write of one of
        them."""
        key = ids.booking_key(booking_id)
        if key is None:
            raise errors.BookingNotFound()
        connection = BookingItem._get_connection().connection
        try:
            with translated(), TransactGet(connection=connection) as read:
                wanted = read.get(BookingItem, *key)
                futures = [
                    read.get(SheetItem, *sheets.key(zone_id, period, number)) for period in periods
                ]
            booking = from_item(wanted.get())
        except BookingItem.DoesNotExist:
            raise errors.BookingNotFound() from None
        except TransactGetError as error:
            raise _meaning(error) from error
        return booking, tuple(sheet for future in futures for sheet in _existing(future))


_SEARCH_INDEXES: Final[Mapping[Key, Any]] = {
    "name": (BookingItem.by_name, BookingItem.called),
    "surname": (BookingItem.by_surname, BookingItem.surname),
    "phone": (BookingItem.by_phone, BookingItem.phone),
    "mail": (BookingItem.by_mail, BookingItem.mail),
}


def _meaning(error: TransactGetError) -> Exception:
    codes = {reason.code for reason in error.cancellation_reasons if reason is not None}
    if any(is_busy(code) for code in codes):
        return errors.Unavailable(retry_after=RETRY_AFTER)
    return errors.StaleVersion() if codes == {"TransactionConflict"} else error


def _existing(future: _ModelFuture[SheetItem]) -> tuple[Sheet, ...]:
    try:
        return (sheets.from_item(future.get()),)
    except SheetItem.DoesNotExist:
        return ()


def cursor(booking: Booking) -> str:
    """The cursor with which a list continues after `booking`."""
    return f"{unixtime.of(booking.booked.start)}.{booking.booking_id}"


def _listing(bookings: tuple[Booking, ...], *, more: bool) -> Listing[Booking]:
    return Listing(bookings, cursor(bookings[-1]) if more and bookings else None)


def _key_of(after: str) -> dict[str, Any]:
    pk, sk = ids.booking_key(after.partition(".")[2]) or ("-", "-")
    return {"pk": {"S": pk}, "sk": {"S": sk}}


def _site_key_of(after: str, site: str) -> dict[str, Any]:
    start = after.partition(".")[0]
    return {**_key_of(after), "site": {"S": site}, "start": {"N": start}}
