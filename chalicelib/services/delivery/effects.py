"""Delivery of one effect: a mail, a task, an event or a webhook call."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chalicelib.domain.core import errors, ids
from chalicelib.domain.core.effect import Delivery, Effect, id_in
from chalicelib.domain.mail.message import NoReader, Undeliverable
from chalicelib.services.accounts import mailboxes
from chalicelib.services.bookings import confirmations
from chalicelib.services.core.deps import Deps
from chalicelib.services.mail import bounces, compose
from chalicelib.services.payments import asking
from chalicelib.services.realtime import publish, webhook_delivery
from chalicelib.services.receipts import issuing
from chalicelib.services.waitlist import leaving, mover, offering
from chalicelib.store.outbox import Batch

log = logging.getLogger("berth")


@dataclass(frozen=True)
class Failure:
    """An effect that was not delivered, and the reason. `final`: a retry is of no use.
    `retry_after` is the shortest pause in seconds."""

    effect: Effect
    reason: str
    final: bool = False
    retry_after: int = 0


def deliver(deps: Deps, batch: Batch, effect: Effect, *, is_last: bool) -> Failure | None:
    """Deliver one effect and log the outcome. The failure, or None; its reason contains no
    address."""
    failure: Failure | None = None
    outcome = "failed"
    try:
        delivery = _delivery(batch, effect, is_last=is_last)
        outcome = "sent" if _DELIVER[effect.kind](deps, delivery) else "dropped"
    except Undeliverable as error:
        failure = Failure(effect, f"undeliverable: {error}", final=True)
    except errors.Unavailable as error:
        failure = Failure(effect, f"unavailable: {error.cause}", retry_after=error.retry_after or 0)
    except Exception as error:
        log.exception("effect failed", extra=_log_fields(batch, effect))
        failure = Failure(effect, type(error).__name__)
    reason = failure.reason if failure else None
    log.info("delivery", extra=_log_fields(batch, effect) | {"outcome": outcome, "reason": reason})
    return failure


def _delivery(batch: Batch, effect: Effect, *, is_last: bool) -> Delivery:
    effect_id, since = id_in(batch.batch_id, effect), ids.made_at(batch.batch_id)
    return Delivery(effect, effect_id, since, batch.attempts, is_last)


def _run_task(deps: Deps, delivery: Delivery) -> bool:
    subject_id = delivery.effect.subject_id
    match delivery.effect.name:
        case "end_waiting":
            leaving.leave_if_switched_off(deps, subject_id)
        case "ask_gateway" | "await_payment":
            asking.ask(deps, subject_id)
        case "issue_papers":
            issuing.issue_for(deps, subject_id)
        case "ask_mover":
            _ask_mover(deps, subject_id, moved_at=delivery.since)
        case _:
            offering.offer_all(deps, subject_id)
    return True


def _ask_mover(deps: Deps, account_id: str, *, moved_at: datetime) -> None:
    """Mail again what the former address of an account was asked, or offered, and has not
    answered. A repeated run asks nothing twice."""
    account = deps.accounts.get(account_id)
    confirmations.ask_mover(deps, account, moved_at=moved_at)
    mover.mail_offers(deps, account, moved_at=moved_at)


def _send_mail(deps: Deps, delivery: Delivery) -> bool:
    effect = delivery.effect
    try:
        message = compose.message(deps, effect)
    except NoReader as reason:
        bounces.mail_lost(deps, effect, f"not sent: {reason}")
        return False
    if message is None or not mailboxes.accepts(deps, effect, message.to):
        return False
    is_counted = message.counted and delivery.attempt == 1
    if is_counted and not mailboxes.may_prove(deps, effect, message.to):
        return False
    deps.mailer.send(message.leaving(delivery.effect_id, deps.now()))
    if effect.name == "reminder":
        confirmations.reminder_left(deps, effect.subject_id)
    return True


_DELIVER: Final[dict[str, Callable[[Deps, Delivery], bool]]] = {
    "mail": _send_mail,
    "task": _run_task,
    "event": publish.publish,
    "webhook": webhook_delivery.deliver,
}
"""The delivery of an effect, by its kind. Returns False for an effect that was dropped."""


def _log_fields(batch: Batch, effect: Effect) -> dict[str, object]:
    return {
        "batch": batch.batch_id,
        "effect": effect.name,
        "subject": effect.subject_id,
        "attempt": batch.attempts,
    }
