"""Bookings: the customer's app, and staff who book for a guest."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Annotated, Literal

from chalicelib.api.bookings import present, views
from chalicelib.api.web import lists
from chalicelib.api.web.http import ADMIN, OWNER, USER, Answer, Call, Routes, created, ok
from chalicelib.api.web.lists import FROM, TO, Cursor, PageSize
from chalicelib.api.web.moments import Moment, Nights
from chalicelib.domain.bookings.booking import Booking, Guest
from chalicelib.domain.bookings.group import MOST_SPACES, Scope
from chalicelib.domain.bookings.recurrence import Repeat
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.constraints import (
    Amount,
    BookingId,
    Doc,
    Integer,
    Items,
    Minutes,
    Name,
    Plate,
    Slug,
    Text,
)
from chalicelib.services.bookings import bookings, qr_pass, reschedule
from chalicelib.services.bookings import lists as booking_lists
from chalicelib.services.bookings.bookings import order_for
from chalicelib.services.bookings.lists import Filters
from chalicelib.services.bookings.reschedule import Details
from chalicelib.services.core import rate_limits
from chalicelib.services.stays import check_in as presence
from chalicelib.services.stays import check_out as leaving

routes = Routes(__name__)

SpaceId = Annotated[str, Text(max=80), Doc("The space wanted.", "zone-a.A-001")]
Purpose = Annotated[str, Text(max=200, lines=True)]
Reason = Annotated[str, Text(max=200, lines=True)]
Guests = Annotated[tuple[Guest, ...], Items(20)]
PaymentMethod = Literal["CASH", "ONLINE"]


@dataclass(frozen=True)
class BookSlot:
    """Park now."""

    zone_id: Slug
    vehicle_number: Plate
    owner_name: Name
    minutes: Minutes | None = None
    payment_method: PaymentMethod = "CASH"


@dataclass(frozen=True)
class CreateBooking:
    """Book a zone or one of its spaces, now or ahead; several spaces at once, or the same again on
    other dates."""

    zone_id: Slug | None = None
    space_id: SpaceId | None = None
    start: Moment | None = None
    end: Moment | None = None
    minutes: Minutes | None = None
    nights: Nights | None = None
    quantity: Annotated[int, Integer(1, MOST_SPACES), Doc("Spaces of the zone, for one time.")] = 1
    repeat: Repeat | None = None
    vehicle_number: Plate | None = None
    owner_name: Name | None = None
    purpose: Purpose | None = None
    guests: Guests = ()
    auto_renew: bool = False
    payment_method: PaymentMethod = "CASH"


@dataclass(frozen=True)
class EditBooking:
    """What to change; what is left out stays."""

    vehicle_number: Plate | None = None
    owner_name: Name | None = None
    purpose: Purpose | None = None
    guests: Guests | None = None
    auto_renew: bool | None = None
    start: Moment | None = None
    end: Moment | None = None
    minutes: Minutes | None = None
    nights: Nights | None = None


@dataclass(frozen=True)
class CancelBooking:
    """Which booking to cancel; `session_id` is the older name of `booking_id`."""

    booking_id: BookingId | None = None
    session_id: BookingId | None = None
    reason: Reason = "cancelled by the customer"


@dataclass(frozen=True)
class CancelReason:
    """Why, and how much of what was booked together."""

    reason: Reason = "cancelled by the customer"
    scope: Annotated[
        Scope,
        Doc("This booking; also those of its group that begin later; or all of these."),
    ] = "one"


@dataclass(frozen=True)
class WithReason:
    reason: Reason


@dataclass(frozen=True)
class CheckOut:
    """Staff may take cash with the check-out."""

    amount_received: Annotated[str, Amount()] | None = None


@dataclass(frozen=True)
class Nothing:
    """An empty body."""


@dataclass(frozen=True)
class HistoryQuery:
    """Which bookings, by their booked start."""

    status: Status | None = None
    zone_id: Slug | None = None
    from_: Annotated[datetime, FROM] | None = None
    to: Annotated[datetime, TO] | None = None
    limit: PageSize = 20
    cursor: Cursor | None = None


@dataclass(frozen=True)
class BookingsQuery(HistoryQuery):
    """Staff name the site whose bookings they want; without one everybody gets their own. A group
    comes earliest start first, whoever asks."""

    site: Slug | None = None
    group_id: Annotated[BookingId, Doc("Only what was booked together.")] | None = None


def _filters(query: HistoryQuery) -> Filters:
    group_id = getattr(query, "group_id", None)
    return Filters(query.status, query.from_, query.to, query.zone_id, group_id)


def _created(call: Call, booking: Booking) -> Answer:
    return created(present.as_json(present.booking(call.deps, booking)))


def _detail(call: Call, booking: Booking) -> Answer:
    return ok(present.as_json(present.booking_detail(call.deps, booking)))


@routes.post(
    "/api/user/book-slot",
    who=USER, takes=BookSlot, gives=views.BookingView, status=201, once=True,
    limit=rate_limits.BOOK,
)  # fmt: skip
def book_slot(call: Call) -> Answer:
    """Park now. Berth chooses the space; the fee is paid with the bill at the gate."""
    order = order_for(call.body.zone_id, None, **wishes(call.body))
    return created(
        present.as_json(present.booking(call.deps, bookings.park(call.deps, call.actor, order)))
    )


def wishes(body: object) -> dict[str, object]:
    """What an order holds besides where."""
    return {k: v for k, v in vars(body).items() if k not in ("zone_id", "space_id")}


@routes.get("/api/bookings", who=USER, query=BookingsQuery, gives=[views.BookingView])
def list_bookings(call: Call) -> Answer:
    """A customer's own bookings, newest first; for staff those of their site, latest start first;
    for admins those of `site`, otherwise their own. Where filters apply, a page may be short, or
    empty, and go on all the same: follow `next_cursor` until it is null."""
    what = f"bookings/{call.query.group_id or call.query.site or ''}"
    found = booking_lists.listed(
        call.deps,
        call.actor,
        call.query.site,
        _filters(call.query),
        limit=call.query.limit,
        after=lists.after(call, what),
    )
    return lists.page(call, what, found, partial(present.booking, call.deps))


@routes.get("/api/user/history", who=USER, query=HistoryQuery, gives=[views.BookingView])
def user_history(call: Call) -> Answer:
    """Own bookings, newest first. Where filters apply, a page may be short, or empty, and go on
    all the same: follow `next_cursor` until it is null."""
    found = booking_lists.own(
        call.deps,
        call.actor,
        _filters(call.query),
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
    "/api/user/cancel-booking", who=USER, takes=CancelBooking, gives=views.CancelledView, once=True
)
def user_cancel_booking(call: Call) -> Answer:
    """Cancel before the stay, and learn what is paid back."""
    booking_id = call.body.booking_id or call.body.session_id
    if booking_id is None:
        raise errors.Invalid({"booking_id": "is required"})
    return cancel(call, booking_id)


def cancel(call: Call, booking_id: str) -> Answer:
    """The answer to who cancels one booking."""
    outcome = bookings.cancel(call.deps, call.actor, booking_id, reason=call.body.reason)
    return ok(present.as_json(present.cancelled(call.deps, outcome)))


@routes.get("/api/bookings/{booking_id}", who=USER, gives=views.BookingDetailView)
def get_booking(call: Call, booking_id: str) -> Answer:
    """One booking with its timer and timeline, for its owner and the staff of its site."""
    return _detail(call, bookings.get(call.deps, call.actor, booking_id))


@routes.patch(
    "/api/bookings/{booking_id}", who=USER, takes=EditBooking, gives=views.BookingDetailView
)
def edit_booking(call: Call, booking_id: str) -> Answer:
    """Change vehicle, contact or purpose, or move or extend it where there is room."""
    details = Details(**vars(call.body))
    return _detail(call, reschedule.modify(call.deps, call.actor, booking_id, details))


@routes.post(
    "/api/bookings/{booking_id}/renew",
    who=USER, takes=Nothing, gives=views.BookingView, status=201, once=True, limit=rate_limits.BOOK,
)  # fmt: skip
def renew_booking(call: Call, booking_id: str) -> Answer:
    """Book the same space again, in the last five minutes of a stay or after it."""
    return _created(call, bookings.renew(call.deps, call.actor, booking_id))


@routes.post(
    "/api/bookings/{booking_id}/check-in",
    who=USER, takes=Nothing, gives=views.BookingDetailView, once=True, sensitive=True,
)  # fmt: skip
def check_in(call: Call, booking_id: str) -> Answer:
    """Check in without a scan: staff anywhere, the guest where nobody checks in."""
    return _detail(call, presence.check_in(call.deps, call.actor, booking_id))


@routes.post(
    "/api/bookings/{booking_id}/check-out",
    who=USER, takes=CheckOut, gives=views.BookingDetailView, once=True, sensitive=True,
)  # fmt: skip
def check_out(call: Call, booking_id: str) -> Answer:
    """End a stay without a scan. Repeated, it answers as the first time."""
    received = call.body.amount_received
    return _detail(call, leaving.check_out(call.deps, call.actor, booking_id, received=received))


@routes.post(
    "/api/bookings/{booking_id}/waive",
    who=OWNER, takes=WithReason, gives=views.BookingDetailView, once=True, sensitive=True,
)  # fmt: skip
def waive(call: Call, booking_id: str) -> Answer:
    """Let what an ended stay still owes go, with a reason."""
    reason = call.body.reason
    return _detail(call, bookings.waive(call.deps, call.actor, booking_id, reason=reason))


@routes.post(
    "/api/bookings/{booking_id}/terminate",
    who=ADMIN, takes=WithReason, gives=views.BookingDetailView, once=True, sensitive=True,
)  # fmt: skip
def terminate(call: Call, booking_id: str) -> Answer:
    """End a stay in an emergency, without a bill, with a reason."""
    reason = call.body.reason
    return _detail(call, bookings.terminate(call.deps, call.actor, booking_id, reason=reason))


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
