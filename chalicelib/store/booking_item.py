"""A booking as an item of the bookings table."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import asdict
from typing import Any, cast

from pynamodb.attributes import BooleanAttribute, UnicodeAttribute

from chalicelib.domain.bookings import deposits
from chalicelib.domain.bookings.booking import Booking, PaymentStatus
from chalicelib.domain.bookings.buyer import Buyer
from chalicelib.domain.bookings.confirmation import Confirmation
from chalicelib.domain.bookings.cover import Cover
from chalicelib.domain.bookings.details import BookingDetails, Guest
from chalicelib.domain.bookings.promise import News, Promise
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import ids, serialize, unixtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.timeline import TimelineEntry
from chalicelib.domain.front_desk import search_keys
from chalicelib.domain.payments import deposit
from chalicelib.domain.payments.deposit import Deposit
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.sites.site import ZoneKind
from chalicelib.store import attachments, due_item, payments
from chalicelib.store.due_item import DueItem
from chalicelib.store.dynamodb import transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.transaction import Write


class BookingItem(DueItem):
    """A booking under its owner. Instants are epoch seconds, amounts minor units."""

    version = IntegerAttribute(attr_name="v")
    status = UnicodeAttribute()
    user = BooleanAttribute()
    site = UnicodeAttribute()
    zone = UnicodeAttribute()
    number = UnicodeAttribute()
    kind = UnicodeAttribute()
    start = IntegerAttribute()
    end = IntegerAttribute()
    created = IntegerAttribute()
    updated = IntegerAttribute()
    actual_start = IntegerAttribute(null=True, attr_name="in")
    actual_end = IntegerAttribute(null=True, attr_name="out")
    quoted = IntegerAttribute(null=True)
    plate = UnicodeAttribute(null=True)
    name = UnicodeAttribute(null=True)
    purpose = UnicodeAttribute(null=True)
    guests = UnicodeAttribute(null=True)
    language = UnicodeAttribute(null=True, attr_name="lang")
    buyer = UnicodeAttribute(null=True)
    flags = UnicodeAttribute(null=True)
    method = UnicodeAttribute()
    payment = UnicodeAttribute()
    paid = IntegerAttribute()
    by_hand = IntegerAttribute(null=True)
    payments = UnicodeAttribute(null=True)
    tariff = UnicodeAttribute()
    bill = UnicodeAttribute(null=True)
    out_by = UnicodeAttribute(null=True)
    timeline = UnicodeAttribute()
    counts = UnicodeAttribute(null=True)
    redeemed = UnicodeAttribute(null=True, attr_name="used")
    confirmation = UnicodeAttribute(null=True, attr_name="sure")
    group = UnicodeAttribute(null=True)
    news = UnicodeAttribute(null=True)
    issue = IntegerAttribute(null=True)
    attachments = UnicodeAttribute(null=True, attr_name="att")
    called = UnicodeAttribute(null=True)
    surname = UnicodeAttribute(null=True)
    phone = UnicodeAttribute(null=True)
    mail = UnicodeAttribute(null=True)
    listed = IntegerAttribute(null=True)
    free = IntegerAttribute(null=True)
    first_day = IntegerAttribute(null=True, attr_name="day")
    cover = UnicodeAttribute(null=True)
    renewals = IntegerAttribute(null=True, attr_name="again")
    deposit = UnicodeAttribute(null=True)


def writes(booking: Booking, shards: int) -> Iterator[Write]:
    """The booking under its version."""
    yield transaction.save(to_item(booking, shards), booking.version)


def to_item(booking: Booking, shards: int) -> BookingItem:
    """The item of a booking, whose deadline lies in one of `shards` partitions of the index."""
    key, details, found_by = _key(booking), booking.details, search_keys.keys(booking)
    return BookingItem(
        *key,
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
        quoted=unixtime.of(booking.quoted_at),
        plate=details.vehicle_number,
        name=details.owner_name,
        purpose=details.purpose,
        guests=_pack([asdict(guest) for guest in details.guests]) if details.guests else None,
        language=details.language,
        buyer=None if details.buyer is None else _pack(serialize.fields(details.buyer)),
        flags=_flags(booking),
        method=booking.payment_method,
        payment=booking.payment_status,
        paid=booking.paid,
        by_hand=booking.by_hand or None,
        payments=payments.pack(booking.payments),
        tariff=booking.tariff.pack(),
        bill=booking.bill.pack() if booking.bill else None,
        out_by=booking.checked_out_by,
        timeline=_pack(
            [[unixtime.of(e.at), e.what, e.actor, e.source, e.note] for e in booking.timeline]
        ),
        counts=_pack(booking.counts) if booking.counts else None,
        redeemed=_pack(booking.redeemed) if booking.redeemed else None,
        confirmation=_pack_confirmation(booking.confirmation),
        group=booking.group_id,
        news=_pack_news(booking.news),
        issue=booking.pass_issue or None,
        attachments=attachments.pack(booking.attachments),
        called=found_by.get("name"),
        surname=found_by.get("surname"),
        phone=found_by.get("phone"),
        mail=found_by.get("mail"),
        listed=unixtime.of(booking.listed_through),
        free=booking.free_cancel_window,
        first_day=booking.first_day,
        cover=_pack_cover(booking.cover),
        renewals=booking.renewals or None,
        deposit=_pack_deposit(booking.deposit),
        **_indexed(booking, key, shards),
    )


def unpaid_shard(zone_id: str) -> str:
    """The partition of the index `due` with the bookings of a zone that have an amount due."""
    return f"unpaid/{zone_id}"


def _indexed(booking: Booking, key: tuple[str, str], shards: int) -> dict[str, Any]:
    """The attributes of the index `due`: the deadline, or after the stay the amount due."""
    deadline = booking.deadline if booking.is_live else deposits.deadline(booking)
    if booking.payment_status == "due" and deadline is None:
        ended = unixtime.of(booking.actual_end or booking.updated_at)
        return {"due_shard": unpaid_shard(booking.zone_id), "due_at": ended}
    return due_item.pack(deadline, key, shards)


def from_item(item: BookingItem) -> Booking:
    """The booking in an item."""
    flags = item.flags or ""
    booking = Booking(
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
        quoted_at=unixtime.instant(item.quoted),
        details=_details(item),
        auto_checkout="a" in flags,
        counted="q" in flags,
        counts=tuple((name, by) for name, by in json.loads(item.counts or "[]")),
        redeemed=tuple((where, name) for where, name in json.loads(item.redeemed or "[]")),
        provisional="p" in flags,
        cancelled_by_site="s" in flags,
        free_cancel_window=item.free,
        payment_method=PaymentMethod(item.method),
        payment_status=cast(PaymentStatus, item.payment),
        paid=item.paid,
        by_hand=item.by_hand or 0,
        payments=payments.unpack(item.payments),
        bill=Bill.unpack(item.bill) if item.bill else None,
        checked_out_by=item.out_by,
        confirmation=_confirmation(item.confirmation),
        deadline=due_item.unpack(item),
        group_id=item.group,
        attachments=attachments.unpack(item.attachments),
        timeline=tuple(
            TimelineEntry(unixtime.instant(at), what, actor, source, note)
            for at, what, actor, source, note in json.loads(item.timeline)
        ),
        listed_through=unixtime.instant(item.listed),
        news=_news(item.news),
        pass_issue=item.issue or 0,
        first_day=item.first_day,
        cover=_cover(item.cover),
        renewals=item.renewals or 0,
        deposit=deposit.NONE if item.deposit is None else _deposit(*json.loads(item.deposit)),
        version=item.version,
    )
    return booking.as_stored()


def _details(item: BookingItem) -> BookingDetails:
    return BookingDetails(
        vehicle_number=item.plate,
        owner_name=item.name,
        purpose=item.purpose,
        guests=tuple(Guest(**guest) for guest in json.loads(item.guests or "[]")),
        auto_renew="r" in (item.flags or ""),
        language=item.language,
        buyer=None if item.buyer is None else Buyer(**json.loads(item.buyer)),
    )


def _flags(booking: Booking) -> str | None:
    marks = (
        ("r", booking.details.auto_renew),
        ("a", booking.auto_checkout),
        ("q", booking.counted),
        ("p", booking.provisional),
        ("s", booking.cancelled_by_site),
    )
    return "".join(mark for mark, on in marks if on) or None


def _pack_confirmation(asked: Confirmation | None) -> str | None:
    """`[asked, sent, confirmed, failed]`, instants as epoch seconds; None without one."""
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


def _pack_news(news: News | None) -> str | None:
    """`[version, at, start, end, number, own]`; None without any."""
    if news is None:
        return None
    booked = news.before.booked
    instants = map(unixtime.of, (news.at, booked.start, booked.end))
    return _pack([news.in_version, *instants, news.before.number, int(news.own)])


def _news(stored: str | None) -> News | None:
    if not stored:
        return None
    version, at, start, end, number, own = json.loads(stored)
    booked = Interval(unixtime.instant(start), unixtime.instant(end))
    return News(version, unixtime.instant(at), Promise(booked, number), own=bool(own))


def _pack_cover(cover: Cover | None) -> str | None:
    """`[pass, plate, until]`; None without one."""
    if cover is None:
        return None
    return _pack([cover.pass_id, cover.plate, unixtime.of(cover.until)])


def _cover(stored: str | None) -> Cover | None:
    if not stored:
        return None
    pass_id, plate, until = json.loads(stored)
    return Cover(pass_id, plate, unixtime.instant(until))


def _pack_deposit(held: Deposit) -> str | None:
    """`[taken, in_cash, by_hand, refunds, kept, tax, reason]`; None where none was taken."""
    if not held.taken:
        return None
    cash, refunds = int(held.in_cash), list(held.refunds)
    return _pack([held.taken, cash, held.by_hand, refunds, held.kept, held.tax, held.reason])


def _deposit(
    taken: int, cash: int, by_hand: int, refunds: list[str], kept: int, tax: int, reason: str
) -> Deposit:
    return Deposit(taken, bool(cash), by_hand, tuple(refunds), kept, tax, reason)


def _key(booking: Booking) -> tuple[str, str]:
    key = ids.booking_key(booking.booking_id)
    assert key is not None, booking.booking_id
    return key


def _pack(value: object) -> str:
    return serialize.text(value)
