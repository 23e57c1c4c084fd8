"""EventBridge on the movable clock: each sweep runs when its next tick has passed."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any

from local.clock import MovableClock
from local.invocation import EVENT_SECONDS, Context, scheduled_event

log = logging.getLogger("local.schedules")

Handler = Callable[[dict[str, Any], Context], Any]

QUIET_SECONDS = 15.0
"""Real seconds for which the clock stands still before a due sweep runs: a script that moves the
clock and runs a sweep by hand is then alone with it."""


class Schedules:
    """Fires each of `handlers` every so many minutes (`every`), on a thread or by `tick`."""

    def __init__(
        self,
        clock: MovableClock,
        every: Mapping[str, int],
        handlers: Mapping[str, Handler],
        region: str,
    ) -> None:
        self._clock = clock
        self._every = {name: timedelta(minutes=minutes) for name, minutes in every.items()}
        self._handlers = handlers
        self._region = region
        self._next: dict[str, datetime] = {}
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="schedules", daemon=True)
        self.restart()

    def start(self, *, overdue: bool = False) -> None:
        """Begin to fire on a thread; with `overdue`, fire every sweep at once first."""
        if overdue:
            self._next = dict.fromkeys(self._every, self._clock.now())
        self._thread.start()

    def stop(self) -> None:
        """Let the running sweep end, and start no other."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def restart(self) -> None:
        """Count every schedule from now."""
        now = self._clock.now()
        self._next = {name: _next_tick(now, period) for name, period in self._every.items()}

    def tick(self) -> list[str]:
        """Fire what is due, unless the clock was moved a moment ago; return the names."""
        still_for = self._clock.still_for
        if still_for is not None and still_for < QUIET_SECONDS:
            return []
        now = self._clock.now()
        fired = [name for name in self._every if self._is_due(name, now)]
        for name in fired:
            self._next[name] = _next_tick(now, self._every[name])
            self._fire_safely(name)
        return fired

    def fire(self, name: str) -> Any:
        """Call a sweep as EventBridge does, and return what it returns."""
        event = scheduled_event(name, self._clock.now(), self._region)
        return self._handlers[name](event, Context(f"berth-local-{name}", EVENT_SECONDS))

    def _fire_safely(self, name: str) -> None:
        try:
            self.fire(name)
        except Exception:
            log.exception("the sweep %s failed", name)

    def _is_due(self, name: str, now: datetime) -> bool:
        if self._next[name] - now > self._every[name]:  # the clock was moved back
            self._next[name] = _next_tick(now, self._every[name])
        return now >= self._next[name]

    def _run(self) -> None:
        self.tick()
        while not self._stop.wait(1):
            self.tick()


def _next_tick(now: datetime, period: timedelta) -> datetime:
    """The first whole multiple of `period` after `now`.

    >>> _next_tick(datetime(2026, 11, 21, 12, 15, tzinfo=UTC), timedelta(minutes=15)).minute
    30
    """
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return epoch + ((now - epoch) // period + 1) * period
