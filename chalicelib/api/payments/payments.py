"""Routes of online payments: orders, answers of checkouts, refunds, what waits for a person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from chalicelib.api.bookings import present
from chalicelib.api.bookings.bodies import Reason
from chalicelib.api.bookings.views import BookingDetailView
from chalicelib.api.payments.views import OrderView, ReviewCaseView
from chalicelib.api.web import lists
from chalicelib.api.web.http import OWNER, USER, Answer, Call, Routes, created, ok
from chalicelib.api.web.lists import Cursor, PageSize
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors, serialize
from chalicelib.domain.core.constraints import Amount, BookingRef, Doc, Slug, Text
from chalicelib.domain.core.sentence import say
from chalicelib.domain.payments.review import CaseStatus
from chalicelib.services.core import rate_limits
from chalicelib.services.payments import orders, refunds, review, verifying

routes = Routes(__name__)

_Named = Annotated[str, Text(max=100, code=True)]


@dataclass(frozen=True)
class PayBooking:
    """The booking to pay. The amount is that which is due."""

    booking_id: BookingRef


@dataclass(frozen=True)
class VerifyPayment:
    """What the checkout of Razorpay has answered; or only the booking, to ask its gateway."""

    booking_id: BookingRef | None = None
    razorpay_order_id: Annotated[_Named, Doc("The order.", "order_Nx2")] | None = None
    razorpay_payment_id: Annotated[_Named, Doc("The payment.", "pay_Nx3")] | None = None
    razorpay_signature: (
        Annotated[
            str, Text(max=200, code=True), Doc("The signature over both.", "9f86d081884c7d65")
        ]
        | None
    ) = None


@dataclass(frozen=True)
class RefundPayment:
    """How much to pay back, and why."""

    reason: Reason
    amount: (
        Annotated[str, Amount(), Doc("By default all that was paid and not paid back.", "20.00")]
        | None
    ) = None


@dataclass(frozen=True)
class ReviewsQuery:
    """Which page, of which site."""

    site: Annotated[Slug, Doc("Without it those that belong to no site, for admins.")] | None = None
    status: Annotated[CaseStatus, Doc("Those that wait, or those that are closed.")] = "open"
    limit: PageSize = 20
    cursor: Cursor | None = None


@dataclass(frozen=True)
class CloseCase:
    """What was done about a case, and its site."""

    note: Reason
    site: Annotated[Slug, Doc("Without it a case that belongs to no site, for admins.")] | None = (
        None
    )


def _detail(call: Call, booking: Booking) -> Answer:
    return ok(present.as_json(present.booking_detail(call.deps, booking)))


@routes.post(
    "/api/payments/orders",
    who=USER, takes=PayBooking, gives=OrderView, status=201, once=True, limit=rate_limits.BOOK,
    located=("/api/bookings/{booking_id}",),
)  # fmt: skip
def create_order(call: Call) -> Answer:
    """The order by which the amount due of a booking is paid online: its fee while it is held, or
    what is due after the stay. Repeated, it answers with the order that is open."""
    opened = orders.open_order(call.deps, call.actor, call.body.booking_id)
    return created(serialize.fields(OrderView.of(opened)))


@routes.post(
    "/api/payments/verify",
    who=USER, takes=VerifyPayment, gives=BookingDetailView, limit=rate_limits.ASK_GATEWAY,
)  # fmt: skip
def verify_payment(call: Call) -> Answer:
    """The booking after its gateway was asked for the payment. The answer of a checkout must be
    signed; money counts only where the gateway shows it."""
    return _detail(call, verified(call, call.body))


def verified(call: Call, body: VerifyPayment) -> Booking:
    """The booking of an answer of the checkout, or the named one, after its gateway was asked."""
    if body.razorpay_order_id is not None:
        return verifying.verify_checkout(
            call.deps,
            call.actor,
            order_id=body.razorpay_order_id,
            payment_id=body.razorpay_payment_id or "",
            signature=body.razorpay_signature or "",
        )
    if body.booking_id is None:
        raise errors.Invalid({"booking_id": say("must_be_given")})
    return verifying.ask_about(call.deps, call.actor, body.booking_id)


@routes.post(
    "/api/bookings/{booking_id}/refund",
    who=OWNER, takes=RefundPayment, gives=BookingDetailView, once=True, sensitive=True,
    versioned=True,
)  # fmt: skip
def refund_payment(call: Call, booking_id: str) -> Answer:
    """Pay back what was paid, or a part of it, with a reason. What came through a gateway goes back
    through it, the rest by hand from the drawer of the caller. A refund that has failed is made
    again by another call."""
    body = call.body
    return _detail(
        call, refunds.refund(call.deps, call.actor, booking_id, body.amount, reason=body.reason)
    )


@routes.get("/api/admin/payment-reviews", who=OWNER, query=ReviewsQuery, gives=[ReviewCaseView])
def list_reviews(call: Call) -> Answer:
    """What does not fit, newest first: unknown orders, wrong amounts, other currencies, refused
    refunds, differences in the books. Nothing of it has changed a booking."""
    query = call.query
    what = f"reviews/{query.site or ''}/{query.status}"
    found = review.list_cases(
        call.deps,
        call.actor,
        query.site,
        status=query.status,
        limit=query.limit,
        after=lists.after(call, what),
    )
    return lists.page(call, what, found, ReviewCaseView.of)


@routes.post(
    "/api/admin/payment-reviews/{case_id}/close",
    who=OWNER, takes=CloseCase, gives=ReviewCaseView, once=True, sensitive=True,
)  # fmt: skip
def close_review(call: Call, case_id: str) -> Answer:
    """Close a case with a note. Repeated with the same note it gives the same answer."""
    body = call.body
    closed = review.close(call.deps, call.actor, body.site, case_id, note=body.note)
    return ok(serialize.fields(ReviewCaseView.of(closed)))
