"""The batches of the outbox in tests: posted by hand, listed, delivered in order, deleted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from chalicelib.domain.core import effect
from chalicelib.domain.core.change import Change
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.sweep_report import SweepReport
from chalicelib.services.delivery import outbox
from chalicelib.store.outbox import CALLS, LANES, WAITING, OutboxItem


def sweep(deps: Deps, *, out_of_time: Callable[[], bool] = lambda: False) -> SweepReport:
    """Run the sweep with one worker, so that mails leave in the order in which they were posted."""
    return outbox.sweep_due(deps, dry_run=False, out_of_time=out_of_time, workers=1)


def waiting(deps: Deps) -> list[str]:
    """The ids of all batches that wait, leased or not; webhook calls last."""
    return [*waiting_in(deps, WAITING), *waiting_in(deps, CALLS)]


def waiting_in(deps: Deps, lane: str) -> list[str]:
    """The ids of the batches that wait in one lane."""
    far = deps.now() + timedelta(days=9)
    return [batch.batch_id for batch in deps.outbox.due(far, limit=100, lane=lane)]


def post(deps: Deps, *effects: effect.Effect) -> str:
    """Post effects by hand and return the id of their batch."""
    before = set(waiting(deps))
    deps.commit(Change().sending(*effects))
    (batch_id,) = set(waiting(deps)) - before
    return batch_id


def stored() -> list[OutboxItem]:
    """The batches that wait, of every lane, as they are stored."""
    return list(OutboxItem.scan(OutboxItem.pk.is_in(*LANES), consistent_read=True))


def clear() -> None:
    """Delete all batches that wait."""
    for item in stored():
        item.delete()
