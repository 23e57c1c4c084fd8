"""The sweeps over bookings and waitlist entries: whatever the due index lists by now is settled."""

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
"""Entries of the index read at a time: some 70 kB."""


def sweep(deps: Deps, name: str, *, dry_run: bool, out_of_time: Callable[[], bool]) -> SweepReport:
    """Settle what is due for the sweep `name`: one query a page, one transaction an item."""
    tally = SweepReport()
    for due in _due(deps, name):
        if out_of_time():
            tally.more = True
            break
        tally.due += 1
        if not dry_run:
            _handle(deps, due, tally)
    return tally


def _due(deps: Deps, name: str) -> Iterator[Due]:
    now = deps.now()
    for shard in range(deps.deadlines.shards):
        page = deps.deadlines.due(name, shard=shard, now=now, limit=PAGE)
        yield from page
        while len(page) == PAGE:
            page = deps.deadlines.due(name, shard=shard, now=now, limit=PAGE, after=page[-1])
            yield from page


def _handle(deps: Deps, due: Due, tally: SweepReport) -> None:
    try:
        _settle(deps, due.record())
        tally.done += 1
    except errors.StaleVersion:
        tally.skipped += 1
    except errors.Unavailable:
        log.warning("sweep item put off", extra={"key": "".join(due.key)})
        tally.failed += 1
    except Exception:
        log.exception("sweep item failed", extra={"key": "".join(due.key)})
        tally.failed += 1
        tally.parked += _parked(deps, due)


def _settle(deps: Deps, record: Booking | Entry) -> None:
    if isinstance(record, Entry):
        offers.settled(deps, record)
    else:
        settle.settled(deps, record, source="sweep")


def _parked(deps: Deps, due: Due) -> bool:
    """Count a failure that is the booking's own fault. What DynamoDB cannot do just now is none."""
    try:
        return deps.deadlines.count_failure(due)
    except errors.Unavailable:
        return False
