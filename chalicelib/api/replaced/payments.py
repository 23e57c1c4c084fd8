"""The payment URLs of the parking system that Berth replaces. They call the services of the new
URLs; the amount and the user that old apps send are read and not used: the bill says what is due,
the token who asks."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Any, Final

from chalicelib.api.bookings.bodies import Reason
from chalicelib.api.bookings.present import as_json
from chalicelib.api.payments.views import ReceivedView
from chalicelib.api.payments.webhooks import PHONEPE, RAZORPAY, receive
from chalicelib.api.replaced import parking_words as words
from chalicelib.api.replaced.payment_views import (
    PhonePeCreated,
    PhonePeRefunded,
    PhonePeVerified,
    RazorpayCreated,
    RazorpayVerified,
)
from chalicelib.api.web.http import OWNER, PUBLIC, USER, Answer, Call, Routes, ok
from chalicelib.domain.core import errors
from chalicelib.domain.core.constraints import Amount, BookingRef, Doc, Text
from chalicelib.services.core import rate_limits
from chalicelib.services.payments import old_orders, verifying

routes = Routes(__name__)

REFUSALS: Final = words.Refusals(
    (
        (errors.BookingNotFound, "Session not found"),
        (errors.PaymentNotFound, "Payment not found"),
        (errors.ExitNotScanned, "Exit QR not scanned yet"),
        (errors.PaymentMethodUnavailable, "Payment issue, retry"),
        (errors.PaymentRefused, "Payment issue, retry"),
        (errors.Unavailable, "Payment issue, retry"),
    )
)

OLD: Final[dict[str, Any]] = {"forms": True, "refusal": REFUSALS, "plain": words.plain}
"""What all its posts of apps have in common."""

Transaction = Annotated[
    str, Text(max=100, code=True), Doc("Our reference.", "BK7Q2M9X4T1NG1QR00005_1")
]
Unused = Annotated[str, Text(max=100, numbers=True), Doc("Without effect.", "1")]
AmountSent = Annotated[str, Amount(), Doc("Without effect: the bill says what is due.", "100.50")]
Named = Annotated[str, Text(max=200, code=True)]


@dataclass(frozen=True)
class PhonePeCreate:
    """The booking to pay with PhonePe."""

    session_id: BookingRef
    amount: AmountSent | None = None
    user_id: Unused | None = None


@dataclass(frozen=True)
class PhonePeVerify:
    """The payment to ask PhonePe about."""

    merchant_txn_id: Transaction
    session_id: BookingRef | None = None


@dataclass(frozen=True)
class PhonePeRefund:
    """The payment to pay back, and why."""

    merchant_txn_id: Transaction
    reason: Reason
    amount: Annotated[str, Amount(), Doc("By default all that was paid.", "100.50")] | None = None


@dataclass(frozen=True)
class RazorpayCreate:
    """An amount to pay. Without a booking it is what the caller owes: of several debts the one of
    this amount, else the newest."""

    amount: Annotated[str, Amount(), Doc("Chooses between several debts.", "100.50")] | None = None
    currency: Annotated[str, Text(max=3), Doc("Must be that of the booking.", "INR")] | None = None
    session_id: BookingRef | None = None


@dataclass(frozen=True)
class RazorpayVerify:
    """The answer of Razorpay's checkout."""

    razorpay_order_id: Annotated[Named, Doc("The order.", "order_Nx2")]
    razorpay_payment_id: Annotated[Named, Doc("The payment.", "pay_Nx3")]
    razorpay_signature: Annotated[Named, Doc("The signature over both.", "9f86d081884c7d65")]


@routes.post(
    "/api/payment/phonepe/create",
    who=USER, takes=PhonePeCreate, gives=PhonePeCreated, once=True, limit=rate_limits.BOOK, **OLD,
)  # fmt: skip
def phonepe_create(call: Call) -> Answer:
    """The order by which the amount due of a booking is paid with PhonePe."""
    order = old_orders.open_phonepe(call.deps, call.actor, call.body.session_id)
    return ok(as_json(PhonePeCreated.of(order)))


@routes.post(
    "/api/payment/phonepe/verify",
    who=USER, takes=PhonePeVerify, gives=PhonePeVerified, limit=rate_limits.ASK_GATEWAY, **OLD,
)  # fmt: skip
def phonepe_verify(call: Call) -> Answer:
    """A payment after PhonePe was asked about it."""
    body = call.body
    payment = old_orders.ask_about(
        call.deps, call.actor, body.merchant_txn_id, booking_id=body.session_id
    )
    return ok(as_json(PhonePeVerified.of(payment)))


@routes.post(
    "/api/payment/phonepe/refund",
    who=OWNER, takes=PhonePeRefund, gives=PhonePeRefunded, once=True, sensitive=True, **OLD,
)  # fmt: skip
def phonepe_refund(call: Call) -> Answer:
    """Pay back what was paid for a booking, or a part of it, with a reason."""
    body = call.body
    returned = old_orders.pay_back(
        call.deps, call.actor, body.merchant_txn_id, body.amount, reason=body.reason
    )
    return ok(as_json(PhonePeRefunded.of(returned)))


@routes.post("/api/payment/callback/phonepe", who=PUBLIC, signed=PHONEPE, gives=ReceivedView)
def phonepe_callback(call: Call) -> Answer:
    """Take a message of PhonePe. A copy of one that has come before changes nothing."""
    return receive(call, "phonepe")


@routes.post(
    "/api/payment/create-order",
    who=USER, takes=RazorpayCreate, gives=RazorpayCreated, once=True, limit=rate_limits.BOOK,
    **OLD,
)  # fmt: skip
def razorpay_create_order(call: Call) -> Answer:
    """The order by which what the caller owes is paid with Razorpay."""
    body = call.body
    opened = old_orders.open_razorpay(
        call.deps,
        call.actor,
        booking_id=body.session_id,
        amount=body.amount,
        currency=body.currency,
    )
    return ok(as_json(RazorpayCreated.of(opened)))


@routes.post(
    "/api/payment/verify",
    who=USER, takes=RazorpayVerify, gives=RazorpayVerified, limit=rate_limits.ASK_GATEWAY, **OLD,
)  # fmt: skip
def razorpay_verify(call: Call) -> Answer:
    """A payment after the answer of Razorpay's checkout. It must be signed; money counts only where
    Razorpay shows it."""
    body = call.body
    booking = verifying.verify_checkout(
        call.deps,
        call.actor,
        order_id=body.razorpay_order_id,
        payment_id=body.razorpay_payment_id,
        signature=body.razorpay_signature,
    )
    payment = old_orders.paid_by(booking, body.razorpay_order_id)
    return ok(as_json(RazorpayVerified.of(booking, payment)))


@routes.post("/api/payment/webhook", who=PUBLIC, signed=RAZORPAY, gives=ReceivedView)
def razorpay_webhook_old(call: Call) -> Answer:
    """Take a message of Razorpay. A copy of one that has come before changes nothing."""
    return receive(call, "razorpay")
