"""The days of a season pass, by the calendar of its site (docs/rules/passes.md, Days)."""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final
from zoneinfo import ZoneInfo

from chalicelib.domain.core import localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.sites.season_plan import SeasonPeriod

DAY: Final = timedelta(days=1)

_MONTHS: Final[dict[SeasonPeriod, int]] = {"monthly": 1, "quarterly": 3}


@dataclass(frozen=True, slots=True, order=True)
class Days:
    """The local days from `first` through `last`."""

    first: date
    last: date

    @property
    def count(self) -> int:
        return (self.last - self.first).days + 1


def last_day(first: date, period: SeasonPeriod) -> date:
    """The last day of a period that begins on `first`: a week has seven days; a month ends before
    the same day of the next one, or with that month where it has no such day.

    >>> [str(last_day(date(2027, 1, day), "monthly")) for day in (1, 15, 28, 29, 31)]
    ['2027-01-31', '2027-02-14', '2027-02-27', '2027-02-28', '2027-02-28']
    >>> str(last_day(date(2027, 1, 1), "weekly")), str(last_day(date(2026, 11, 30), "quarterly"))
    ('2027-01-07', '2027-02-28')
    """
    if period == "weekly":
        return first + 6 * DAY
    years, month = divmod(first.month - 1 + _MONTHS[period], 12)
    year, month = first.year + years, month + 1
    length = monthrange(year, month)[1]
    if first.day > length:
        return date(year, month, length)
    return date(year, month, first.day) - DAY


def valid_days(first: date, last: date, pauses: Iterable[Days]) -> tuple[Days, ...]:
    """The days from `first` through `last` without those of the pauses, in order."""
    return tuple(_between(first, last, sorted(pauses)))


def _between(first: date, last: date, pauses: Sequence[Days]) -> Iterator[Days]:
    for pause in pauses:
        if first < pause.first:
            yield Days(first, min(pause.first - DAY, last))
        first = max(first, pause.last + DAY)
    if first <= last:
        yield Days(first, last)


def span(days: Days, tz: ZoneInfo) -> Interval:
    """The time of the days at a site in `tz`."""
    return Interval(starts_at(days.first, tz), starts_at(days.last + DAY, tz))


def starts_at(day: date, tz: ZoneInfo) -> datetime:
    """The instant at which a day begins at a site in `tz`."""
    return localtime.from_minute(day, 0, tz)
