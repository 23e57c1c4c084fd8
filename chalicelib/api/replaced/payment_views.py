"""Answers of the payment URLs of the replaced parking system. Amounts are JSON numbers in rupees,
but for the order of Razorpay, which counts in paise; fields that its document does not name are
ours."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final, Literal, Self

from chalicelib.api.replaced.parking_views import SessionId
from chalicelib.api.web.values import Currency, Instant, WebUrl, instant
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.constraints import Doc, Named
from chalicelib.domain.payments.payment import Payment
from chalicelib.services.payments.old_orders import PhonePeOrder, Returned
from chalicelib.services.payments.orders import OpenOrder

PhonePeUpi = Annotated[Literal["PHONEPE_UPI"], Named("PhonePeMethod")]
Initiated = Annotated[Literal["INITIATED"], Named("PhonePeInitiated")]
Rupees = Annotated[float, Doc("An amount in rupees.", 100.5)]
Reference = Annotated[str, Doc("Our reference of the payment.", "BK7Q2M9X4T1NG1QR00005_1")]

Progress = Annotated[Literal["COMPLETED", "PENDING", "FAILED"], Named("PhonePeProgress")]
Paid = Annotated[Literal["PAID", "PENDING", "FAILED"], Named("RazorpayProgress")]

_PROGRESS: Final[dict[str, Progress]] = {"captured": "COMPLETED", "closed": "FAILED"}


@dataclass(frozen=True)
class PhonePeCreated:
    """A payment to make with PhonePe: `upi_link` opens a payment app, or PhonePe's page, which is
    `pay_url`. The amount is that which is due."""

    success: bool
    merchant_txn_id: Reference
    transaction_id: Annotated[str, Doc("PhonePe's id of the order.", "OMO2403282020198641071317")]
    upi_link: Annotated[str, Doc("Opens a payment.", "https://mercury-t2.phonepe.com/transact/x")]
    amount: Rupees
    status: Initiated
    payment_method: PhonePeUpi
    message: str
    session_id: SessionId
    pay_url: WebUrl | None
    expires_at: Annotated[Instant, Doc("Until when it is to be paid.")]

    @classmethod
    def of(cls, order: PhonePeOrder) -> Self:
        payment = order.payment
        return cls(
            success=True,
            merchant_txn_id=payment.reference,
            transaction_id=payment.order_id or payment.reference,
            upi_link=order.link,
            amount=float(payment.amount.text()),
            status="INITIATED",
            payment_method="PHONEPE_UPI",
            message="Payment link generated. Please complete payment via PhonePe.",
            session_id=order.booking.booking_id,
            pay_url=payment.pay_url,
            expires_at=instant(payment.expires_at),
        )


@dataclass(frozen=True)
class PhonePeVerified:
    """How far a payment is, after PhonePe was asked."""

    success: bool
    verified: Annotated[bool, Doc("Whether the money has come.", True)]
    status: Progress
    amount: Rupees
    payment_method: PhonePeUpi

    @classmethod
    def of(cls, payment: Payment) -> Self:
        status = _PROGRESS.get(payment.state, "PENDING")
        verified, amount = status == "COMPLETED", float(payment.amount.text())
        return cls(True, verified, status, amount, "PHONEPE_UPI")


@dataclass(frozen=True)
class PhonePeRefunded:
    """A refund that is on its way."""

    success: bool
    refund_id: Annotated[str, Doc("Our reference of the refund.", "BK7Q2M9X4T1NG1QR00005_1_r1")]
    status: Initiated
    amount: Rupees

    @classmethod
    def of(cls, returned: Returned) -> Self:
        return cls(True, returned.reference, "INITIATED", float(returned.amount.text()))


@dataclass(frozen=True)
class RazorpayCreated:
    """An order to pay with Razorpay's checkout."""

    success: bool
    order_id: Annotated[str, Doc("Razorpay's id of the order.", "order_Nx2")]
    amount: Annotated[int, Doc("In paise.", 10050)]
    currency: Currency
    key_id: Annotated[str | None, Doc("The public key of the checkout.", "rzp_test_7Q2M")]
    session_id: SessionId

    @classmethod
    def of(cls, opened: OpenOrder) -> Self:
        payment = opened.payment
        return cls(
            success=True,
            order_id=payment.order_id or payment.reference,
            amount=payment.amount.minor,
            currency=payment.amount.currency,
            key_id=opened.key_id,
            session_id=opened.booking.booking_id,
        )


@dataclass(frozen=True)
class RazorpayVerified:
    """How far a payment is, after Razorpay was asked. It is PAID once the money has come."""

    success: bool
    message: str
    status: Paid
    session_id: SessionId
    is_paid: bool

    @classmethod
    def of(cls, booking: Booking, payment: Payment) -> Self:
        status: Paid = "PENDING"
        if payment.state in ("captured", "closed"):
            status = "PAID" if payment.state == "captured" else "FAILED"
        is_paid = status == "PAID"
        message = "Payment verified" if is_paid else "Payment is not complete"
        return cls(True, message, status, booking.booking_id, is_paid)
