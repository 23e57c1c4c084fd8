"""The one way in: ask the gateway for the order of a payment as it is now, and write what is new
(docs/decisions/payments.md). A webhook, the customer's `verify` and the sweep all lead here."""

from __future__ import annotations

import contextlib
import logging
from functools import partial
from itertools import count
from typing import TypeVar

from chalicelib.domain.bookings import online, online_capture
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.core import errors
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments import messages, movements
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.gateway import GatewayOrder, RefundOrder
from chalicelib.domain.payments.messages import Question
from chalicelib.domain.payments.payment import Payment, Refund
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.domain.stays import online_exit
from chalicelib.gateways.payments.protocol import GatewayRefused, PaymentGateway
from chalicelib.services.bookings import settle
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import pass_payments, rebooking, review

log = logging.getLogger("berth")

Payer = Booking | SeasonPass
"""What a payment is for: the first letters of its reference say which."""

P = TypeVar("P", Booking, SeasonPass)


def ask(deps: Deps, name: str, *, source: Source = "outbox") -> Payer | None:
    """Bring the booking, or the season pass, of a payment and the gateway together: ask, record,
    make the refunds that are to be made, and close an order that nobody may pay any more. `name` is
    that of a `Question`; one whose answer is known is not asked. None, and a case for a person,
    where nothing has such a payment. Raises Unavailable where the gateway does not answer."""
    question = Question.read(name)
    reference = _reference(deps, question)
    try:
        if reference is None:
            raise errors.PaymentNotFound()
        return deps.retry_on_conflict(partial(_ask_and_act, deps, reference, question, source))
    except (errors.BookingNotFound, errors.PaymentNotFound):
        review.unknown(deps, question.gateway or "razorpay", question.order)
        return None


def _reference(deps: Deps, question: Question) -> str | None:
    if payments.is_reference(question.order):
        return question.order
    return deps.payment_orders.find(question.gateway or "razorpay", question.order)


def _ask_and_act(deps: Deps, reference: str, question: Question, source: Source) -> Payer:
    if pass_payments.is_of_season_pass(reference):
        return _act(deps, *pass_payments.read(deps, reference), question, source)
    return _act(deps, *read(deps, reference), question, source)


def _act(deps: Deps, payer: P, payment: Payment, question: Question, source: Source) -> P:
    if question.is_answered(payment):
        return payer
    gateway = gateway_of(deps, payment)
    order = gateway.find_order(payment.reference, payment.order_id)
    if order is not None:
        payer = record(deps, payer, payment, order, source=source)
        payment = online.find(payer, payment.reference) or payment
        _close(gateway, payment, order)
    for refund in payment.refunds:
        if refund.is_to_ask or _is_hidden(refund, order):
            payer = _refund(deps, gateway, payer, refund, payment.reference, source)
    if question.refund is not None:
        payer = _found(deps, gateway, payer, payment.reference, question.refund, source)
    return payer


def _is_hidden(refund: Refund, order: GatewayOrder | None) -> bool:
    """Whether a refund of ours is undecided and not shown with its order, as at PhonePe: then a
    repeated request for it answers how far it is, and pays nothing."""
    if refund.reference is None or refund.state != "pending":
        return False
    captured = () if order is None else order.captured
    shown = (seen.reference for attempt in captured for seen in attempt.refunds)
    return refund.reference not in shown


def read(deps: Deps, reference: str) -> tuple[Booking, Payment]:
    """A booking, settled, and its payment with our reference: one read. Raises BookingNotFound,
    PaymentNotFound."""
    booking = settle.read(deps, payments.booking_of(reference))
    payment = online.find(booking, reference)
    if payment is None:
        raise errors.PaymentNotFound()
    return booking, payment


def gateway_of(deps: Deps, payment: Payment) -> PaymentGateway:
    """The gateway of a payment. Raises Unavailable where this deployment has it no more."""
    gateway = deps.gateways.find(payment.gateway)
    if gateway is None:
        raise errors.Unavailable(retry_after=60)
    return gateway


def ask_read(deps: Deps, payer: P, payment: Payment, *, source: Source) -> P:
    """Ask about a payment of a booking, or a season pass, that has just been read, and record what
    is new: one call and one transaction at most. Raises Unavailable."""
    reads = count()

    def once() -> P:
        found = (payer, payment) if next(reads) == 0 else read_again(deps, payer, payment)
        order = gateway_of(deps, payment).find_order(found[1].reference, found[1].order_id)
        return found[0] if order is None else record(deps, *found, order, source=source)

    return deps.retry_on_conflict(once)


