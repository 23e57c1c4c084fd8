"""What was taken of a booking as its deposit (docs/rules/deposits.md)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from chalicelib.domain.payments import paying_back
from chalicelib.domain.payments.payment import Payments, put


@dataclass(frozen=True, slots=True)
class Deposit:
    """A deposit that was taken, in minor units: in cash or with the fee online. `by_hand` went back
    from a drawer, `refunds` are our references of what goes back through a gateway. What is `kept`
    is earned, with `tax` inside it, for a `reason`."""

    taken: int = 0
    in_cash: bool = False
    by_hand: int = 0
    refunds: tuple[str, ...] = ()
    kept: int = 0
    tax: int = 0
    reason: str = ""

    @property
    def is_decided(self) -> bool:
        """Whether it was given back or kept: from then on nothing comes back by itself."""
        return bool(self.by_hand or self.refunds or self.kept)

    def back(self, payments: Payments) -> int:
        """What went back of it, or is on its way back. A refund that fails is held again; what a
        person pays back in the panel of a gateway takes the money of the stay first."""
        if not self.taken:
            return 0
        asked = self.by_hand + self._refunded(payments)
        if self.in_cash:
            return asked
        left = self.taken - self.kept - asked
        return asked + max(left - paying_back.refundable(_of_fee(payments)), 0)

    def processed(self, payments: Payments) -> int:
        """What of it has gone back through a gateway for good."""
        named = set(self.refunds)
        sent = (r for p in payments for r in p.refunds if r.reference in named)
        done = sum(refund.minor for refund in sent if refund.state == "processed")
        return done + self.back(payments) - self.by_hand - self._refunded(payments)

    def _refunded(self, payments: Payments) -> int:
        named = set(self.refunds)
        sent = (r for p in payments for r in p.refunds if r.reference in named)
        return sum(refund.minor for refund in sent if refund.state != "failed")


NONE: Final = Deposit()


def pay_back(
    deposit: Deposit, payments: Payments, minor: int, now: datetime
) -> tuple[Deposit, Payments]:
    """The deposit and the payments after `minor` of what is held goes back: the way it came."""
    if deposit.in_cash:
        return replace(deposit, by_hand=deposit.by_hand + minor), payments
    paid, left = paying_back.pay_back(_of_fee(payments), minor, now)
    known = set(_references(payments))
    refunds = tuple(name for name in _references(paid) if name not in known)
    after = payments
    for payment in paid:
        after = put(after, payment)
    by_hand = deposit.by_hand + left
    return replace(deposit, refunds=(*deposit.refunds, *refunds), by_hand=by_hand), after


def _of_fee(payments: Payments) -> Payments:
    """The payments that a deposit comes with."""
    return tuple(payment for payment in payments if payment.purpose == "fee")


def _references(payments: Payments) -> tuple[str, ...]:
    refunds = (refund.reference for payment in payments for refund in payment.refunds)
    return tuple(name for name in refunds if name is not None)
