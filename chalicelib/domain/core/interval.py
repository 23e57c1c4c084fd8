"""Half-open spans of time `[start, end)` between two UTC instants (docs/rules/lifecycle.md,
Time)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

_MINUTE = timedelta(minutes=1)
_SECOND = timedelta(seconds=1)
_INSTANT = timedelta.resolution
_DAY = timedelta(days=1)


@dataclass(frozen=True, slots=True, order=True)
class Interval:
    """The time from `start` up to but not at `end`; ValueError unless both are UTC and in order."""

    start: datetime
    end: datetime

    def __post_init__(self) -> None:
        if self.start.utcoffset() != timedelta(0) or self.end.utcoffset() != timedelta(0):
            raise ValueError("an interval lies between two UTC instants")
        if not self.start < self.end:
            raise ValueError("an interval must end after it starts")

    @classmethod
    def of_stay(cls, start: datetime, end: datetime) -> Interval:
        """Return the stay from `start` to `end`; one left in the second it began lasts a second."""
        return cls(start, max(end, start + _SECOND))

    @property
    def duration(self) -> timedelta:
        """Elapsed time."""
        return self.end - self.start

    @property
    def minutes(self) -> int:
        """Elapsed whole minutes, a minute begun counting as one."""
        return -(-self.duration // _MINUTE)

    def overlaps(self, other: Interval) -> bool:
        """Whether the two share an instant; intervals that only touch do not."""
        return self.start < other.end and other.start < self.end

    def contains(self, instant: datetime) -> bool:
        """Whether `instant` lies in the interval; its end does not."""
        return self.start <= instant < self.end

    def ending(self, at: datetime) -> Interval:
        """Return the interval with another end; ValueError where that is not after its start."""
        return Interval(self.start, at)

    def starting(self, at: datetime) -> Interval:
        """Return the interval with another start; ValueError where that is not before its end."""
        return Interval(at, self.end)


def utc_days(interval: Interval) -> tuple[date, ...]:
    """Return the UTC calendar days that `interval` touches, in order.

    >>> from datetime import UTC
    >>> night = Interval(datetime(2026, 11, 21, 23, tzinfo=UTC), datetime(2026, 11, 22, tzinfo=UTC))
    >>> [str(day) for day in utc_days(night)]
    ['2026-11-21']
    """
    first, last = interval.start.date(), (interval.end - _INSTANT).date()
    return tuple(first + _DAY * number for number in range((last - first).days + 1))


def gaps(within: Interval, taken: Iterable[Interval]) -> tuple[Interval, ...]:
    """Return the parts of `within` that no interval of `taken` covers, in order.

    >>> from datetime import UTC
    >>> hour = lambda h: datetime(2026, 11, 21, h, tzinfo=UTC)
    >>> day = Interval(hour(8), hour(20))
    >>> [(gap.start.hour, gap.end.hour) for gap in gaps(day, [Interval(hour(9), hour(12))])]
    [(8, 9), (12, 20)]
    """
    free, cursor = [], within.start
    for busy in sorted(each for each in taken if each.overlaps(within)):
        if cursor < busy.start:
            free.append(Interval(cursor, busy.start))
        cursor = max(cursor, busy.end)
    if cursor < within.end:
        free.append(Interval(cursor, within.end))
    return tuple(free)
