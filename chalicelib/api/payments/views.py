"""Views of orders at gateways, and of what waits for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self

from chalicelib.api.web.values import Currency, Instant, MoneyView, WebUrl, maybe
from chalicelib.domain.core import localtime
from chalicelib.domain.core.constraints import Doc
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.payments.messages import ReviewCase
from chalicelib.services.payments.orders import OpenOrder


@dataclass(frozen=True)
class OrderView:
    """An order to pay: with the checkout of Razorpay by `order_id` and `key_id`, or on the page
    `pay_url`."""

    booking_id: str
    gateway: GatewayName
    order_id: Annotated[str | None, Doc("The gateway's id of the order.", "order_Nx2")]
    amount: Annotated[int, Doc("In minor units, as a checkout takes it.", 5000)]
    currency: Currency
    total: Annotated[MoneyView, Doc("The same amount, to be shown.")]
    key_id: Annotated[str | None, Doc("The public key of the checkout.", "rzp_live_7Q2M")]
    pay_url: WebUrl | None
    expires_at: Annotated[Instant, Doc("Until when it is to be paid; a later payment may go back.")]

    @classmethod
    def of(cls, opened: OpenOrder) -> Self:
        payment = opened.payment
        return cls(
            booking_id=opened.booking.booking_id,
            gateway=payment.gateway,
            order_id=payment.order_id,
            amount=payment.amount.minor,
            currency=payment.amount.currency,
            total=MoneyView.of(payment.amount),
            key_id=opened.key_id,
            pay_url=payment.pay_url,
            expires_at=localtime.iso(payment.expires_at),
        )


@dataclass(frozen=True)
class ReceivedView:
    """The answer to a message of a gateway."""

    received: bool = True


@dataclass(frozen=True)
class ReviewCaseView:
    """Something of a gateway that does not fit, for a person."""

    case_id: Annotated[str, Doc("The id of the case.", "RV1NG1QR000000007")]
    at: Instant | None
    site: str | None
    gateway: GatewayName
    order: Annotated[str, Doc("The gateway's order, or our reference.", "order_Nx2")]
    booking_id: str | None
    reason: Annotated[str, Doc("What does not fit.", "the amount is 0.01 INR")]

    @classmethod
    def of(cls, case: ReviewCase) -> Self:
        return cls(
            case.case_id,
            maybe(case.at),
            case.site,
            case.gateway,
            case.order,
            case.booking_id,
            case.reason,
        )
