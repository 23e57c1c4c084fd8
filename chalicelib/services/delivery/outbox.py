"""Delivery of effects from the outbox: at once by the stream of the table, or later by the sweep.

Each effect reads its subject again at its delivery. An outdated effect, and a mail its reader has
unsubscribed from, is dropped; no mail is sent to an address that bounced. A mail about a change
waits a minute for further changes, in the batch of its step (`effect.WAIT`). A failed effect is
tried again with growing pauses, and parked for a person after the fifth attempt. Delivery is at
least once: a mail that arrives twice has the same effect id. The delivery of a reminder, or its
failure, is written to its booking, which waits for an answer only to a mail that was sent. An offer
whose mail fails is offered to the next in the queue.

Webhook calls have a lane of their own, with their own function at the stream. The sweep makes them
last, several in parallel.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import takewhile
from typing import Final

from chalicelib.domain.core import ids, localtime
from chalicelib.domain.core.effect import Effect
from chalicelib.domain.realtime.webhook import site_of
from chalicelib.services.core import parallel
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.sweep_report import Affected, SweepReport
from chalicelib.services.delivery import effects
from chalicelib.services.mail import bounces
from chalicelib.store.outbox import CALLS, LANES, STREAM_LEASE, WAITING, Batch

__all__ = ["STREAM_LEASE", "Outcome", "calls_from_stream", "deliver", "from_stream", "sweep_due"]

log = logging.getLogger("berth")

MOST_TRIES: Final = 5
"""Attempts to deliver a batch. After the last one it is parked."""

DELIVERY_LEASE: Final = timedelta(seconds=120)
"""The lease on a batch for one attempt: much longer than the attempt takes."""

HEAD_START: Final = timedelta(seconds=45)
"""The stream delivers a new batch without a write where its lease lasts at least this long."""

FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=1)
"""Pauses between attempts: each is four times the one before, up to the longest."""

PAGE: Final = 25
"""Batches per query."""

WORKERS: Final = 3
"""Threads of a sweep. A mail takes a sixth of a second, mostly waiting for SES, so three threads
deliver 500 in half a minute: little more than the 14 per second that SES accepts from a new
account."""

CALL_WORKERS: Final = 6
"""Sites whose webhooks are called in parallel, and parallel calls of one event: a call only
waits."""

CALL_BUDGET: Final = 30.0
"""Seconds in which the function at the stream begins calls. The last ones take twenty more, and
Lambda stops the function after sixty."""


class Outcome(StrEnum):
    """The outcome of one attempt to deliver a batch."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    PARKED = "parked"


def from_stream(deps: Deps, batch_id: str, *, lane: str = WAITING) -> Outcome:
    """Deliver a new batch of the stream: one read, and a delete when done. Never raises. SKIPPED
    where it is gone or leased to a sweep."""
    try:
        batch = _leased_to_stream(deps, deps.outbox.get(batch_id, lane))
        return Outcome.SKIPPED if batch is None else deliver(deps, batch)
    except Exception:
        log.exception("delivery from the stream failed", extra={"batch": batch_id})
        return Outcome.FAILED


def calls_from_stream(
    deps: Deps, batch_ids: Iterable[str], *, timer: Callable[[], float] = time.monotonic
) -> None:
    """Make the new webhook calls of the stream within `CALL_BUDGET`; the sweep makes the others.
    Calls of one site are made in order, sites in parallel. Raises Unavailable where a batch cannot
    be read."""
    stop_at = timer() + CALL_BUDGET

    def deliver_in_order(ids: list[str]) -> None:
        for batch_id in takewhile(lambda _: timer() < stop_at, ids):
            from_stream(deps, batch_id, lane=CALLS)

    by_site = _by_site(filter(None, [deps.outbox.get(each, CALLS) for each in batch_ids]))
    parallel.exhaust(parallel.map(by_site, deliver_in_order, CALL_WORKERS))


def _by_site(batches: Iterable[Batch]) -> Iterable[list[str]]:
    """The ids of batches of webhook calls, grouped by site."""
    sites = defaultdict[str, list[str]](list)
    for batch in batches:
        sites[site_of(batch.effects[0].subject_id)].append(batch.batch_id)
    return sites.values()


def _leased_to_stream(deps: Deps, batch: Batch | None) -> Batch | None:
    """The batch with a lease of the stream. A new batch has one, which is renewed where it ends
    soon; None for a batch that is gone, that a sweep has attempted, or whose effects all wait."""
    if batch is None or batch.attempts or not batch.ripe(deps.now()):
        return None
    now = deps.now()
    if batch.not_before - now < HEAD_START:
        return deps.outbox.lease(batch, now + DELIVERY_LEASE)
    return replace(batch, attempts=1)


def sweep_due(
    deps: Deps, *, dry_run: bool, out_of_time: Callable[[], bool], workers: int = WORKERS
) -> SweepReport:
    """Deliver all batches without a lease, `workers` in parallel, webhook calls last. Cost: one
    query per page, one lease per batch. With `dry_run` only name them."""
    report = SweepReport()
    for lane in LANES:
        batches = _until_out_of_time(_due(deps, lane), report, out_of_time)
        if dry_run:
            for batch in batches:
                _show(deps, batch, report)
            continue
        threads = CALL_WORKERS if lane == CALLS else workers
        for outcome in parallel.map(batches, partial(_lease_and_deliver, deps), threads):
            _count(report, outcome)
    return report


