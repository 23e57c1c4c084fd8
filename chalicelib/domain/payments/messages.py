"""What is kept of the traffic with gateways beside the bookings: which order belongs to which
payment, and which messages have come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.payments.payment import Payment

KEPT: Final = timedelta(days=30)
"""How long a message is kept to recognise its copies: gateways repeat one for a day, and by hand
for fifteen."""

ASK_AFTER: Final = tuple(
    timedelta(minutes=minutes) for minutes in (10, 60, 6 * 60, 24 * 60, 48 * 60, 72 * 60, 120 * 60)
)
"""When an order that nobody has paid is asked about again, counted from the end of its hold: an
attempt that failed may succeed for five days."""

REFUND_ASKED: Final = timedelta(days=1)
REFUND_TAKES: Final = timedelta(days=14)
"""How often a pending refund is asked about, and for how long."""


@dataclass(frozen=True, slots=True)
class KnownOrder:
    """An order at a gateway and the payment that it is for, by our reference. The gateway is asked
    about it at `ask_at`; None where nothing more is expected."""

    gateway: GatewayName
    order_id: str
    reference: str
    ask_at: datetime | None
    version: int = 1


@dataclass(frozen=True, slots=True)
class Message:
    """A message of a gateway that has come `at`: its id is the same in each copy."""

    gateway: GatewayName
    event_id: str
    name: str
    at: datetime
    version: int = 1


def known_order(payment: Payment, now: datetime) -> KnownOrder | None:
    """The record of the order of a payment, once its id is known."""
    if payment.order_id is None:
        return None
    ask_at = next_ask(payment, now)
    return KnownOrder(payment.gateway, payment.order_id, payment.reference, ask_at)


def next_ask(payment: Payment, now: datetime) -> datetime | None:
    """When the gateway should be asked about a payment again, without any message of it."""
    if payment.pending:
        until = max(refund.at for refund in payment.pending) + REFUND_TAKES
        return now + REFUND_ASKED if now < until else None
    if payment.state == "captured":
        return None
    return next((payment.expires_at + d for d in ASK_AFTER if payment.expires_at + d > now), None)
