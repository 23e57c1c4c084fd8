"""What the front desk asks of a local day: who arrives, leaves, is in, has outstayed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal
from zoneinfo import ZoneInfo

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.money import Money
from chalicelib.domain.stays import check_out

Question = Literal["arrivals", "departures", "in-house", "overstays"]


@dataclass(frozen=True)
class SiteDay:
    """A local date at a site, and the present instant."""

    on: date
    tz: ZoneInfo
    now: datetime

    def date_of(self, instant: datetime) -> date:
        """The date there at `instant`."""
        return localtime.local_date(instant, self.tz)

    @property
    def is_today(self) -> bool:
        """Whether it is the present date."""
        return self.on == self.date_of(self.now)


def arrives(held: Interval, status: Status, day: SiteDay) -> bool:
    """Whether the guest comes on that date, or has come: the date before, where they came early.
    Whoever was to come before today and has not is still expected."""
    return _is_late(held, status, day) or day.date_of(held.start) == day.on


def departs(held: Interval, status: Status, day: SiteDay) -> bool:
    """Whether the guest is to leave on that date; today nobody leaves who has not come."""
    return day.date_of(held.end) == day.on and not _is_late(held, status, day)


def _is_late(held: Interval, status: Status, day: SiteDay) -> bool:
    return day.is_today and status is Status.BOOKED and day.date_of(held.start) < day.on


def is_in_house(held: Interval, status: Status, day: SiteDay) -> bool:
    """Whether the guest is inside today; of another date, whether they are to sleep there."""
    if day.is_today:
        return status is Status.ACTIVE
    return day.date_of(held.start) <= day.on < day.date_of(held.end)


def overstays(held: Interval, status: Status, day: SiteDay) -> bool:
    """Whether the guest is still inside although they were to leave by now, on that date or
    before it."""
    over = held.end <= day.now and status is Status.ACTIVE
    return over and day.date_of(held.end) <= day.on


WANTED: dict[Question, Callable[[Interval, Status, SiteDay], bool]] = {
    "arrivals": arrives,
    "departures": departs,
    "in-house": is_in_house,
    "overstays": overstays,
}
"""Which live bookings answer a question, by the time for which they hold a room."""


def may_concern(held: Interval, question: Question, day: SiteDay) -> bool:
    """Whether whoever holds a room for that time may belong in the answer."""
    return any(WANTED[question](held, status, day) for status in Status)


def concerns(booking: Booking, question: Question, day: SiteDay) -> bool:
    """Whether a booking belongs in the answer."""
    return booking.is_live and WANTED[question](booking.occupied, booking.status, day)


def to_pay(booking: Booking, now: datetime, tz: ZoneInfo) -> Money:
    """What is still to be paid if the guest leaves on time, or now where that is over."""
    if not booking.is_live:
        return check_out.amount_due(booking)
    start = booking.actual_start or booking.booked.start
    stay = Interval.of_stay(start, max(booking.booked.end, now))
    return check_out.bill_of(booking, stay, tz).amount_due
