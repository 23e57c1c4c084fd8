"""Messages of gateways: each is proved, stored once together with the task that asks, and answered
at once (docs/decisions/payments.md)."""

from __future__ import annotations

from collections.abc import Mapping

from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.change import saving
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.gateway import GatewayEvent, GatewayName
from chalicelib.domain.payments.messages import Message, Question
from chalicelib.gateways.payments.protocol import BadSignature
from chalicelib.services.core.deps import Deps


def receive(deps: Deps, name: GatewayName, headers: Mapping[str, str], body: bytes) -> None:
    """Take a message: no read and one transaction. A copy of one that has come before changes
    nothing. Raises errors.BadSignature, PaymentNotFound where there is no such gateway."""
    gateway = deps.gateways.find(name)
    if gateway is None:
        raise errors.PaymentNotFound()
    try:
        event = gateway.read_event(headers, body)
    except BadSignature:
        raise errors.BadSignature() from None
    change = saving(Message(name, event.event_id, event.name, deps.now()))
    if question := _question(name, event):
        change = change.sending(effect.ask_gateway(question.name))
    try:
        deps.commit(change)
    except errors.AlreadyExists:
        return


def _question(name: GatewayName, event: GatewayEvent) -> Question | None:
    """What an event leads to ask; None for one about no order."""
    order = _order(event)
    if order is None:
        return None
    return Question(order, name, event.refund_reference, event.attempt_id)


def _order(event: GatewayEvent) -> str | None:
    """Our reference, otherwise the gateway's order id: the messages about one order of another shop
    name it alike, also where some have the receipt of that shop."""
    reference = event.reference
    if reference is not None and payments.is_reference(reference):
        return reference
    return event.order_id or reference