def _show(deps: Deps, batch: Batch, report: SweepReport) -> None:
    for effect in batch.ripe(deps.now()):
        is_booking = ids.booking_key(effect.subject_id) is not None
        report.show(
            Affected(
                step=f"{effect.kind}:{effect.name}",
                subject=effect.subject_id,
                booking_id=effect.subject_id if is_booking else None,
                start=None,
                since=localtime.iso(
                    max(batch.not_before, ids.made_at(batch.batch_id) + effect.wait)
                ),
            )
        )


def _until_out_of_time(
    batches: Iterator[Batch], report: SweepReport, out_of_time: Callable[[], bool]
) -> Iterator[Batch]:
    """Yield and count the batches until the time is up."""
    for batch in batches:
        if out_of_time():
            report.more = True
            return
        report.due += 1
        yield batch


def _due(deps: Deps, lane: str) -> Iterator[Batch]:
    now = deps.now()
    page = deps.outbox.due(now, limit=PAGE, lane=lane)
    yield from page
    while len(page) == PAGE:
        page = deps.outbox.due(now, limit=PAGE, after=page[-1], lane=lane)
        yield from page


def _lease_and_deliver(deps: Deps, batch: Batch) -> Outcome:
    try:
        leased = deps.outbox.lease(batch, deps.now() + DELIVERY_LEASE)
        return Outcome.SKIPPED if leased is None else deliver(deps, leased)
    except Exception:
        log.exception("delivery failed", extra={"batch": batch.batch_id})
        return Outcome.FAILED


def _count(report: SweepReport, outcome: Outcome) -> None:
    report.done += outcome is Outcome.DONE
    report.skipped += outcome is Outcome.SKIPPED
    report.failed += outcome in (Outcome.FAILED, Outcome.PARKED)
    report.parked += outcome is Outcome.PARKED


def deliver(deps: Deps, batch: Batch) -> Outcome:
    """Deliver each effect of a batch that is leased to the caller, independently of the others;
    retry the failed ones later, or park them; keep those that still wait. Attempts are counted at
    their start, so a batch whose function keeps dying is parked too."""
    if batch.attempts > MOST_TRIES:
        return _park(deps, batch, batch.effects, batch.error or "delivery never came to an end")
    ripe = batch.ripe(deps.now())
    waiting = tuple(effect for effect in batch.effects if effect not in ripe)
    failures = [failure for failure in _failures(deps, replace(batch, effects=ripe)) if failure]
    if not failures:
        return _done_but(deps, batch, waiting)
    failed = tuple(failure.effect for failure in failures)
    reason = "; ".join(dict.fromkeys(failure.reason for failure in failures))
    is_last = batch.attempts == MOST_TRIES or all(failure.final for failure in failures)
    if is_last and not waiting:
        return _park(deps, batch, failed, reason)
    later = _next_attempt(deps, batch, max(failure.retry_after for failure in failures))
    kept = deps.outbox.retry(batch, (*failed, *waiting), not_before=later, error=reason)
    return Outcome.FAILED if kept else Outcome.SKIPPED


def _done_but(deps: Deps, batch: Batch, waiting: tuple[Effect, ...]) -> Outcome:
    """Delete a batch after its delivery, or keep the effects that still wait."""
    if not waiting:
        deps.outbox.done(batch)
        return Outcome.DONE
    until = ids.made_at(batch.batch_id) + max(effect.wait for effect in waiting)
    kept = deps.outbox.retry(batch, waiting, not_before=until, error="")
    return Outcome.DONE if kept else Outcome.SKIPPED


def _failures(deps: Deps, batch: Batch) -> Iterator[effects.Failure | None]:
    deliver = partial(effects.deliver, deps, batch, is_last=batch.attempts >= MOST_TRIES)
    if batch.lane == CALLS:
        return parallel.map(batch.effects, deliver, min(CALL_WORKERS, len(batch.effects)))
    return map(deliver, batch.effects)


def _park(deps: Deps, batch: Batch, failed: tuple[Effect, ...], reason: str) -> Outcome:
    for effect in failed:
        bounces.mail_lost(deps, effect, reason)
    if not deps.outbox.park(batch, failed, error=reason):
        return Outcome.SKIPPED
    log.error("parked", extra={"batch": batch.batch_id, "reason": reason})
    return Outcome.PARKED


def _next_attempt(deps: Deps, batch: Batch, retry_after: int) -> datetime:
    """The instant of the next attempt: after one, four, sixteen minutes and so on, plus up to a
    quarter at random, so that batches that failed together are not retried together."""
    grown: timedelta = FIRST_PAUSE * int(4 ** (batch.attempts - 1))
    pause = max(min(grown, LONGEST_PAUSE), timedelta(seconds=retry_after))
    return deps.now() + pause + pause * deps.random_bits(10) / 4096
