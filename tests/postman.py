"""Mail in tests: a mailer that may be out of order, and the outbox by hand."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from chalicelib.domain.core import effect
from chalicelib.domain.core.change import Change
from chalicelib.domain.mail.message import Message
from chalicelib.services.core.deps import Deps
from chalicelib.services.core.sweep_report import SweepReport
from chalicelib.services.delivery import outbox
from chalicelib.store.outbox import CALLS, WAITING


class Postman:
    """A mailer of the tests: it may be out of order, for everybody or for some."""

    def __init__(self) -> None:
        self.sent: list[Message] = []
        self.trouble: dict[str, Exception] = {}

    def send(self, message: Message) -> None:
        problem = self.trouble.get(message.to) or self.trouble.get("*")
        if problem is not None:
            raise problem
        self.sent.append(message)

    @property
    def recipients(self) -> list[str]:
        return [message.to for message in self.sent]


def sweep(deps: Deps, *, out_of_time: Callable[[], bool] = lambda: False) -> SweepReport:
    """The sweep with one worker, so that mails leave in the order they were posted in."""
    return outbox.sweep_due(deps, dry_run=False, out_of_time=out_of_time, workers=1)


def waiting(deps: Deps) -> list[str]:
    """The ids of all batches that wait, leased or not; calls of webhooks last."""
    return [*waiting_in(deps, WAITING), *waiting_in(deps, CALLS)]


def waiting_in(deps: Deps, lane: str) -> list[str]:
    """Those of one lane."""
    far = deps.now() + timedelta(days=9)
    return [batch.batch_id for batch in deps.outbox.due(far, limit=100, lane=lane)]


def post(deps: Deps, *effects: effect.Effect) -> str:
    """Post effects by hand and return the id of their batch."""
    before = set(waiting(deps))
    deps.commit(Change().sending(*effects))
    (batch_id,) = set(waiting(deps)) - before
    return batch_id
