"""What is kept of the traffic with gateways beside the bookings: which order belongs to which
payment, and which messages have come."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Self

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


@dataclass(frozen=True, slots=True)
class Question:
    """What a gateway is to be asked about: an order, by our reference, or with its `gateway` by its
    id there; with it a refund that the gateway does not show with its order, or the only attempt
    that the question is about."""

    order: str
    gateway: GatewayName | None = None
    refund: str | None = None
    attempt: str | None = None

    @property
    def name(self) -> str:
        """It as the subject of a task.

        >>> Question("BK1_1").name, Question("order_1", "razorpay", attempt="pay_1").name
        ('BK1_1', 'razorpay/order_1//pay_1')
        """
        if self.gateway is None:
            return self.order
        parts = (self.gateway, self.order, self.refund, self.attempt)
        return "/".join(part or "" for part in parts).rstrip("/")

    @classmethod
    def read(cls, name: str) -> Self:
        """The question that a name stands for.

        >>> Question.read("phonepe/BK1_1/PANEL7")
        Question(order='BK1_1', gateway='phonepe', refund='PANEL7', attempt=None)
        """
        if "/" not in name:
            return cls(name)
        gateway, order, refund, attempt = (*name.split("/", 3), None, None)[:4]
        return cls(order or "", _gateway(gateway), refund or None, attempt or None)

    def is_answered(self, payment: Payment) -> bool:
        """Whether the payment already shows all that the gateway could answer: the attempt has
        brought its money, and what the gateway keeps of it is known."""
        if self.attempt is None:
            return False
        return any(each.attempt_id == self.attempt and each.fee > 0 for each in payment.captures)


def _gateway(name: str | None) -> GatewayName:
    return "phonepe" if name == "phonepe" else "razorpay"


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
