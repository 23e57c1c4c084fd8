"""An order of an emulated gateway as its payer sees it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

from chalicelib.domain.core.money import Money
from local.payments.phonepe import PhonePeEmulator
from local.payments.phonepe_book import Order as PhonePeOrder
from local.payments.razorpay import RazorpayEmulator
from local.payments.razorpay_book import Order as RazorpayOrder

PAID: Final = "paid"
AT_BANK: Final = "waits at the bank"
GIVEN_UP: Final = "given up, and still at the bank"

_RAZORPAY: Final = {
    "created": AT_BANK,
    "authorized": "authorized",
    "captured": PAID,
    "refunded": "paid back",
    "failed": "failed",
}
_PHONEPE: Final = {"PENDING": AT_BANK, "COMPLETED": PAID, "FAILED": "failed"}


@dataclass(frozen=True)
class ShownAttempt:
    """An attempt to pay. `signature` is what the checkout of Razorpay answers for a paid one."""

    attempt_id: str
    method: str
    state: str
    signature: str | None = None


@dataclass(frozen=True)
class ShownOrder:
    """An order. `waits` while the bank may still answer for an attempt; the payer goes back to
    `return_url`, or is posted to `callback_url` with what the checkout answers."""

    gateway: str
    order_id: str
    reference: str
    amount: Money
    is_paid: bool
    takes_payment: bool
    waits: bool
    attempts: tuple[ShownAttempt, ...]
    return_url: str | None = None
    callback_url: str | None = None

    @property
    def paid_attempt(self) -> ShownAttempt | None:
        """The attempt that the checkout has signed."""
        return next((each for each in self.attempts if each.signature), None)

    @property
    def state(self) -> str:
        if self.is_paid:
            return "paid"
        return "open" if self.takes_payment or self.waits else "closed"


def of_razorpay(emulator: RazorpayEmulator, order: RazorpayOrder) -> ShownOrder:
    """An order of Razorpay."""
    attempts = []
    for each in order.payments:
        is_given_up = each.status == "failed" and each.at_bank
        state = GIVEN_UP if is_given_up else _RAZORPAY[each.status]
        signature = emulator.signed_by_checkout(order.order_id, each.payment_id)
        attempts.append(
            ShownAttempt(each.payment_id, each.method, state, signature if state == PAID else None)
        )
    return ShownOrder(
        gateway="Razorpay",
        order_id=order.order_id,
        reference=order.receipt or "",
        amount=Money(order.amount, order.currency),
        is_paid=order.is_paid,
        takes_payment=not order.is_paid and all(p.status != "authorized" for p in order.payments),
        waits=any(each.at_bank for each in order.payments),
        attempts=tuple(attempts),
        callback_url=order.callback_url,
    )


def of_phonepe(order: PhonePeOrder) -> ShownOrder:
    """An order of PhonePe."""
    waits = any(each.state == "PENDING" for each in order.attempts)
    return ShownOrder(
        gateway="PhonePe",
        order_id=order.order_id,
        reference=order.reference,
        amount=Money(order.amount, "INR"),
        is_paid=order.state == "COMPLETED",
        takes_payment=order.state == "PENDING" and not waits,
        waits=waits,
        attempts=tuple(
            ShownAttempt(each.attempt_id, each.mode, _PHONEPE[each.state])
            for each in order.attempts
        ),
        return_url=order.return_url or None,
    )


def phonepe_order(emulator: PhonePeEmulator, order_id: str) -> PhonePeOrder | None:
    """The order with PhonePe's id or, for its API v1, with our reference."""
    return emulator.book.by_order_id(order_id) or emulator.book.orders.get(order_id)
