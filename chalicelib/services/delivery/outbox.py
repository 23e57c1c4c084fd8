"""Effects out of the outbox: at once when the table's stream tells of them, otherwise by sweep.

Each effect reads what it is about again when it leaves: what no longer makes sense, or what its
reader does not want, is dropped; where mail has bounced nothing goes any more. What fails is tried
again, later each time, and after the fifth try put aside for a person. At least once and never zero
times: whoever gets a mail twice can tell by its effect id. What becomes of a reminder is written
back to its booking, which waits for an answer only to what has really left; an offer nobody can be
told of is passed on.

Calls of webhooks have a lane of their own, with a function at the stream that does nothing else;
the sweep comes to them when it is done with the rest. They are made side by side.
"""

from __future__ import annotations

import logging
import time
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from functools import partial
from itertools import takewhile
from typing import Final

from chalicelib.domain.core import errors, ids
from chalicelib.domain.core.effect import Delivery, Effect, id_in
from chalicelib.domain.mail.message import Undeliverable
from chalicelib.domain.realtime.webhook import site_of
from chalicelib.services.accounts import mailboxes
from chalicelib.services.bookings import confirmations
from chalicelib.services.core import parallel
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.sweep_report import SweepReport
from chalicelib.services.mail import bounces, compose
from chalicelib.services.realtime import publish, webhook_delivery
from chalicelib.services.waitlist import offering
from chalicelib.store.outbox import BORN_LEASED, CALLS, LANES, WAITING, Batch

__all__ = ["BORN_LEASED", "Outcome", "calls_from_stream", "deliver", "from_stream", "sweep_due"]

log = logging.getLogger("berth")

MOST_TRIES: Final = 5
"""After so many failed tries a batch waits for a person."""

LEASE: Final = timedelta(seconds=120)
"""How long a sweep has a batch for itself: far longer than its mails take."""

HEAD_START: Final = timedelta(seconds=45)
"""What must be left of a new batch's lease for the stream to deliver it without a write."""

FIRST_PAUSE: Final = timedelta(minutes=1)
LONGEST_PAUSE: Final = timedelta(hours=1)
"""Pauses between tries: four times longer each time, up to this."""

PAGE: Final = 25
"""Batches read at a time: delivering them takes longer than reading."""


WORKERS: Final = 3
"""Mails a sweep hands over at a time. Each keeps a line busy for a sixth of a second, most of it
waiting for SES, so three lines deliver 500 in half a minute: hardly more than the 14 a second that
SES takes from an account whose limits nobody has raised."""

CALL_WORKERS: Final = 6
"""Sites whose webhooks are called at a time, and calls of one event: all the time of a call is
spent waiting."""

CALL_BUDGET: Final = 30.0
"""Seconds in which the stream begins to call: the last ones take some twenty more, and the function
is stopped after sixty."""


class Outcome(StrEnum):
    """What became of a batch."""

    DONE = "done"
    SKIPPED = "skipped"
    FAILED = "failed"
    PARKED = "parked"


@dataclass(frozen=True)
class Failure:
    """An effect that could not be delivered, and why; `final` when it never will be."""

    effect: Effect
    reason: str
    final: bool = False
    retry_after: int = 0


def from_stream(deps: Deps, batch_id: str, *, lane: str = WAITING) -> Outcome:
    """Deliver a batch the stream has just told of; never raises. Skipped where it is gone or
    somebody else's: then the sweep sees to it."""
    try:
        batch = _still_ours(deps, deps.outbox.get(batch_id, lane))
        return Outcome.SKIPPED if batch is None else deliver(deps, batch)
    except Exception:
        log.exception("delivery from the stream failed", extra={"batch": batch_id})
        return Outcome.FAILED


def calls_from_stream(
    deps: Deps, batch_ids: Iterable[str], *, timer: Callable[[], float] = time.monotonic
) -> None:
    """Make the calls the stream has just told of, as many as there is time for; the sweep sees to
    the others. Those of one site are made in their order, sites side by side. Raises Unavailable
    where they cannot be read."""
    stop_at = timer() + CALL_BUDGET

    def one_after_the_other(ids: list[str]) -> None:
        for batch_id in takewhile(lambda _: timer() < stop_at, ids):
            from_stream(deps, batch_id, lane=CALLS)

    by_site = _by_site(filter(None, [deps.outbox.get(each, CALLS) for each in batch_ids]))
    parallel.exhaust(parallel.map(by_site, one_after_the_other, CALL_WORKERS))


def _by_site(batches: Iterable[Batch]) -> Iterable[list[str]]:
    """The ids of batches of calls, those of one site together."""
    sites = defaultdict[str, list[str]](list)
    for batch in batches:
        sites[site_of(batch.effects[0].subject_id)].append(batch.batch_id)
    return sites.values()


def _still_ours(deps: Deps, batch: Batch | None) -> Batch | None:
    """A new batch is the stream's for a while. When that time is nearly over it is leased like
    any other; one that a sweep has had already is left to the sweep."""
    if batch is None or batch.attempts:
        return None
    now = deps.now()
    if batch.not_before - now < HEAD_START:
        return deps.outbox.lease(batch, now + LEASE)
    return replace(batch, attempts=1)


def sweep_due(
    deps: Deps, *, dry_run: bool, out_of_time: Callable[[], bool], lines: int = WORKERS
) -> SweepReport:
    """Deliver every batch that nobody has, `lines` of them at a time, and calls last: a query a
    page, a lease an item. With `dry_run` they are only counted."""
    tally = SweepReport()
    for lane in LANES:
        batches = _in_time(_due(deps, lane), tally, out_of_time)
        if dry_run:
            parallel.exhaust(batches)
            continue
        wide = CALL_WORKERS if lane == CALLS else lines
        for outcome in parallel.map(batches, partial(_swept, deps), wide):
            _count(tally, outcome)
    return tally


