"""Bookings: the customer's app, and staff who book for a guest."""

from __future__ import annotations

from functools import partial

from chalicelib.api.bookings import booked_slot, group_answers, present, views
from chalicelib.api.bookings.bodies import (
    BookingsQuery,
    BookSlot,
    CancelBooking,
    EditBooking,
    HistoryQuery,
    Nothing,
    WithReason,
)
from chalicelib.api.bookings.booked_slot import BookedSlotView
from chalicelib.api.bookings.group_views import CancellingView
from chalicelib.api.web import lists
from chalicelib.api.web.http import (
    ADMIN,
    CUSTOMER,
    OWNER,
    STAFF,
    USER,
    Answer,
    Call,
    Routes,
    created,
    ok,
)
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import KeyScope, Role
from chalicelib.domain.core.sentence import say
from chalicelib.services.bookings import bookings, qr_pass, renewal, reschedule
from chalicelib.services.bookings import lists as booking_lists
from chalicelib.services.core import rate_limits
from chalicelib.services.payments import advance

routes = Routes(__name__)


def _created(call: Call, booking: Booking) -> Answer:
    return created(present.as_json(present.booking(call.deps, booking)))


def _detail(call: Call, booking: Booking) -> Answer:
    return ok(present.as_json(present.booking_detail(call.deps, booking)))


@routes.post(
    "/api/user/book-slot",
    who=CUSTOMER, takes=BookSlot, gives=BookedSlotView, status=201, once=True,
    limit=rate_limits.BOOK, refusal=booked_slot.WORDS.refused, plain=booked_slot.WORDS.plain,
    located=("/api/bookings/{booking_id}",),
)  # fmt: skip
def book_slot(call: Call) -> Answer:
    """Park now. Berth chooses the space; the fee is paid with the bill at the gate. With `ONLINE`
    the space is held until the fee is paid: the answer has the order."""
    booking = advance.park(call.deps, call.actor, order_of(call))
    return created(present.as_json(booked_slot.view(call.deps, booking)))


@routes.get(
    "/api/bookings",
    who=USER, query=BookingsQuery, gives=[views.BookingView], keys=KeyScope.READS,
)  # fmt: skip
def list_bookings(call: Call) -> Answer:
    """A customer's own bookings, newest first; for staff the bookings of their site, latest start
    first; for admins those of `site`, or their own. With filters a page may be short or empty
    although others follow: follow `next_cursor` until it is null."""
    what = f"bookings/{call.query.group_id or call.query.site or ''}"
    found = booking_lists.listed(
        call.deps,
        call.actor,
        call.query.site,
        call.query.filters,
        limit=call.query.limit,
        after=lists.after(call, what),
    )
    return lists.page(call, what, found, partial(present.booking, call.deps))


@routes.get("/api/user/history", who=CUSTOMER, query=HistoryQuery, gives=[views.BookingView])
def user_history(call: Call) -> Answer:
    """Own bookings, newest first. With filters a page may be short or empty although others follow:
    follow `next_cursor` until it is null."""
    found = booking_lists.own(
        call.deps,
        call.actor,
        call.query.filters,
        limit=call.query.limit,
        after=lists.after(call, "history"),
    )
    return lists.page(call, "history", found, partial(present.booking, call.deps))


@routes.get("/api/user/current-session", who=USER, gives=views.CurrentView)
def current_session(call: Call) -> Answer:
    """Own live bookings with their timer, the cost so far and the QR pass."""
    live = booking_lists.current(call.deps, call.actor)
    return ok(present.as_json(present.current(call.deps, live)))


@routes.post(
    "/api/user/cancel-booking",
    who=CUSTOMER, takes=CancelBooking, gives=CancellingView, once=True, versioned=True,
)  # fmt: skip
def user_cancel_booking(call: Call) -> Answer:
    """Cancel before the stay. The answer has the refund."""
    booking_id = call.body.booking_id or call.body.session_id
    if booking_id is None:
        raise errors.Invalid({"booking_id": say("must_be_given")})
    return cancel(call, booking_id)


def order_of(call: Call) -> Order:
    """The order of the body. That of a customer is in the language of the request, and paid as the
    account prefers where it does not say how."""
    order: Order = call.body.order
    if call.actor.role is not Role.USER:
        return order
    order = order.in_language(call.accepted)
    return order if call.body.payment_method else advance.preferred(call.deps, call.actor, order)


