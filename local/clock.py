"""A clock that can be moved: real time plus an offset, in whole seconds."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta

_FIRST = datetime(2000, 1, 1, tzinfo=UTC)
_LAST = datetime(2200, 1, 1, tzinfo=UTC)


class ClockRangeError(ValueError):
    """A move would take the clock out of the years 2000 to 2199."""


class MovableClock:
    """Real time plus an offset, `offset` seconds to begin with. `keep` stores each new offset
    before the clock moves; what it raises leaves the clock as it is. `real` (aware UTC) and
    `steady` (seconds) are for tests."""

    def __init__(
        self,
        real: Callable[[], datetime] = lambda: datetime.now(UTC),
        steady: Callable[[], float] = time.monotonic,
        *,
        offset: int = 0,
        keep: Callable[[int], None] = lambda _: None,
    ) -> None:
        self._lock = threading.Lock()
        self._real = real
        self._steady = steady
        self._keep = keep
        self._offset = timedelta(seconds=offset)
        self._moved_at: float | None = None

    def now(self) -> datetime:
        """The moved time: aware UTC, whole seconds."""
        with self._lock:
            return self._now()

    @property
    def offset_seconds(self) -> int:
        """How far the clock stands from real time."""
        with self._lock:
            return int(self._offset.total_seconds())

    @property
    def still_for(self) -> float | None:
        """Real seconds since the clock was last moved by hand; None where it never was."""
        with self._lock:
            return None if self._moved_at is None else self._steady() - self._moved_at

    def advance(self, seconds: int) -> datetime:
        """Move by `seconds` (negative: back) and return the new time. Raises ClockRangeError."""
        with self._lock:
            try:
                return self._move_to(self._now() + timedelta(seconds=seconds))
            except OverflowError:
                raise ClockRangeError from None

    def set(self, instant: datetime) -> datetime:
        """Move to `instant` (aware) and return it. Raises ClockRangeError."""
        with self._lock:
            return self._move_to(instant.astimezone(UTC).replace(microsecond=0))

    def reset(self) -> None:
        """Back to real time."""
        with self._lock:
            self._shift_to(timedelta(0))
            self._moved_at = None

    def _now(self) -> datetime:
        return (self._real() + self._offset).replace(microsecond=0)

    def _move_to(self, instant: datetime) -> datetime:
        if not _FIRST <= instant < _LAST:
            raise ClockRangeError
        self._shift_to(self._offset + (instant - self._now()))
        self._moved_at = self._steady()
        return instant

    def _shift_to(self, offset: timedelta) -> None:
        self._keep(int(offset.total_seconds()))
        self._offset = offset