def _in_time(
    batches: Iterator[Batch], tally: SweepReport, out_of_time: Callable[[], bool]
) -> Iterator[Batch]:
    """The batches, each counted as it is taken on, for as long as there is time."""
    for batch in batches:
        if out_of_time():
            tally.more = True
            return
        tally.due += 1
        yield batch


def _due(deps: Deps, lane: str) -> Iterator[Batch]:
    now = deps.now()
    page = deps.outbox.due(now, limit=PAGE, lane=lane)
    yield from page
    while len(page) == PAGE:
        page = deps.outbox.due(now, limit=PAGE, after=page[-1], lane=lane)
        yield from page


def _swept(deps: Deps, batch: Batch) -> Outcome:
    try:
        leased = deps.outbox.lease(batch, deps.now() + LEASE)
        return Outcome.SKIPPED if leased is None else deliver(deps, leased)
    except Exception:
        log.exception("delivery failed", extra={"batch": batch.batch_id})
        return Outcome.FAILED


def _count(tally: SweepReport, outcome: Outcome) -> None:
    tally.done += outcome is Outcome.DONE
    tally.skipped += outcome is Outcome.SKIPPED
    tally.failed += outcome in (Outcome.FAILED, Outcome.PARKED)
    tally.parked += outcome is Outcome.PARKED


def deliver(deps: Deps, batch: Batch) -> Outcome:
    """Deliver every effect of a batch that is leased to the caller, each whatever becomes of the
    others; keep what failed for later, or park it. One whose function keeps dying is parked too,
    for attempts are counted when they begin."""
    if batch.attempts > MOST_TRIES:
        return _parked(deps, batch, batch.effects, batch.error or "delivery never came to an end")
    failures = [failure for failure in _tries(deps, batch) if failure]
    if not failures:
        deps.outbox.done(batch)
        return Outcome.DONE
    left = tuple(failure.effect for failure in failures)
    why = "; ".join(dict.fromkeys(failure.reason for failure in failures))
    if batch.attempts == MOST_TRIES or all(failure.final for failure in failures):
        return _parked(deps, batch, left, why)
    later = _next_try(deps, batch, max(failure.retry_after for failure in failures))
    kept = deps.outbox.retry(batch, left, not_before=later, error=why)
    return Outcome.FAILED if kept else Outcome.SKIPPED


def _tries(deps: Deps, batch: Batch) -> Iterator[Failure | None]:
    one = partial(_try, deps, batch)
    if batch.lane == CALLS:
        return parallel.map(batch.effects, one, min(CALL_WORKERS, len(batch.effects)))
    return map(one, batch.effects)


def _parked(deps: Deps, batch: Batch, left: tuple[Effect, ...], why: str) -> Outcome:
    for effect in left:
        bounces.lost(deps, effect, why)
    if not deps.outbox.park(batch, left, error=why):
        return Outcome.SKIPPED
    log.error("parked", extra={"batch": batch.batch_id, "reason": why})
    return Outcome.PARKED


def _next_try(deps: Deps, batch: Batch, retry_after: int) -> datetime:
    """When to try again: one, four, sixteen minutes from now and so on, and up to a quarter more
    by chance, so that what failed together does not come back together."""
    grown: timedelta = FIRST_PAUSE * int(4 ** (batch.attempts - 1))
    pause = max(min(grown, LONGEST_PAUSE), timedelta(seconds=retry_after))
    return deps.now() + pause + pause * deps.random_bits(10) / 4096


def _try(deps: Deps, batch: Batch, effect: Effect) -> Failure | None:
    """Deliver one effect; what went wrong, or None. The reasons name no address."""
    failure: Failure | None = None
    outcome = "failed"
    try:
        outcome = "sent" if _send(deps, batch, effect) else "dropped"
    except Undeliverable as error:
        failure = Failure(effect, f"undeliverable: {error}", final=True)
    except errors.Unavailable as error:
        failure = Failure(effect, f"unavailable: {error}", retry_after=error.retry_after or 0)
    except Exception as error:
        log.exception("effect failed", extra=_about(batch, effect))
        failure = Failure(effect, type(error).__name__)
    reason = failure.reason if failure else None
    log.info("delivery", extra=_about(batch, effect) | {"outcome": outcome, "reason": reason})
    return failure


def _send(deps: Deps, batch: Batch, effect: Effect) -> bool:
    effect_id = id_in(batch.batch_id, effect)
    since, is_last = ids.made_at(batch.batch_id), batch.attempts >= MOST_TRIES
    return _WAYS[effect.kind](deps, Delivery(effect, effect_id, since, batch.attempts, is_last))


def _carry_out(deps: Deps, leaving: Delivery) -> bool:
    offering.offer_all(deps, leaving.effect.subject_id)
    return True


def _mail(deps: Deps, leaving: Delivery) -> bool:
    effect = leaving.effect
    message = compose.write(deps, effect)
    if message is None or not mailboxes.accepts(deps, effect, message.to):
        return False
    deps.mailer.send(message.leaving(leaving.effect_id, deps.now()))
    if effect.name == "reminder":
        confirmations.reminder_left(deps, effect.subject_id)
    return True


_WAYS: Final[dict[str, Callable[[Deps, Delivery], bool]]] = {
    "mail": _mail,
    "task": _carry_out,
    "event": publish.publish,
    "webhook": webhook_delivery.deliver,
}
"""How an effect leaves, by its kind. False where it makes no sense any more."""


def _about(batch: Batch, effect: Effect) -> dict[str, object]:
    return {
        "batch": batch.batch_id,
        "effect": effect.name,
        "subject": effect.subject_id,
        "attempt": batch.attempts,
    }
