"""Short codes of bookings: found by the day they say, or by the record that a move left."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.bookings.short_code import MovedCode
from chalicelib.domain.core import unixtime
from chalicelib.domain.core.interval import Interval
from chalicelib.store.booking_item import BookingItem
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import BookingsTable
from chalicelib.store.dynamodb.transaction import Write


class MovedCodeItem(BookingsTable):
    """The code of a booking that has left its day (`codes/<site>`,
    `moved#<code>#<booking id>`): as every item that is no booking, with a small letter first."""

    booking_id = UnicodeAttribute(attr_name="of")
    ttl = IntegerAttribute()


def find(site: str, code: str, days: Iterable[Interval]) -> tuple[str, ...]:
    """The ids of the bookings of a site that may have `code`, which means one of `days`: a query of
    the index for each day, and one of the codes of moved bookings. A moment old."""
    with translated():
        here = [each for day in days for each in _beginning_on(site, day, code[-4:])]
        moved = MovedCodeItem.query(_partition(site), MovedCodeItem.sk.startswith(_sort_key(code)))
        return (*here, *(item.booking_id for item in moved))


def writes(record: MovedCode) -> Iterator[Write]:
    """The record of a code. One that is there already is the same."""
    key = _partition(record.site), _sort_key(record.code, record.booking_id)
    until = unixtime.of(record.until)
    yield Write("put", MovedCodeItem(*key, booking_id=record.booking_id, ttl=until))


def _beginning_on(site: str, day: Interval, tail: str) -> Iterator[str]:
    """The ids of the bookings of a day that end with `tail`."""
    low, high = unixtime.of(day.start), unixtime.of(day.end) - 1
    for item in BookingItem.by_site.query(site, BookingItem.start.between(low, high)):
        if item.sk.endswith(tail):
            yield f"BK{item.pk}{item.sk}"


def _partition(site: str) -> str:
    return f"codes/{site}"


def _sort_key(code: str, booking_id: str = "") -> str:
    return f"moved#{code}#{booking_id}"
