"""Views of what a customer has paid and still owes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Annotated, Self

from chalicelib.api.bookings.views import RefundView, ShortCode
from chalicelib.api.web.values import Instant, MoneyView, WebUrl, instant
from chalicelib.domain.bookings import online
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.constraints import Doc
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.payments.payment import Payment, PaymentState, Purpose
from chalicelib.services.payments.history import Due


@dataclass(frozen=True)
class OnlinePaymentView:
    """A payment through a gateway, with its refunds."""

    reference: Annotated[str, Doc("Names the payment.", "BK7Q2M9X4T1NG1QR00005_1")]
    purpose: Purpose
    gateway: GatewayName
    order_id: Annotated[str | None, Doc("The gateway's id of the order.", "order_Nx2")]
    state: Annotated[PaymentState, Doc("`captured` once money has come in.")]
    amount: MoneyView
    received: Annotated[MoneyView, Doc("What came in.")]
    method: Annotated[str | None, Doc("How it was paid, as the gateway says.", "upi")]
    attempts: Annotated[int, Doc("How often it was tried.", 1)]
    created_at: Instant
    expires_at: Annotated[Instant, Doc("Until when it can be paid.")]
    refunds: Annotated[tuple[RefundView, ...], Doc("What went back of it, or is on its way.")]

    @classmethod
    def of(cls, payment: Payment) -> Self:
        currency = payment.amount.currency
        methods = [capture.method for capture in payment.captures if capture.method]
        return cls(
            reference=payment.reference,
            purpose=payment.purpose,
            gateway=payment.gateway,
            order_id=payment.order_id,
            state=payment.state,
            amount=MoneyView.of(payment.amount),
            received=MoneyView.of(Money(payment.received, currency)),
            method=methods[0] if methods else None,
            attempts=payment.tried,
            created_at=instant(payment.created_at),
            expires_at=instant(payment.expires_at),
            refunds=tuple(_refunds(payment, currency)),
        )


@dataclass(frozen=True)
class PaymentsView:
    """The money of a booking: received in all, of which so much by hand (at the gate or the desk);
    gone back in all, of which so much by hand; and each payment through a gateway, first one
    first."""

    booking_id: Annotated[str, Doc("The booking.", "BK7Q2M9X4T1NG1QR00005")]
    code: ShortCode
    status: Status
    site: str
    zone_id: str
    start_time: Instant
    amount_paid: MoneyView
    paid_by_hand: MoneyView
    amount_refunded: MoneyView
    refunded_by_hand: MoneyView
    amount_due: Annotated[MoneyView, Doc("What can be paid online now.")]
    payments: tuple[OnlinePaymentView, ...]

    @classmethod
    def of(cls, booking: Booking) -> Self:
        def money(minor: int) -> MoneyView:
            return MoneyView.of(Money(minor, booking.currency))

        online_money = sum(payment.received for payment in booking.payments)
        return cls(
            booking_id=booking.booking_id,
            code=booking.code,
            status=booking.status,
            site=booking.site,
            zone_id=booking.zone_id,
            start_time=instant(booking.booked.start),
            amount_paid=MoneyView.of(booking.amount_paid),
            paid_by_hand=money(booking.paid - online_money),
            amount_refunded=money(booking.returned),
            refunded_by_hand=money(booking.by_hand),
            amount_due=MoneyView.of(online.amount_due(booking)),
            payments=tuple(map(OnlinePaymentView.of, booking.payments)),
        )


@dataclass(frozen=True)
class DueView:
    """An amount that a customer owes for a stay, or for not coming."""

    booking_id: Annotated[str, Doc("The booking.", "BK7Q2M9X4T1NG1QR00005")]
    code: ShortCode
    status: Annotated[Status, Doc("`completed` after a stay, `expired` for a no-show.")]
    site: str
    zone_id: str
    start_time: Instant
    amount_due: MoneyView
    pay_url: Annotated[
        WebUrl | None, Doc("The page that takes the payment; null where none is taken online.")
    ]

    @classmethod
    def of(cls, due: Due) -> Self:
        booking = due.booking
        return cls(
            booking_id=booking.booking_id,
            code=booking.code,
            status=booking.status,
            site=booking.site,
            zone_id=booking.zone_id,
            start_time=instant(booking.booked.start),
            amount_due=MoneyView.of(due.amount),
            pay_url=due.pay_url,
        )


@dataclass(frozen=True)
class DuesView:
    """All that a customer owes, oldest first."""

    items: tuple[DueView, ...]


def _refunds(payment: Payment, currency: str) -> Iterator[RefundView]:
    for refund in payment.refunds:
        amount = MoneyView.of(Money(refund.minor, currency))
        yield RefundView(amount, refund.state, instant(refund.at), refund.trace)
