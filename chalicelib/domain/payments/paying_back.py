"""What goes back of the payments of a booking: the latest payment first, the rest by hand
(docs/rules/payments.md, Refunds)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.payments.payment import Capture, Payment, Payments, Refund, put


def refundable(payments: Iterable[Payment]) -> int:
    """What may still be paid back through the gateways, in minor units."""
    return sum(payment.refundable(capture) for payment in payments for capture in payment.captures)


def pay_back(payments: Payments, minor: int, now: datetime) -> tuple[Payments, int]:
    """The payments with refunds of `minor` in all, the latest payment first, and what is left to be
    paid back by hand."""
    left = minor
    for payment in reversed(payments):
        for capture in payment.captures:
            part = min(left, payment.refundable(capture))
            if part > 0:
                payment = _refunding(payment, capture, part, now)
                left -= part
        payments = put(payments, payment)
    return payments, left


def _refunding(payment: Payment, capture: Capture, minor: int, now: datetime) -> Payment:
    number = 1 + sum(refund.reference is not None for refund in payment.refunds)
    refund = Refund(f"{payment.reference}_r{number}", capture.attempt_id, minor, "pending", now)
    ours = [each for each in payment.refunds if each.reference is not None]
    theirs = [each for each in payment.refunds if each.reference is None]
    return replace(payment, refunds=(*ours, refund, *theirs))
