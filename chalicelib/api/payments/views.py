"""Views of orders at gateways, and of what waits for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self

from chalicelib.api.web.values import Currency, Instant, MoneyView, WebUrl, maybe
from chalicelib.domain.core import localtime
from chalicelib.domain.core.constraints import Doc
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.payments.review import CaseStatus, ReviewCase
from chalicelib.services.payments.orders import OpenOrder


@dataclass(frozen=True)
class OrderView:
    """An order to pay: with the checkout of Razorpay by `order_id` and `key_id`, on the page of the
    gateway (`pay_url`), or on our own (`page`), which leads to either."""

    booking_id: str
    gateway: GatewayName
    order_id: Annotated[str | None, Doc("The gateway's id of the order.", "order_Nx2")]
    amount: Annotated[int, Doc("In minor units, as a checkout takes it.", 5000)]
    currency: Currency
    total: Annotated[MoneyView, Doc("The same amount, to be shown.")]
    key_id: Annotated[str | None, Doc("The public key of the checkout.", "rzp_live_7Q2M")]
    pay_url: WebUrl | None
    page: Annotated[WebUrl, Doc("Our page that takes the payment, without signing in.")]
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
            page=opened.page,
            expires_at=localtime.iso(payment.expires_at),
        )


@dataclass(frozen=True)
class ReceivedView:
    """The answer to a message of a gateway."""

    received: bool = True


@dataclass(frozen=True)
class ReviewCaseView:
    """Something that does not fit, for a person; closed, with who closed it and the note."""

    case_id: Annotated[str, Doc("The id of the case.", "RV1NG1QR000000007")]
    status: CaseStatus
    at: Instant | None
    site: str | None
    gateway: Annotated[GatewayName | None, Doc("Null for a difference in our own books.")]
    order: Annotated[
        str,
        Doc("The gateway's order, our reference, the shift, or the booking.", "order_Nx2"),
    ]
    booking_id: str | None
    reason: Annotated[str, Doc("What does not fit.", "the amount is 0.01 INR")]
    closed_at: Instant | None
    closed_by: Annotated[str | None, Doc("The account that closed it.", "US7Q2M9X4T")]
    note: str

    @classmethod
    def of(cls, case: ReviewCase) -> Self:
        return cls(
            case_id=case.case_id,
            status=case.status,
            at=maybe(case.at),
            site=case.site,
            gateway=case.gateway,
            order=case.order,
            booking_id=case.booking_id,
            reason=case.reason,
            closed_at=maybe(case.closed_at),
            closed_by=case.closed_by,
            note=case.note,
        )