def read_again(deps: Deps, payer: P, payment: Payment) -> tuple[P, Payment]:
    """A booking, or a season pass, and its payment as they are now: one read."""
    if isinstance(payer, SeasonPass):
        return pass_payments.read(deps, payment.reference)
    return read(deps, payment.reference)


def record(deps: Deps, payer: P, payment: Payment, order: GatewayOrder, *, source: Source) -> P:
    """The booking, or the season pass, after what is new in the gateway's order is written: one
    transaction. An order that does not fit changes nothing, and is kept for a person. Raises
    StaleVersion."""
    reason = payments.mismatch(payment, order)
    if reason is not None:
        review.misfit(deps, payer.site, payment, reason)
        return payer
    return _write(deps, payer, payments.observe(payment, order, deps.now()), source)


def _write(deps: Deps, payer: P, seen: Payment, source: Source) -> P:
    if isinstance(payer, SeasonPass):
        return pass_payments.write(deps, payer, seen, source)
    _keep_failed(deps, payer, seen)
    if online_capture.may_return(payer, seen):
        again = rebooking.change(deps, payer, seen, source=source)
        # Only the commit knows whether a quota or a promo code has room for it again.
        with contextlib.suppress(errors.QuotaReached, errors.PromoUsedUp):
            return _committed(deps, payer, seen, again or _recorded(deps, payer, seen, source))
    return _committed(deps, payer, seen, _recorded(deps, payer, seen, source))


def _keep_failed(deps: Deps, booking: Booking, seen: Payment) -> None:
    """Keep each refund that has failed now for a person, as its money is still to be paid back. One
    that the gateway has refused at once is kept by the step that asked for it."""
    known = online.find(booking, seen.reference)
    assert known is not None
    for refund in movements.decided(known, seen):
        if refund.state == "failed" and refund.refund_id is not None:
            reason = f"refund {payments.name(refund)} has failed"
            review.misfit(deps, booking.site, seen, reason)


def _committed(
    deps: Deps, booking: Booking, seen: Payment, change: BookingChange | None
) -> Booking:
    if change is None:
        return booking
    known = messages.known_order(seen, deps.now())
    deps.commit(change if known is None else change.saving(known))
    return change.booking.as_stored()


def _recorded(deps: Deps, booking: Booking, seen: Payment, source: Source) -> BookingChange | None:
    policy, now, entry_id = places.zone_of(deps, booking).policy, deps.now(), deps.new_id("LE")
    if seen.purpose == "exit":
        tz = places.site_of(deps, booking).tz
        return online_exit.record(
            booking, seen, policy=policy, tz=tz, source=source, now=now, entry_id=entry_id
        )
    return online_capture.record(
        booking, seen, policy=policy, source=source, now=now, entry_id=entry_id
    )


def _close(gateway: PaymentGateway, payment: Payment, order: GatewayOrder) -> None:
    """Close an order at its gateway that nobody may pay any more."""
    if payment.state == "closed" and order.state == "open":
        try:
            gateway.close_order(payment.reference, order.order_id)
        except GatewayRefused as refused:
            log.warning("order not closed", extra={"order": order.order_id, "code": refused.code})


def _refund(
    deps: Deps,
    gateway: PaymentGateway,
    payer: P,
    refund: Refund,
    reference: str,
    source: Source,
) -> P:
    """Make a refund at the gateway, under our reference, and record its answer."""
    payment = online.find(payer, reference)
    assert payment is not None
    assert payment.order_id is not None
    assert refund.reference is not None
    wanted = RefundOrder(
        refund.reference,
        payment.reference,
        payment.order_id,
        refund.attempt_id,
        Money(refund.minor, payer.currency),
    )
    try:
        seen = payments.refund_seen(payment, refund.reference, gateway.refund(wanted))
    except GatewayRefused as refused:
        review.misfit(deps, payer.site, payment, f"refund {refund.reference}: {refused.code}")
        seen = payments.refund_refused(payment, refund.reference)
    return _write(deps, payer, seen, source)


def _found(
    deps: Deps,
    gateway: PaymentGateway,
    payer: P,
    reference: str,
    named: str,
    source: Source,
) -> P:
    """The booking, or the season pass, with a refund that its gateway knows by the name of a
    message alone: it was made in the gateway's own panel."""
    payment = online.find(payer, reference)
    if payment is None or payment.order_id is None or not payment.captures:
        return payer
    if any(refund.reference == named for refund in payment.refunds):
        return payer
    attempt_id, amount = payment.captures[-1].attempt_id, payment.amount
    asked = RefundOrder(named, payment.reference, payment.order_id, attempt_id, amount)
    seen = gateway.find_refund(asked)
    if seen is None:
        return payer
    return _write(deps, payer, payments.panel_refund_seen(payment, seen, deps.now()), source)