def cancel(call: Call, booking_id: str) -> Answer:
    """Cancel one booking, and answer with its refund."""
    outcome = bookings.cancel(call.deps, call.actor, booking_id, reason=call.body.reason)
    return ok(present.as_json(group_answers.cancelling(call.deps, outcome)))


@routes.get("/api/bookings/{booking_id}", who=USER, gives=views.BookingDetailView)
def get_booking(call: Call, booking_id: str) -> Answer:
    """One booking with its timer and timeline, for its customer and the staff of its site."""
    return _detail(call, bookings.get(call.deps, call.actor, booking_id))


@routes.patch(
    "/api/bookings/{booking_id}",
    who=USER, takes=EditBooking, gives=views.BookingDetailView, versioned=True,
)  # fmt: skip
def edit_booking(call: Call, booking_id: str) -> Answer:
    """Change the details of a booking, or move or extend it where its space is free."""
    return _detail(call, reschedule.modify(call.deps, call.actor, booking_id, call.body.edit))


@routes.post(
    "/api/bookings/{booking_id}/renew",
    who=USER, takes=Nothing, gives=views.BookingView, status=201, once=True, limit=rate_limits.BOOK,
    located=("/api/bookings/{booking_id}",),
)  # fmt: skip
def renew_booking(call: Call, booking_id: str) -> Answer:
    """Book the same space again, in the last five minutes of a stay or after it. For its customer
    only. Repeated, it answers with the renewal there is."""
    return _created(call, renewal.renew(call.deps, call.actor, booking_id))


@routes.post(
    "/api/bookings/{booking_id}/waive",
    who=OWNER, takes=WithReason, gives=views.BookingDetailView, once=True, sensitive=True,
    versioned=True,
)  # fmt: skip
def waive(call: Call, booking_id: str) -> Answer:
    """Waive the amount due of an ended stay, with a reason."""
    reason = call.body.reason
    return _detail(call, bookings.waive(call.deps, call.actor, booking_id, reason=reason))


@routes.post(
    "/api/bookings/{booking_id}/terminate",
    who=ADMIN, takes=WithReason, gives=views.BookingDetailView, once=True, sensitive=True,
    versioned=True,
)  # fmt: skip
def terminate(call: Call, booking_id: str) -> Answer:
    """End a stay in an emergency, without a bill, with a reason."""
    reason = call.body.reason
    return _detail(call, bookings.terminate(call.deps, call.actor, booking_id, reason=reason))


@routes.post(
    "/api/bookings/{booking_id}/pass",
    who=USER, takes=Nothing, gives=views.BookingDetailView, once=True, versioned=True,
    limit=rate_limits.RESEND,
)  # fmt: skip
def new_pass(call: Call, booking_id: str) -> Answer:
    """Make the QR pass anew and mail it. The old pass is refused from now on."""
    return _detail(call, qr_pass.make_anew(call.deps, call.actor, booking_id))


@routes.post(
    "/api/bookings/{booking_id}/resend",
    who=STAFF, takes=Nothing, gives=views.BookingDetailView, once=True, versioned=True,
    limit=rate_limits.RESEND,
)  # fmt: skip
def resend(call: Call, booking_id: str) -> Answer:
    """Mail the confirmation with the pass again, or the bill of a stay that has ended."""
    return _detail(call, qr_pass.send_again(call.deps, call.actor, booking_id))


@routes.get("/api/bookings/{booking_id}/qr.svg", who=USER, gives="image/svg+xml")
def qr_svg(call: Call, booking_id: str) -> Answer:
    """The QR pass as a scalable picture."""
    svg = qr_pass.svg(call.deps, call.actor, booking_id)
    return Answer(200, svg, content_type="image/svg+xml")


@routes.get("/api/bookings/{booking_id}/qr.png", who=USER, gives="image/png")
def qr_png(call: Call, booking_id: str) -> Answer:
    """The QR pass as a PNG picture."""
    png = qr_pass.png(call.deps, call.actor, booking_id)
    return Answer(200, png, content_type="image/png")


@routes.get("/api/bookings/{booking_id}/calendar.ics", who=USER, gives="text/calendar")
def calendar_ics(call: Call, booking_id: str) -> Answer:
    """The booking as a calendar file."""
    text = qr_pass.calendar_file(call.deps, call.actor, booking_id)
    return Answer(200, text, content_type="text/calendar; charset=utf-8")
