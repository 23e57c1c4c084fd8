"""The day lists of a front desk: arrivals, departures, guests in house, overstays."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final, Literal
from zoneinfo import ZoneInfo

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.money import Money
from chalicelib.domain.stays import check_out

DayList = Literal["arrivals", "departures", "in-house", "overstays"]


@dataclass(frozen=True)
class SiteDay:
    """A date `on` the calendar of a site, and the present instant."""

    on: date
    tz: ZoneInfo
    now: datetime

    def date_of(self, instant: datetime) -> date:
        """The local date at `instant`."""
        return localtime.local_date(instant, self.tz)

    @property
    def is_today(self) -> bool:
        """Whether it is today."""
        return self.on == self.date_of(self.now)


def is_arrival(occupied: Interval, status: Status, day: SiteDay) -> bool:
    """Whether the guest arrives on that date, or has arrived for it (the evening before, with an
    early check-in). Today also guests who have not arrived on an earlier date."""
    return _is_late(occupied, status, day) or day.date_of(occupied.start) == day.on


def is_departure(occupied: Interval, status: Status, day: SiteDay) -> bool:
    """Whether the guest leaves on that date; not today if the guest has not arrived."""
    return day.date_of(occupied.end) == day.on and not _is_late(occupied, status, day)


def _is_late(occupied: Interval, status: Status, day: SiteDay) -> bool:
    return day.is_today and status is Status.BOOKED and day.date_of(occupied.start) < day.on


def is_in_house(occupied: Interval, status: Status, day: SiteDay) -> bool:
    """Whether the guest is checked in; on another date than today, whether the night is booked."""
    if day.is_today:
        return status is Status.ACTIVE
    return day.date_of(occupied.start) <= day.on < day.date_of(occupied.end)


def is_overstay(occupied: Interval, status: Status, day: SiteDay) -> bool:
    """Whether the guest is still checked in after the booked end, which is on that date or before
    it."""
    over = occupied.end <= day.now and status is Status.ACTIVE
    return over and day.date_of(occupied.end) <= day.on


LISTS: Final[Mapping[DayList, Callable[[Interval, Status, SiteDay], bool]]] = {
    "arrivals": is_arrival,
    "departures": is_departure,
    "in-house": is_in_house,
    "overstays": is_overstay,
}
"""Whether a live booking belongs in a list, by the time for which it occupies a room."""


def may_belong(occupied: Interval, day_list: DayList, day: SiteDay) -> bool:
    """Whether a booking that occupies a room for that time can belong in the list."""
    return any(LISTS[day_list](occupied, status, day) for status in Status)


def belongs(booking: Booking, day_list: DayList, day: SiteDay) -> bool:
    """Whether a booking belongs in the list."""
    return booking.is_live and LISTS[day_list](booking.occupied, booking.status, day)


def payment_due(booking: Booking, now: datetime, tz: ZoneInfo) -> Money:
    """The amount left to pay if the guest leaves on time, or now if that is over."""
    if not booking.is_live:
        return check_out.amount_due(booking)
    start = booking.actual_start or booking.booked.start
    stay = Interval.of_stay(start, max(booking.booked.end, now))
    return check_out.bill_of(booking, stay, tz).amount_due
