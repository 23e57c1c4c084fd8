"""The orders and refunds of the emulated PhonePe, and how they move: by the payer, by the bank and
by the clock."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal

Act = Literal["pay", "fail", "wait", "bank_pays", "bank_fails"]
"""What the payer does: pays, fails, or leaves a payment at the bank; what the bank says of that
payment later, also when its order is over."""

RefundEnd = Literal["COMPLETED", "FAILED"]

ACCEPTED_AFTER: Final = 60
DONE_AFTER: Final = 2 * 3600
"""Seconds from a refund to PhonePe's acceptance, and to its end at the bank."""


class Refused(Exception):
    """PhonePe refuses a call."""

    def __init__(self, status: int, code: str, text: str) -> None:
        super().__init__(text)
        self.status, self.code, self.text = status, code, text


@dataclass
class Attempt:
    """An attempt to pay; `at` is a Unix time."""

    attempt_id: str
    mode: str
    at: int
    state: str


@dataclass
class Order:
    """An order. It stays PENDING while the payer may try; `ends_at` is a Unix time."""

    reference: str
    order_id: str
    amount: int
    ends_at: int
    return_url: str
    message: str
    callback_url: str | None = None
    state: str = "PENDING"
    error: str | None = None
    attempts: list[Attempt] = field(default_factory=list)


@dataclass
class Refund:
    """A refund; `made_at` is a Unix time. It will end as `ends`."""

    reference: str
    order: str
    refund_id: str
    amount: int
    made_at: int
    ends: RefundEnd = "COMPLETED"
    state: str = "PENDING"


@dataclass(frozen=True)
class Happened:
    """What happened to an order or to a refund of it: the last part of an event's name."""

    what: Literal["completed", "failed", "attempt.failed", "accepted"]
    order: Order
    refund: Refund | None = None


@dataclass
class Book:
    """Everything the emulated PhonePe keeps. `made` counts its ids."""

    orders: dict[str, Order] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    tokens: dict[str, int] = field(default_factory=dict)
    made: int = 0
    failing_refunds: int = 0

    def dump(self) -> dict[str, Any]:
        """The book as JSON."""
        return asdict(self)

    @classmethod
    def load(cls, kept: dict[str, Any]) -> Book:
        """The book that was kept."""
        orders = {key: _order(kept_order) for key, kept_order in kept["orders"].items()}
        refunds = {key: Refund(**kept_refund) for key, kept_refund in kept["refunds"].items()}
        return cls(orders, refunds, kept["tokens"], kept["made"], kept["failing_refunds"])

    def new_id(self, prefix: str, now: int) -> str:
        """An id in the form of PhonePe's."""
        self.made += 1
        return f"{prefix}{now}{self.made:06d}"

    def by_order_id(self, order_id: str) -> Order | None:
        """The order with PhonePe's id."""
        return next((o for o in self.orders.values() if o.order_id == order_id), None)

    def add_order(self, order: Order) -> None:
        """Store an order. Raises Refused for a reference that was used."""
        if order.reference in self.orders:
            raise Refused(417, "INVALID_MERCHANT_ORDER_ID", "The merchant order id was used")
        self.orders[order.reference] = order

    def act(self, order: Order, act: Act, mode: str, now: int) -> Iterator[Happened]:
        """Take a step of the payer or of the bank. Raises Refused where it is not possible."""
        waiting = next((a for a in order.attempts if a.state == "PENDING"), None)
        if act in ("bank_pays", "bank_fails"):
            if waiting is None:
                raise Refused(409, "NOTHING_AT_THE_BANK", "No payment waits at the bank")
            yield from self._end(order, waiting, paid=act == "bank_pays")
            return
        if order.state != "PENDING" or waiting is not None:
            raise Refused(409, "ORDER_CLOSED", "This order takes no payment now")
        attempt = Attempt(self.new_id("OM", now), mode, now, "PENDING")
        order.attempts.append(attempt)
        if act != "wait":
            yield from self._end(order, attempt, paid=act == "pay")

    def _end(self, order: Order, attempt: Attempt, *, paid: bool) -> Iterator[Happened]:
        attempt.state = "COMPLETED" if paid else "FAILED"
        if paid:
            order.state, order.error = "COMPLETED", None
            yield Happened("completed", order)
        elif order.state == "PENDING":
            yield Happened("attempt.failed", order)

    def add_refund(self, reference: str, order_reference: str, amount: int, now: int) -> Refund:
        """Store a refund. Raises Refused where the order has not that much left."""
        if reference in self.refunds:
            raise Refused(400, "DUPLICATE_REFUND_REQUEST", "The merchant refund id was used")
        order = self.orders.get(order_reference)
        if order is None:
            raise Refused(400, "INVALID_MERCHANT_ORDER_ID", "No entry found for the order")
        if order.state != "COMPLETED" or amount > self.left_of(order):
            raise Refused(400, "INVALID_REFUND_AMOUNT", "More than is left of the order")
        ends: RefundEnd = "FAILED" if self.failing_refunds > 0 else "COMPLETED"
        self.failing_refunds = max(0, self.failing_refunds - 1)
        refund_id = self.new_id("OMR", now)
        refund = Refund(reference, order_reference, refund_id, amount, now, ends)
        self.refunds[reference] = refund
        return refund

    def left_of(self, order: Order) -> int:
        """What may still be paid back of an order."""
        back = (r for r in self.refunds.values() if r.order == order.reference)
        return order.amount - sum(r.amount for r in back if r.state != "FAILED")

    def settle(self, now: int) -> Iterator[Happened]:
        """Move what the clock moves: orders that expire, refunds that go on."""
        for order in self.orders.values():
            if order.state == "PENDING" and now >= order.ends_at:
                order.state, order.error = "FAILED", "ORDER_EXPIRED"
                yield Happened("failed", order)
        for refund in self.refunds.values():
            yield from self._go_on(refund, now)

    def _go_on(self, refund: Refund, now: int) -> Iterator[Happened]:
        order = self.orders[refund.order]
        if refund.state == "PENDING" and now >= refund.made_at + ACCEPTED_AFTER:
            refund.state = "CONFIRMED"
            yield Happened("accepted", order, refund)
        if refund.state == "CONFIRMED" and now >= refund.made_at + DONE_AFTER:
            refund.state = refund.ends
            yield Happened("completed" if refund.ends == "COMPLETED" else "failed", order, refund)


def _order(kept: dict[str, Any]) -> Order:
    return Order(**{**kept, "attempts": [Attempt(**attempt) for attempt in kept["attempts"]]})
