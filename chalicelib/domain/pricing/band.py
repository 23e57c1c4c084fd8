"""Bands of a tariff: a rate for some hours of some weekdays (docs/rules/billing.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from chalicelib.domain.core import localtime
from chalicelib.domain.core.sentence import Fault, say

Weekdays = tuple[int, ...]
"""Weekdays in order, from 0 (Monday) to 6."""

EVERY_DAY: Final[Weekdays] = tuple(range(7))


@dataclass(frozen=True, slots=True)
class Band:
    """A rate for the local minutes `[start_minute, end_minute)` of some weekdays. A band may span
    midnight: it belongs to the weekday on which it begins."""

    start_minute: int
    end_minute: int
    rate: int
    days: Weekdays = EVERY_DAY

    def __post_init__(self) -> None:
        if not 0 <= self.start_minute < localtime.MINUTES_A_DAY >= self.end_minute >= 0:
            raise Fault(say("must_lie_within_a_day"))
        if self.start_minute == self.end_minute:
            raise Fault(say("must_not_end_as_it_starts"))
        if self.rate < 0:
            raise Fault(say("must_not_be_negative"))
        if not self.days or self.days != tuple(day for day in EVERY_DAY if day in self.days):
            raise ValueError("must have weekdays from 0 to 6 in order")

    @property
    def is_all_day(self) -> bool:
        """Whether it lasts from midnight to midnight."""
        return (self.start_minute, self.end_minute) == (0, localtime.MINUTES_A_DAY)

    def contains(self, weekday: int, minute: int) -> bool:
        """Whether the local minute of a day of that weekday is in the band.

        >>> friday_night = Band(21 * 60, 6 * 60, 3000, (4,))
        >>> friday_night.contains(5, 0), friday_night.contains(4, 0)
        (True, False)
        """
        if self.start_minute < self.end_minute:
            return weekday in self.days and self.start_minute <= minute < self.end_minute
        tonight = weekday in self.days and minute >= self.start_minute
        return tonight or ((weekday - 1) % 7 in self.days and minute < self.end_minute)

    def overlaps(self, other: Band) -> bool:
        """Whether both bands have a minute of the week in common."""
        return self._begins_in(other) or other._begins_in(self)

    def _begins_in(self, other: Band) -> bool:
        return any(other.contains(day, self.start_minute) for day in self.days)

    def text(self) -> str:
        """The times as guests read them.

        >>> Band(540, 1080, 5000).text(), Band(1080, 360, 5000, (4, 5)).text()
        ('09:00–18:00', 'Fri–Sat 18:00–06:00')
        """
        ends = localtime.minute_text(self.start_minute), localtime.minute_text(self.end_minute)
        return "–".join(ends) if self.days == EVERY_DAY else f"{self.days_text()} {'–'.join(ends)}"

    def days_text(self) -> str:
        """The weekdays as guests read them.

        >>> Band(0, 1440, 5000, (0, 1, 2, 4, 6)).days_text()
        'Mon–Wed, Fri, Sun'
        """
        return ", ".join(map(_run_text, _runs(self.days)))


DEFAULT_BANDS = (
    Band(6 * 60, 9 * 60, 8000),
    Band(9 * 60, 18 * 60, 5000),
    Band(18 * 60, 21 * 60, 7000),
    Band(21 * 60, 6 * 60, 3000),
)
"""The bands of docs/rules/billing.md, for tariffs in INR with `"bands": "default"`."""


def overlap(bands: Sequence[Band]) -> tuple[int, int] | None:
    """The positions of the first two bands that share a minute of the week; None if none do."""
    for second, band in enumerate(bands):
        for first in range(second):
            if band.overlaps(bands[first]):
                return first, second
    return None


def _runs(days: Weekdays) -> Iterable[list[int]]:
    """The weekdays in runs of consecutive ones."""
    for _, run in groupby(enumerate(days), key=lambda each: each[1] - each[0]):
        yield [day for _, day in run]


def _run_text(run: Sequence[int]) -> str:
    first, last = (localtime.WEEKDAYS[day].title() for day in (run[0], run[-1]))
    return first if len(run) == 1 else f"{first}–{last}"
