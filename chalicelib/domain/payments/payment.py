"""An online payment with its refunds, and the one way in which an answer of the gateway changes it
(docs/decisions/payments.md)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final, Literal

from chalicelib.domain.core import ids
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.gateway import (
    Attempt,
    GatewayName,
    GatewayOrder,
    GatewayRefund,
    RefundState,
)

PaymentState = Literal["intended", "open", "closed", "captured"]
"""In the order in which a state may follow another."""

Purpose = Literal["fee", "exit", "dues", "season_pass"]

_STATES: Final[tuple[PaymentState, ...]] = ("intended", "open", "closed", "captured")
_REFUND_STATES: Final[tuple[RefundState, ...]] = ("pending", "failed", "processed")


@dataclass(frozen=True, slots=True)
class Capture:
    """An attempt that brought money, in minor units. `fee` is what the gateway keeps of it, taxes
    included; 0 until it is known."""

    attempt_id: str
    minor: int
    fee: int = 0
    method: str | None = None


@dataclass(frozen=True, slots=True)
class Refund:
    """A refund of one attempt, in minor units, stored `at`. `reference` is ours, None for one that
    was made in the gateway's panel; `refund_id` is the gateway's, None until it is asked for."""

    reference: str | None
    attempt_id: str
    minor: int
    state: RefundState
    at: datetime
    refund_id: str | None = None
    trace: str | None = None

    @property
    def is_to_ask(self) -> bool:
        """Whether the gateway has not answered a request for it yet."""
        return self.state == "pending" and self.refund_id is None


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment through a gateway. `reference` is ours, `order_id` the gateway's; nobody can pay
    after `expires_at`. `tried` counts the attempts, `pay_url` is where it is paid."""

    reference: str
    gateway: GatewayName
    amount: Money
    purpose: Purpose
    created_at: datetime
    expires_at: datetime
    state: PaymentState = "intended"
    order_id: str | None = None
    pay_url: str | None = None
    tried: int = 0
    captures: tuple[Capture, ...] = ()
    refunds: tuple[Refund, ...] = ()

    @property
    def received(self) -> int:
        """The money that came in, in minor units."""
        return sum(capture.minor for capture in self.captures)

    @property
    def fees(self) -> int:
        """What the gateway keeps, in minor units."""
        return sum(capture.fee for capture in self.captures)

    @property
    def returned(self) -> int:
        """The money of all refunds that have not failed, in minor units."""
        return sum(refund.minor for refund in self.refunds if refund.state != "failed")

    @property
    def processed(self) -> int:
        """The money of all refunds that the gateway has processed, in minor units."""
        return sum(refund.minor for refund in self.refunds if refund.state == "processed")

    @property
    def kept(self) -> int:
        """The money that came in and was not paid back, in minor units."""
        return self.received - self.returned

    @property
    def is_awaited(self) -> bool:
        """Whether it can still be paid."""
        return self.state in ("intended", "open")

    @property
    def has_lost_page(self) -> bool:
        """Whether nobody can pay its order: PhonePe names the page of an order once, and that
        answer got lost."""
        return self.gateway == "phonepe" and self.state == "open" and self.pay_url is None

    @property
    def is_settled(self) -> bool:
        """Whether it has brought its amount. What a person pays back of it in the panel, before we
        hear of the payment or after it, changes nothing of that."""
        return self.received >= self.amount.minor

    @property
    def pending(self) -> tuple[Refund, ...]:
        """The refunds that the gateway has not decided."""
        return tuple(refund for refund in self.refunds if refund.state == "pending")

    def refundable(self, capture: Capture) -> int:
        """What may still be paid back of a capture, in minor units; never below zero."""
        gone = sum(
            refund.minor
            for refund in self.refunds
            if refund.attempt_id == capture.attempt_id and refund.state != "failed"
        )
        return max(capture.minor - gone, 0)


Payments = tuple[Payment, ...]


def name(refund: Refund) -> str:
    """The name of a refund: our reference, or the id of one that is none of ours."""
    return refund.reference or refund.refund_id or ""


def mismatch(payment: Payment, order: GatewayOrder) -> str | None:
    """What of the gateway's order does not fit the payment, in words for staff; None where all
    fits."""
    if order.reference != payment.reference:
        return "the order has another reference"
    if payment.order_id not in (None, order.order_id):
        return "the order has another id"
    for amount in (order.amount, *(attempt.amount for attempt in order.captured)):
        if amount.currency != payment.amount.currency:
            return f"the currency is {amount.currency}"
        if amount != payment.amount:
            return f"the amount is {amount.text()} {amount.currency}"
    return None


def observe(payment: Payment, order: GatewayOrder, now: datetime) -> Payment:
    """The payment after the gateway has shown its order, which fits. Answers may come twice and in
    any order: nothing that was seen once is lost, and no state moves backwards.

    Repeated: `observe(observe(p, a), a) == observe(p, a)`.
    In another order: `observe(observe(p, a), b) == observe(observe(p, b), a)`.
    """
    captures, refunds = payment.captures, payment.refunds
    for attempt in order.captured:
        captures = _with_capture(captures, attempt)
        for refund in attempt.refunds:
            refunds = _with_refund(refunds, refund, attempt.attempt_id, now)
    return replace(
        payment,
        state=_later(payment.state, _state_of(order, captures)),
        order_id=payment.order_id or order.order_id,
        pay_url=payment.pay_url or order.pay_url,
        tried=max(payment.tried, len(order.attempts)),
        captures=captures,
        refunds=refunds,
    )


