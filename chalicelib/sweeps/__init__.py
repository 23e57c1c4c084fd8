"""The scheduled functions that keep every promise on time (docs/operate/sweeps.md).

A sweep takes what is due from an index, carries each item out through the same service a read
would, isolates each from the others, parks one that keeps failing, and stops before its time is
up: what is left is the first thing the next run finds. Two at once are safe because the writes are.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Final

from chalicelib.domain.bookings.deadline import SWEEP_OF
from chalicelib.domain.core import errors
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.sweep_report import SweepReport
from chalicelib.sweeps import deadlines

log = logging.getLogger("berth")

SCHEDULES: Final = {
    "auto-checkout": 15,
    "expire-bookings": 5,
    "reminders": 60,
    "auto-cancel": 30,
    "waitlist-expiry": 5,
    "outbox": 5,
}
"""Every sweep and how many minutes lie between two runs."""

BUDGET: Final = 45.0
"""Seconds a run may take: its function is stopped after sixty."""


@dataclass(frozen=True)
class Summary:
    """What one run found and did. `parked` items wait for a person; `more` is left for the next
    run because the time was up."""

    sweep: str
    due: int
    done: int
    skipped: int
    failed: int
    parked: int
    more: bool
    dry_run: bool


def run(
    deps: Deps,
    name: str,
    *,
    dry_run: bool = False,
    budget: float = BUDGET,
    timer: Callable[[], float] = time.monotonic,
) -> Summary:
    """Run a sweep within `budget` seconds and log its summary. With `dry_run` nothing is done.
    Raises SweepNotFound."""
    if name not in SCHEDULES:
        raise errors.SweepNotFound()
    stop_at = timer() + budget
    tally = _sweep(deps, name, dry_run=dry_run, out_of_time=lambda: timer() >= stop_at)
    summary = Summary(
        sweep=name,
        due=tally.due,
        done=tally.done,
        skipped=tally.skipped,
        failed=tally.failed,
        parked=tally.parked,
        more=tally.more,
        dry_run=dry_run,
    )
    log.info("sweep", extra=asdict(summary))
    return summary


def _sweep(deps: Deps, name: str, *, dry_run: bool, out_of_time: Callable[[], bool]) -> SweepReport:
    if name in SWEEP_OF.values():
        return deadlines.sweep(deps, name, dry_run=dry_run, out_of_time=out_of_time)
    from chalicelib.services.delivery import outbox

    return outbox.sweep_due(deps, dry_run=dry_run, out_of_time=out_of_time)
