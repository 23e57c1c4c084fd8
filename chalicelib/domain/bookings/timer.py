"""The booking timer (docs/rules/lifecycle.md, The timer): what a client shows, judged by the
server's clock alone."""

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
    """The timer of a stay that ends at `end`; `over` when the booking is in a final state.

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
