"""Sweeps: scheduled functions that apply deadlines and deliver effects (docs/operate/sweeps.md).

A sweep reads the due items from an index and processes each through the service that a read uses.
A failed item does not stop the others, one that keeps failing is parked, and the sweep stops before
its time is up: the next run continues with the rest. Parallel runs are safe, because each write is
conditional.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass
from typing import Annotated, Final

from chalicelib.domain.bookings.deadline import SWEEP_OF
from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.constraints import Doc, UtcInstant
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.sweep_report import MOST_SHOWN, Affected, SweepReport
from chalicelib.sweeps import deadlines
from chalicelib.sweeps.schedules import SCHEDULES

log = logging.getLogger("berth")

BUDGET: Final = 45.0
"""Seconds of a run at most: Lambda stops the function after sixty."""


UNLOGGED: Final = frozenset({"affected", "timestamp"})
"""Fields that the line in the log does not repeat: the bookings, and its own time."""


@dataclass(frozen=True)
class Summary:
    """The result of one run: counts of items. `parked` ones wait for a person. `more`: the time was
    up before the work was done. `sent`, `cancelled` and `expired` are the counts of the replaced
    systems: reminders, bookings cancelled by time, and bookings, offers and wishes that have
    expired."""

    sweep: str
    due: int
    done: int
    skipped: int
    failed: int
    parked: int
    more: bool
    dry_run: bool
    sent: int
    cancelled: int
    expired: int
    timestamp: Annotated[UtcInstant, Doc("The instant of the run.")]
    affected: Annotated[
        tuple[Affected, ...],
        Doc(f"A dry run: what the sweep would handle, the first {MOST_SHOWN} by deadline."),
    ]


def run(
    deps: Deps,
    name: str,
    *,
    dry_run: bool = False,
    budget: float = BUDGET,
    timer: Callable[[], float] = time.monotonic,
) -> Summary:
    """Run a sweep within `budget` seconds and log its summary. With `dry_run` only name the due
    items. Raises SweepNotFound."""
    if name not in SCHEDULES:
        raise errors.SweepNotFound()
    now = deps.now()
    stop_at = timer() + budget
    report = _sweep(deps, name, dry_run=dry_run, out_of_time=lambda: timer() >= stop_at)
    summary = Summary(
        sweep=name,
        due=report.due,
        done=report.done,
        skipped=report.skipped,
        failed=report.failed,
        parked=report.parked,
        more=report.more,
        dry_run=dry_run,
        sent=report.sent,
        cancelled=report.cancelled,
        expired=report.expired,
        timestamp=localtime.iso(now),
        affected=tuple(report.affected),
    )
    log.info("sweep", extra={k: v for k, v in asdict(summary).items() if k not in UNLOGGED})
    return summary


def _sweep(deps: Deps, name: str, *, dry_run: bool, out_of_time: Callable[[], bool]) -> SweepReport:
    if name in SWEEP_OF.values():
        return deadlines.sweep(deps, name, dry_run=dry_run, out_of_time=out_of_time)
    if name == "reconcile":
        from chalicelib.services.payments import reconcile
        from chalicelib.services.season_passes import due

        report = reconcile.sweep(deps, dry_run=dry_run, out_of_time=out_of_time)
        return due.sweep(deps, report, dry_run=dry_run, out_of_time=out_of_time)
    if name == "books":
        from chalicelib.services.operations import day_books

        return day_books.sweep(deps, dry_run=dry_run, out_of_time=out_of_time)
    from chalicelib.services.delivery import outbox

    return outbox.sweep_due(deps, dry_run=dry_run, out_of_time=out_of_time)
