"""Recurring dates by the local time of a site (docs/rules/groups.md): a booking from 09:00 to 17:00
keeps these hours on every date, also across a clock change."""

from __future__ import annotations

import calendar
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import pairwise, takewhile
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.constraints import Doc, Integer
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.sentence import Month, say

FEWEST_TIMES, MOST_TIMES = 2, 52

Every = Literal["day", "week", "month"]
OnConflict = Literal["refuse", "skip"]

_STEPS = {"day": timedelta(days=1), "week": timedelta(weeks=1)}


@dataclass(frozen=True)
class Repeat:
    """The same again every day, week or month: `times` in all, or `until` a date; one of the
    two."""

    every: Annotated[
        Every,
        Doc(
            "The next day, the same weekday, or the same day of the month. A month without that "
            "day is skipped, and listed.",
            "week",
        ),
    ]
    times: (
        Annotated[
            int,
            Integer(FEWEST_TIMES, MOST_TIMES),
            Doc("Dates in all, the first and skipped ones included.", 10),
        ]
        | None
    ) = None
    until: Annotated[date, Doc("The last date there may be, at the site.", "2026-12-31")] | None = (
        None
    )
    on_conflict: Annotated[
        OnConflict,
        Doc("If some dates cannot be booked: refuse all, or skip these."),
    ] = "refuse"


def dates(first: Interval, repeat: Repeat, tz: ZoneInfo) -> tuple[date, ...]:
    """The local dates on which `first` begins, again and again, itself included; for a month
    without the day its last day (`require_day`). Raises Invalid for fewer than 2 or more than 52,
    and where one booking would run into the next.

    >>> from datetime import UTC
    >>> nine = datetime(2026, 12, 31, 9, tzinfo=UTC)
    >>> first, dublin = Interval(nine, nine + timedelta(hours=8)), localtime.zone("Europe/Dublin")
    >>> [str(on) for on in dates(first, Repeat("week", times=3), dublin)]
    ['2026-12-31', '2027-01-07', '2027-01-14']
    >>> [str(on) for on in dates(first, Repeat("month", times=3), dublin)]
    ['2026-12-31', '2027-01-31', '2027-02-28']
    """
    begins = localtime.local_date(first.start, tz)
    days = tuple(_nth(begins, repeat.every, nth) for nth in range(_times(repeat, begins)))
    _require_apart(first, [day for day in days if _has_day(repeat, begins, day)], tz)
    return days


def require_day(first: Interval, repeat: Repeat, day: date, tz: ZoneInfo) -> None:
    """Require that a date of a monthly series is on the day of the month of the first. Raises
    NoSuchDate for one that stands for a month without that day."""
    begins = localtime.local_date(first.start, tz)
    if not _has_day(repeat, begins, day):
        raise errors.NoSuchDate(say("no_such_day", day=begins.day, month=Month(day)))


def _has_day(repeat: Repeat, begins: date, day: date) -> bool:
    return repeat.every != "month" or day.day == begins.day


def _nth(begins: date, every: Every, nth: int) -> date:
    if every != "month":
        return begins + _STEPS[every] * nth
    years, month = divmod(begins.month - 1 + nth, 12)
    last = calendar.monthrange(begins.year + years, month + 1)[1]
    return date(begins.year + years, month + 1, min(begins.day, last))


def on(first: Interval, day: date, tz: ZoneInfo) -> Interval:
    """`first` at the same wall-clock times, but beginning on the local date `day`. Raises
    LocalTimeSkipped and LocalTimeTwice for times that are not there once on that date.

    >>> from datetime import UTC
    >>> nine = datetime(2026, 10, 20, 8, tzinfo=UTC)
    >>> first, dublin = Interval(nine, nine + timedelta(hours=8)), localtime.zone("Europe/Dublin")
    >>> localtime.iso(on(first, date(2026, 10, 27), dublin).start)
    '2026-10-27T09:00:00Z'
    """
    later = day - localtime.local_date(first.start, tz)
    if not later:
        return first
    start, end = (localtime.only(wall + later, tz) for wall in _walls(first, tz))
    return Interval(start, end)


def _walls(interval: Interval, tz: ZoneInfo) -> tuple[datetime, datetime]:
    """What the clocks show at both ends."""
    start, end = (localtime.local(at, tz) for at in (interval.start, interval.end))
    return start.replace(tzinfo=None), end.replace(tzinfo=None)


def _require_apart(first: Interval, days: Sequence[date], tz: ZoneInfo) -> None:
    start, end = _walls(first, tz)
    if end <= start:
        raise errors.Invalid({"end": say("clocks_go_back_before_end")})
    if any(later - earlier < end - start for earlier, later in pairwise(days)):
        raise errors.Invalid({"repeat.every": say("must_end_before_next")})


def _times(repeat: Repeat, begins: date) -> int:
    if (repeat.times is None) == (repeat.until is None):
        raise errors.Invalid({"repeat.times": say("give_times_or_until")})
    if repeat.times is not None:
        return repeat.times
    assert repeat.until is not None
    until, days = repeat.until, (_nth(begins, repeat.every, nth) for nth in range(MOST_TIMES + 1))
    times = len(tuple(takewhile(lambda day: day <= until, days)))
    if not FEWEST_TIMES <= times <= MOST_TIMES:
        limits = say("must_make_dates", least=FEWEST_TIMES, most=MOST_TIMES)
        raise errors.Invalid({"repeat.until": limits})
    return times
