"""The orders, payments and refunds of the emulated Razorpay, and how they move: by the payer, by
the bank and by the clock.

https://razorpay.com/docs/payments/payments/ (states),
https://razorpay.com/docs/payments/payments/capture-settings/api/ (capture)
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from typing import Any, Final, Literal, TypeVar

Act = Literal["pay", "fail", "wait", "bank_pays", "bank_fails"]
"""What the payer does: pays, fails, or leaves a payment at the bank; what the bank says of that
payment later, also when Razorpay has given it up."""

RefundEnd = Literal["processed", "failed"]

GIVEN_UP_AFTER: Final = 600
"""Seconds without an answer of the bank, after which a payment has failed; it may still succeed."""

PROCESSED_AFTER: Final = 2 * 3600
"""Seconds from a refund to its end."""

DEFAULT_CAPTURE: Final = 7200
"""Minutes in which a payment is captured by itself, where its order does not say."""

T = TypeVar("T")

DECLINED: Final = "Your payment did not go through as it was declined by the bank."
TIMED_OUT: Final = "Your payment could not be completed due to a temporary issue. Try again later."


class Refused(Exception):
    """Razorpay refuses a call."""

    def __init__(self, text: str, *, status: int = 400, field: str | None = None) -> None:
        super().__init__(text)
        self.status, self.text, self.field = status, text, field


@dataclass
class Payment:
    """An attempt to pay an order; times are Unix times. `at_bank` while the bank may still say
    yes."""

    payment_id: str
    order_id: str
    amount: int
    currency: str
    method: str
    made_at: int
    status: str = "created"
    at_bank: bool = True
    captured_at: int | None = None
    problem: str | None = None
    reason: str | None = None


@dataclass
class Order:
    """An order; `made_at` is a Unix time. A payment is captured by itself within `automatic`
    minutes, and by hand within `manual`. The Hosted Checkout posts what has come of it to
    `callback_url`."""

    order_id: str
    amount: int
    currency: str
    receipt: str | None
    notes: dict[str, str]
    made_at: int
    automatic: int = DEFAULT_CAPTURE
    manual: int = DEFAULT_CAPTURE
    payments: list[Payment] = field(default_factory=list)
    callback_url: str | None = None

    @property
    def is_paid(self) -> bool:
        return any(payment.captured_at is not None for payment in self.payments)


@dataclass
class Refund:
    """A refund; `made_at` is a Unix time. It will end as `ends`. `key` and `asked` are those of the
    call that made it."""

    refund_id: str
    payment_id: str
    amount: int
    receipt: str | None
    notes: dict[str, str]
    made_at: int
    ends: RefundEnd = "processed"
    status: str = "pending"
    key: str | None = None
    asked: str | None = None


@dataclass(frozen=True)
class Happened:
    """An event: its name, and what it is about."""

    name: str
    order: Order
    payment: Payment
    refund: Refund | None = None


@dataclass
class Book:
    """Everything the emulated Razorpay keeps. `made` counts its ids. On request the next refunds
    fail, and the second payment of an order is captured as well, which Razorpay promises not to
    do."""

    orders: dict[str, Order] = field(default_factory=dict)
    refunds: dict[str, Refund] = field(default_factory=dict)
    made: int = 0
    failing_refunds: int = 0
    captures_twice: bool = False

    def dump(self) -> dict[str, Any]:
        """The book as JSON."""
        return asdict(self)

    @classmethod
    def load(cls, kept: dict[str, Any]) -> Book:
        """The book that was kept."""
        refunds = {key: Refund(**each) for key, each in kept["refunds"].items()}
        orders = {key: _order(each) for key, each in kept["orders"].items()}
        return cls(**{**kept, "orders": orders, "refunds": refunds})

    def new_id(self, prefix: str, now: int) -> str:
        """An id in the form of Razorpay's: 14 letters and digits."""
        self.made += 1
        return f"{prefix}_{_base36(now)[-7:]:0>7}{_base36(self.made):0>7}"

    def order(self, order_id: str) -> Order:
        """Raises Refused."""
        return _known(self.orders.get(order_id))

    def payment(self, payment_id: str) -> Payment:
        """Raises Refused."""
        every = (each for order in self.orders.values() for each in order.payments)
        return _known(next((each for each in every if each.payment_id == payment_id), None))

    def refunds_of(self, payment: Payment) -> list[Refund]:
        """The refunds of a payment, newest first."""
        found = [each for each in self.refunds.values() if each.payment_id == payment.payment_id]
        return found[::-1]

    def paid_back(self, payment: Payment) -> int:
        """What was or will be paid back of a payment."""
        return sum(each.amount for each in self.refunds_of(payment) if each.status != "failed")

    # -- the payer and the bank

    def act(self, order: Order, act: Act, method: str, now: int) -> Iterator[Happened]:
        """Take a step of the payer or of the bank. Raises Refused where it is not possible."""
        if act in ("bank_pays", "bank_fails"):
            yield from self._answer(order, self._waiting(order), paid=act == "bank_pays", now=now)
            return
        if order.is_paid:
            raise Refused("This order is already paid")
        if any(each.status == "authorized" for each in order.payments):
            raise Refused("A payment of this order is authorized already")
        payment_id = self.new_id("pay", now)
        payment = Payment(payment_id, order.order_id, order.amount, order.currency, method, now)
        order.payments.append(payment)
        if act != "wait":
            yield from self._answer(order, payment, paid=act == "pay", now=now)

    def _waiting(self, order: Order) -> Payment:
        waiting = [each for each in order.payments if each.at_bank]
        if not waiting:
            raise Refused("No payment of this order waits at the bank")
        return waiting[0]

    def _answer(
        self, order: Order, payment: Payment, *, paid: bool, now: int
    ) -> Iterator[Happened]:
        payment.at_bank = False
        if not paid:
            if payment.status == "created":
                yield self._failed(order, payment, DECLINED, "payment_failed")
            return
        payment.status, payment.problem, payment.reason = "authorized", None, None
        yield Happened("payment.authorized", order, payment)
        if order.is_paid and not self.captures_twice:
            yield from self._give_back(order, payment, now)
        elif now - payment.made_at <= order.automatic * 60:
            yield from self.capture(order, payment, now)
        else:
            yield from self._settle_payment(order, payment, now)

    def capture(self, order: Order, payment: Payment, now: int) -> Iterator[Happened]:
        """Capture an authorized payment."""
        was_paid = order.is_paid
        payment.status, payment.captured_at = "captured", now
        yield Happened("payment.captured", order, payment)
        if not was_paid:
            yield Happened("order.paid", order, payment)

    def _failed(self, order: Order, payment: Payment, problem: str, reason: str) -> Happened:
        payment.status, payment.problem, payment.reason = "failed", problem, reason
        return Happened("payment.failed", order, payment)

    # -- refunds

    def add_refund(self, payment: Payment, refund: Refund) -> Iterator[Happened]:
        """Store a refund of a captured payment."""
        if self.failing_refunds > 0:
            self.failing_refunds -= 1
            refund.ends = "failed"
        self.refunds[refund.refund_id] = refund
        self._note_full(payment)
        yield Happened("refund.created", self.orders[payment.order_id], payment, refund)

    def _give_back(self, order: Order, payment: Payment, now: int) -> Iterator[Happened]:
        """Pay back what was not captured, as Razorpay does by itself."""
        refund = Refund(self.new_id("rfnd", now), payment.payment_id, payment.amount, None, {}, now)
        yield from self.add_refund(payment, refund)

    def _note_full(self, payment: Payment) -> None:
        is_full = self.paid_back(payment) >= payment.amount
        if is_full:
            payment.status = "refunded"
        elif payment.status == "refunded":
            payment.status = "captured" if payment.captured_at is not None else "authorized"

    # -- the clock

    def settle(self, now: int) -> Iterator[Happened]:
        """Move what the clock moves."""
        for order in self.orders.values():
            for payment in order.payments:
                yield from self._settle_payment(order, payment, now)
        for refund in self.refunds.values():
            if refund.status == "pending" and now >= refund.made_at + PROCESSED_AFTER:
                refund.status = refund.ends
                payment = self.payment(refund.payment_id)
                self._note_full(payment)
                order = self.orders[payment.order_id]
                yield Happened(f"refund.{refund.ends}", order, payment, refund)

    def _settle_payment(self, order: Order, payment: Payment, now: int) -> Iterator[Happened]:
        if payment.status == "created" and now >= payment.made_at + GIVEN_UP_AFTER:
            yield self._failed(order, payment, TIMED_OUT, "payment_timed_out")
        if payment.status == "authorized" and now > payment.made_at + order.manual * 60:
            yield from self._give_back(order, payment, now)


def _known(found: T | None) -> T:
    if found is None:
        raise Refused("The id provided does not exist")
    return found


def _order(kept: dict[str, Any]) -> Order:
    return Order(**{**kept, "payments": [Payment(**each) for each in kept["payments"]]})


def _base36(number: int) -> str:
    """A number in digits and capitals.

    >>> _base36(35), _base36(36), _base36(0)
    ('Z', '10', '0')
    """
    digits = ""
    while number or not digits:
        number, left = divmod(number, 36)
        digits = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"[left] + digits
    return digits
