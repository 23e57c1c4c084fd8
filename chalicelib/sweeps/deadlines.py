"""The sweeps over bookings and waitlist entries: settle all records that are due."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.services.bookings import settle
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.sweep_report import SweepReport
from chalicelib.services.waitlist import offers
from chalicelib.store.due import Due

log = logging.getLogger("berth")

PAGE = 100
"""Index entries per query: some 70 kB."""


def sweep(deps: Deps, name: str, *, dry_run: bool, out_of_time: Callable[[], bool]) -> SweepReport:
    """Settle the due records of the sweep `name`: one query per page, one transaction per
    record."""
    report = SweepReport()
    for due in _due(deps, name):
        if out_of_time():
            report.more = True
            break
        report.due += 1
        if not dry_run:
            _process(deps, due, report)
    return report


def _due(deps: Deps, name: str) -> Iterator[Due]:
    now = deps.now()
    for shard in range(deps.deadlines.shards):
        page = deps.deadlines.due(name, shard=shard, now=now, limit=PAGE)
        yield from page
        while len(page) == PAGE:
            page = deps.deadlines.due(name, shard=shard, now=now, limit=PAGE, after=page[-1])
            yield from page


def _process(deps: Deps, due: Due, report: SweepReport) -> None:
    try:
        _settle(deps, due.record())
        report.done += 1
    except errors.StaleVersion:
        report.skipped += 1
    except errors.Unavailable:
        log.warning("sweep item deferred", extra={"key": "".join(due.key)})
        report.failed += 1
    except Exception:
        log.exception("sweep item failed", extra={"key": "".join(due.key)})
        report.failed += 1
        report.parked += _count_failure(deps, due)


def _settle(deps: Deps, record: Booking | Entry) -> None:
    if isinstance(record, Entry):
        offers.settled(deps, record)
    else:
        settle.settled(deps, record, source="sweep")


def _count_failure(deps: Deps, due: Due) -> bool:
    """Count a failure of the record. True where it is parked now. Ignored while DynamoDB is
    unavailable."""
    try:
        return deps.deadlines.count_failure(due)
    except errors.Unavailable:
        return False