def _state_of(order: GatewayOrder, captures: Sequence[Capture]) -> PaymentState:
    if captures:
        return "captured"
    return "closed" if order.state == "expired" else "open"


def _later(one: PaymentState, other: PaymentState) -> PaymentState:
    return max(one, other, key=_STATES.index)


def _with_capture(captures: tuple[Capture, ...], attempt: Attempt) -> tuple[Capture, ...]:
    """The captures by the id of their attempt. The gateway may name its fee and the method
    later."""
    fee = (attempt.fee or 0) + (attempt.tax or 0)
    seen = Capture(attempt.attempt_id, attempt.amount.minor, fee, attempt.method)
    known = {capture.attempt_id: capture for capture in captures}
    if before := known.get(seen.attempt_id):
        method = max(before.method or "", seen.method or "") or None
        seen = replace(before, fee=max(before.fee, seen.fee), method=method)
    known[seen.attempt_id] = seen
    return tuple(known[each] for each in sorted(known))


def _with_refund(
    refunds: tuple[Refund, ...], seen: GatewayRefund, attempt_id: str, now: datetime
) -> tuple[Refund, ...]:
    """The refunds with what the gateway shows of one. One that it made by itself, or a person in
    its panel, is added."""
    for place, refund in enumerate(refunds):
        if _is_same(refund, seen):
            return (*refunds[:place], _advanced(refund, seen), *refunds[place + 1 :])
    added = Refund(None, attempt_id, seen.amount.minor, seen.state, now, seen.refund_id, seen.trace)
    ours = [refund for refund in refunds if refund.reference is not None]
    theirs = [refund for refund in refunds if refund.reference is None]
    return (*ours, *sorted((*theirs, added), key=lambda refund: refund.refund_id or ""))


def _is_same(refund: Refund, seen: GatewayRefund) -> bool:
    if refund.refund_id is not None and refund.refund_id == seen.refund_id:
        return True
    return refund.reference is not None and refund.reference == seen.reference


def _advanced(refund: Refund, seen: GatewayRefund) -> Refund:
    return replace(
        refund,
        state=max(refund.state, seen.state, key=_REFUND_STATES.index),
        refund_id=refund.refund_id or seen.refund_id,
        trace=max(refund.trace or "", seen.trace or "") or None,
    )


def refund_seen(payment: Payment, reference: str, seen: GatewayRefund) -> Payment:
    """The payment after the gateway has answered our refund `reference`."""
    refunds = (
        _advanced(refund, seen) if refund.reference == reference else refund
        for refund in payment.refunds
    )
    return replace(payment, refunds=tuple(refunds))


def panel_refund_seen(payment: Payment, seen: GatewayRefund, now: datetime) -> Payment:
    """The payment after the gateway has shown a refund of its panel by itself: of the capture that
    has so much left, or else of the last one."""
    fitting = (c for c in payment.captures if payment.refundable(c) >= seen.amount.minor)
    attempt_id = next(fitting, payment.captures[-1]).attempt_id
    refunds = _with_refund(payment.refunds, seen, attempt_id, now)
    return payment if refunds == payment.refunds else replace(payment, refunds=refunds)


def refund_refused(payment: Payment, reference: str) -> Payment:
    """The payment after the gateway has refused our refund `reference` for good: it has failed, and
    its money may be paid back in another way."""
    refunds = (
        replace(refund, state="failed")
        if refund.reference == reference and refund.is_to_ask
        else refund
        for refund in payment.refunds
    )
    return replace(payment, refunds=tuple(refunds))


def closed(payments: Payments, *, still: Money | None = None) -> Payments:
    """The payments, of which those not paid so far are not awaited any more; but one of an exit
    that pays `still`, what stays due, is."""
    return tuple(
        replace(payment, state="closed")
        if payment.is_awaited and not (payment.purpose == "exit" and payment.amount == still)
        else payment
        for payment in payments
    )


def lost(before: Payments, after: Payments) -> Iterable[Payment]:
    """The payments that are not awaited any more, and were so far."""
    awaited = {payment.reference for payment in before if payment.is_awaited}
    return (each for each in after if each.state == "closed" and each.reference in awaited)


def put(payments: Payments, payment: Payment) -> Payments:
    """The payments with this version of one of them, or with it as the last."""
    if all(each.reference != payment.reference for each in payments):
        return (*payments, payment)
    return tuple(payment if each.reference == payment.reference else each for each in payments)


def next_reference(booking_id: str, payments: Payments) -> str:
    """Our reference for the next payment of a booking or a season pass.

    >>> next_reference("BK7Q2M9X4T1NG1QR00005", ())
    'BK7Q2M9X4T1NG1QR00005_1'
    """
    return f"{booking_id}_{len(payments) + 1}"


def booking_of(reference: str) -> str:
    """The id of the booking, or the season pass, that a reference belongs to."""
    return reference.partition("_")[0]


def is_reference(name: str) -> bool:
    """Whether a name of a payment is a reference of ours.

    >>> is_reference("BK7Q2M9X4T1NG1QR00005_1"), is_reference("order_Nx2M9X4T1NG1QR")
    (True, False)
    """
    return bool(ids.booking_key(booking_of(name)) or ids.season_pass_key(booking_of(name)))
