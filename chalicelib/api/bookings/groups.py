"""Book and cancel, one booking or several at once."""

from __future__ import annotations

from chalicelib.api.bookings import bookings, group_answers, present
from chalicelib.api.bookings.bodies import CancelReason, CreateBooking
from chalicelib.api.bookings.group_views import CancellingView, MadeView
from chalicelib.api.web.http import USER, Answer, Call, Routes, created, ok
from chalicelib.services.bookings import book_group, cancel_group
from chalicelib.services.core import rate_limits
from chalicelib.services.payments import advance

routes = Routes(__name__)


@routes.post(
    "/api/bookings",
    who=USER, takes=CreateBooking, gives=MadeView, status=201,
    once=True, limit=rate_limits.BOOK,
    located=("/api/bookings?group_id={group_id}", "/api/bookings/{booking_id}"),
)  # fmt: skip
def create_booking(call: Call) -> Answer:
    """Book a zone or a named space, now or ahead. Staff who name guests book for them. With
    `quantity` or `repeat` all bookings are made or none; the answer is the first of them and lists
    all. A date that cannot be booked refuses the group (`DATES_UNAVAILABLE`) or is skipped, as
    `on_conflict` says."""
    order = bookings.order_of(call)
    if order.is_group:
        made = book_group.book(call.deps, call.actor, order)
        return created(present.as_json(group_answers.made_group(call.deps, made)))
    booking = advance.book(call.deps, call.actor, order)
    return created(present.as_json(group_answers.made(call.deps, booking)))


@routes.post(
    "/api/bookings/{booking_id}/cancel",
    who=USER, takes=CancelReason, gives=CancellingView,
    once=True, versioned=True,
)  # fmt: skip
def cancel_booking(call: Call, booking_id: str) -> Answer:
    """Cancel before the stay. The answer has the refund. With a `scope` beyond this one booking it
    lists the bookings of the group that were cancelled, and those that were not, with the
    reason."""
    if call.body.scope == "one":
        return bookings.cancel(call, booking_id)
    outcome = cancel_group.cancel(
        call.deps, call.actor, booking_id, call.body.scope, reason=call.body.reason
    )
    return ok(present.as_json(group_answers.cancelling_group(call.deps, booking_id, outcome)))
