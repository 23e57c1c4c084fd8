"""The sweeps over bookings and waitlist entries: settle all records that are due."""

from __future__ import annotations

import logging
from collections.abc import Callable, Iterator
from datetime import datetime

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors, localtime
from chalicelib.domain.waitlist.entry import Entry, EntryStatus
from chalicelib.services.bookings import settle
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.sweep_report import Affected, SweepReport
from chalicelib.services.waitlist import offers
from chalicelib.store.due import Due

log = logging.getLogger("berth")

PAGE = 100
"""Index entries per query: some 70 kB."""


def sweep(deps: Deps, name: str, *, dry_run: bool, out_of_time: Callable[[], bool]) -> SweepReport:
    """Settle the due records of the sweep `name`: one query per page, one transaction per
    record. With `dry_run` only name them."""
    report = SweepReport()
    for due in _due(deps, name):
        if out_of_time():
            report.more = True
            break
        report.due += 1
        if dry_run:
            _show(due, report)
        else:
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
        before = due.record()
        _count(report, before, _settled(deps, before))
    except errors.StaleVersion:
        report.skipped += 1
    except errors.Unavailable:
        log.warning("sweep item deferred", extra={"key": "".join(due.key)})
        report.failed += 1
    except Exception:
        log.exception("sweep item failed", extra={"key": "".join(due.key)})
        report.failed += 1
        report.parked += _count_failure(deps, due)


def _show(due: Due, report: SweepReport) -> None:
    try:
        record = due.record()
    except Exception:
        log.exception("sweep item cannot be read", extra={"key": "".join(due.key)})
        report.failed += 1
        return
    assert record.deadline is not None
    report.show(
        Affected(
            step=record.deadline.kind.value,
            subject=record.holder,
            booking_id=None if isinstance(record, Entry) else record.booking_id,
            start=localtime.iso(_start(record)),
            since=localtime.iso(record.deadline.at),
        )
    )


def _start(record: Booking | Entry) -> datetime:
    if isinstance(record, Entry):
        return record.interval.start
    return record.actual_start or record.booked.start


def _settled(deps: Deps, record: Booking | Entry) -> Booking | Entry:
    if isinstance(record, Entry):
        return offers.settled(deps, record)
    return settle.settled(deps, record, source="sweep")


def _count(report: SweepReport, before: Booking | Entry, after: Booking | Entry) -> None:
    report.done += 1
    if isinstance(after, Entry):
        report.expired += after.status is EntryStatus.EXPIRED
        return
    assert isinstance(before, Booking)
    report.sent += _reminded(after) and not _reminded(before)
    if after.status is before.status:
        return
    report.cancelled += after.status is Status.CANCELLED
    report.expired += after.status is Status.EXPIRED


def _reminded(booking: Booking) -> bool:
    return booking.confirmation is not None and booking.confirmation.reminded_at is not None


def _count_failure(deps: Deps, due: Due) -> bool:
    """Count a failure of the record. True where it is parked now. Ignored while DynamoDB is
    unavailable."""
    try:
        return deps.deadlines.count_failure(due)
    except errors.Unavailable:
        return False
