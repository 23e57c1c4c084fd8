"""The timer that clients show for a booking, by the clock of the server (docs/rules/lifecycle.md,
The timer)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

EXPIRING_SOON = timedelta(minutes=5)


@dataclass(frozen=True)
class Timer:
    """`remaining` in whole seconds, never below zero; `soon` in the last five minutes."""

    remaining: int
    expired: bool
    soon: bool


def read(*, end: datetime, over: bool, now: datetime) -> Timer:
    """The timer of a booking that ends at `end`; `over` if its status is final.

    >>> from datetime import UTC
    >>> end = datetime(2026, 11, 21, 12, tzinfo=UTC)
    >>> read(end=end, over=False, now=end - timedelta(minutes=4))
    Timer(remaining=240, expired=False, soon=True)
    >>> read(end=end, over=False, now=end)
    Timer(remaining=0, expired=True, soon=False)
    """
    left = end - now
    expired = over or left <= timedelta(0)
    remaining = 0 if expired else int(left.total_seconds())
    return Timer(remaining, expired, not expired and left < EXPIRING_SOON)
