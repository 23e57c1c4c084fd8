"""The time of the tests: it stands still until a test moves it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

NOON = datetime(2026, 11, 21, 6, 30, tzinfo=UTC)
"""Saturday 21 November 2026, 12:00 in Kolkata."""


class Clock:
    """A clock whose hands the test holds."""

    def __init__(self) -> None:
        self._now = NOON

    def now(self) -> datetime:
        return self._now

    def move(self, **delta: float) -> datetime:
        """Move on, as `timedelta(**delta)` says, and tell the time."""
        self._now += timedelta(**delta)
        return self._now

    def set(self, instant: datetime) -> None:
        self._now = instant

    def reset(self) -> None:
        self._now = NOON
