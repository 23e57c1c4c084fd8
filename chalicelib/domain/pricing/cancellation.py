"""The cancellation terms of a tariff: until when how much comes back (docs/rules/refunds.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import pairwise
from typing import Final
from zoneinfo import ZoneInfo

from chalicelib.domain.core import localtime
from chalicelib.domain.core.sentence import Fault, say

MOST_DEADLINES: Final = 12
EARLIEST_DAY: Final = 365
"""The most days before the start that a deadline can lie."""


@dataclass(frozen=True, slots=True)
class CancelDeadline:
    """Until the local minute `until` of the day `days_before` the date of the start, `percent` of
    the amount paid comes back."""

    days_before: int
    until: int
    percent: int

    def __post_init__(self) -> None:
        if not 0 <= self.days_before <= EARLIEST_DAY:
            raise Fault(say("must_lie_before_start", most=EARLIEST_DAY))
        if not 0 <= self.until <= localtime.MINUTES_A_DAY:
            raise Fault(say("must_lie_within_a_day"))
        if not 1 <= self.percent <= 100:
            raise Fault(say("must_give_back_percent"))

    @property
    def order(self) -> tuple[int, int]:
        """Sorts an earlier deadline before a later one."""
        return -self.days_before, self.until

    def at(self, start: datetime, tz: ZoneInfo) -> datetime:
        """Its instant for a booking that begins at `start`, never after the start.

        >>> start = localtime.parse_instant("2026-11-21T04:30:00Z")
        >>> localtime.iso(CancelDeadline(1, 18 * 60, 50).at(start, localtime.zone("Asia/Kolkata")))
        '2026-11-20T12:30:00Z'
        """
        day = localtime.local_date(start, tz) - timedelta(days=self.days_before)
        return min(localtime.from_minute(day, self.until, tz), start)


@dataclass(frozen=True, slots=True)
class CancellationTerms:
    """Deadlines in order, each with a lower percentage than the one before, and the amount `kept`
    of every refund in minor units. After the last deadline nothing comes back."""

    deadlines: tuple[CancelDeadline, ...]
    kept: int = 0

    def __post_init__(self) -> None:
        if not 1 <= len(self.deadlines) <= MOST_DEADLINES or self.kept < 0:
            raise ValueError(f"must have 1 to {MOST_DEADLINES} deadlines and keep no less than 0")
        if out_of_order(self.deadlines) is not None:
            raise ValueError("each deadline must be later and give back less than the one before")

    def current(self, start: datetime, tz: ZoneInfo, *, now: datetime) -> CancelDeadline | None:
        """The first deadline that is not over at `now`, its instant included; None after all of
        them."""
        return next((each for each in self.deadlines if now <= each.at(start, tz)), None)


def out_of_order(deadlines: tuple[CancelDeadline, ...]) -> int | None:
    """The position of the first deadline that is not later, or gives back no less, than the one
    before it; None where all are in order."""
    for at, (before, after) in enumerate(pairwise(deadlines), start=1):
        if after.order <= before.order or after.percent >= before.percent:
            return at
    return None
