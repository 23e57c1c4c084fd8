"""Recurring dates by the local time of a site (docs/rules/groups.md): a booking from 09:00 to 17:00
keeps these hours on every date, also across a clock change."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Annotated, Literal
from zoneinfo import ZoneInfo

from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.constraints import Doc, Integer
from chalicelib.domain.core.interval import Interval

FEWEST_TIMES, MOST_TIMES = 2, 52

_STEPS = {"day": timedelta(days=1), "week": timedelta(weeks=1)}


@dataclass(frozen=True)
class Repeat:
    """The same again every day or week: `times` in all, or `until` a date; one of the two."""

    every: Annotated[Literal["day", "week"], Doc("The next day, or the same weekday.", "week")]
    times: (
        Annotated[
            int,
            Integer(FEWEST_TIMES, MOST_TIMES),
            Doc("Dates in all, the first included.", 10),
        ]
        | None
    ) = None
    until: Annotated[date, Doc("The last date there may be, at the site.", "2026-12-31")] | None = (
        None
    )
    on_conflict: Annotated[
        Literal["refuse", "skip"],
        Doc("If some dates cannot be booked: refuse all, or skip these."),
    ] = "refuse"


def dates(first: Interval, repeat: Repeat, tz: ZoneInfo) -> tuple[date, ...]:
    """The local dates on which `first` begins, again and again, itself included. Raises Invalid
    for fewer than 2 or more than 52, and where one booking would run into the next.

    >>> from datetime import UTC
    >>> nine = datetime(2026, 11, 21, 9, tzinfo=UTC)
    >>> first, dublin = Interval(nine, nine + timedelta(hours=8)), localtime.zone("Europe/Dublin")
    >>> [str(on) for on in dates(first, Repeat("week", times=3), dublin)]
    ['2026-11-21', '2026-11-28', '2026-12-05']
    """
    step, begins = _STEPS[repeat.every], localtime.local_date(first.start, tz)
    _require_apart(first, step, tz)
    times = _times(repeat, begins, step)
    return tuple(begins + step * nth for nth in range(times))


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


def _require_apart(first: Interval, step: timedelta, tz: ZoneInfo) -> None:
    start, end = _walls(first, tz)
    if end <= start:
        raise errors.Invalid({"end": "by the clock it is not after start: clocks go back between"})
    if end - start > step:
        raise errors.Invalid({"repeat.every": "each booking must end before the next one begins"})


def _times(repeat: Repeat, begins: date, step: timedelta) -> int:
    if (repeat.times is None) == (repeat.until is None):
        raise errors.Invalid({"repeat.times": "give either times or until"})
    if repeat.times is not None:
        return repeat.times
    assert repeat.until is not None
    times = (repeat.until - begins) // step + 1
    if not FEWEST_TIMES <= times <= MOST_TIMES:
        limits = f"must make {FEWEST_TIMES} to {MOST_TIMES} dates"
        raise errors.Invalid({"repeat.until": limits})
    return times
