"""What a payment gateway is asked and what it answers, in values that no gateway owns
(docs/decisions/payments.md)."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Literal

from chalicelib.domain.core.money import Money

GatewayName = Literal["razorpay", "phonepe"]
AttemptState = Literal["open", "authorized", "captured", "failed"]
OrderState = Literal["open", "paid", "expired"]
RefundState = Literal["pending", "processed", "failed"]


@dataclass(frozen=True, slots=True)
class NewOrder:
    """An order to create. `reference` is ours, stored before the call, and at most 35 letters,
    digits and underscores. The payer comes back to `return_url`."""

    reference: str
    amount: Money
    expires_at: datetime
    description: str
    return_url: str


@dataclass(frozen=True, slots=True)
class RefundOrder:
    """A refund to make, of one attempt of an order. `reference` is ours: a repeated call with it
    pays once."""

    reference: str
    order_reference: str
    order_id: str
    attempt_id: str
    amount: Money


@dataclass(frozen=True, slots=True)
class GatewayRefund:
    """A refund as the gateway sees it; `reference` is None for one made in its own panel, `trace`
    the number by which the customer's bank finds it."""

    refund_id: str
    reference: str | None
    amount: Money
    state: RefundState
    trace: str | None = None


@dataclass(frozen=True, slots=True)
class Attempt:
    """One attempt to pay an order. `fee` and `tax` are what the gateway keeps of it, in minor
    units."""

    attempt_id: str
    state: AttemptState
    amount: Money
    method: str | None = None
    problem: str | None = None
    fee: int | None = None
    tax: int | None = None
    refunds: tuple[GatewayRefund, ...] = ()


@dataclass(frozen=True, slots=True)
class GatewayOrder:
    """An order as the gateway sees it now, with its attempts. `pay_url` is the page on which it is
    paid, where the gateway has one."""

    reference: str
    order_id: str
    amount: Money
    state: OrderState
    attempts: tuple[Attempt, ...] = ()
    pay_url: str | None = None

    @property
    def captured(self) -> tuple[Attempt, ...]:
        """The attempts that brought money."""
        return tuple(attempt for attempt in self.attempts if attempt.state == "captured")


@dataclass(frozen=True, slots=True)
class GatewayEvent:
    """A message of a gateway whose signature was right. It says that something has happened to an
    order, known by our `reference`, the gateway's `order_id` or both; what has happened is asked.
    `event_id` is the same in each copy of the message. An event about no order has neither name.
    `refund_reference` is that of the refund it is about, where the gateway does not list refunds
    with their order. `attempt_id` is the attempt that it is about, where it is about nothing else:
    neither a refund nor a dispute."""

    event_id: str
    name: str
    order_id: str | None = None
    reference: str | None = None
    refund_reference: str | None = None
    attempt_id: str | None = None


@dataclass(frozen=True, slots=True)
class SettlementRow:
    """A row of the gateway's settlement of one day: money that came in (a credit, positive) or went
    out (negative), less `fee` and `tax`."""

    kind: Literal["payment", "refund", "other"]
    gateway_id: str
    order_reference: str | None
    amount: Money
    fee: int = field(default=0)
    tax: int = field(default=0)
