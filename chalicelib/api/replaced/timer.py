"""The URLs of the timer system that Berth replaces. The venue system has the same ones, so a
booking is shown in the words of one or the other, by the kind of its zone
(docs/decisions/shared-urls.md). They call the same services as ours."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any, Final

from chalicelib.api.bookings.bodies import Nothing, Purpose, Reason, SpaceId
from chalicelib.api.bookings.present import as_json
from chalicelib.api.bookings.venue_words import VenueWords
from chalicelib.api.replaced import booking_views as views
from chalicelib.api.replaced.booking_views import OldBookingView, SteppedBookingView
from chalicelib.api.web import lists
from chalicelib.api.web.http import USER, Answer, Call, Routes, created, ok
from chalicelib.api.web.lists import Cursor, PageSize
from chalicelib.domain.bookings.details import BookingDetails
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.constraints import Minutes, Name, Plate, Slug
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.services.bookings import bookings, renewal
from chalicelib.services.bookings import lists as booking_lists
from chalicelib.services.core import rate_limits
from chalicelib.services.payments import advance

routes = Routes(__name__)

SOURCE: Final[Source] = "legacy_api"
CANCELLED: Final = "Booking cancelled successfully"

STEP: Final[dict[str, Any]] = {"who": USER, "forms": True, "multipart": True, "once": True}
"""What all posts of the two systems have in common: both took JSON and both kinds of forms."""

MAKES: Final[dict[str, Any]] = {
    "status": 201, "limit": rate_limits.BOOK, "located": ("/api/bookings/{booking_id}",)
}  # fmt: skip
"""What the posts that make a booking have in common."""


@dataclass(frozen=True)
class OldPage:
    """Old apps read the first page only, so it is as long as a page may be."""

    limit: PageSize = 100
    cursor: Cursor | None = None


@dataclass(frozen=True)
class OldPageOfSite(OldPage):
    """Staff may name the site."""

    site: Slug | None = None


@dataclass(frozen=True)
class OldBooking(VenueWords):
    """What to book: a space, or a zone whose next free space it is, from now on; of a venue on a
    date, from one time to another."""

    zone_id: Slug | None = None
    space_id: SpaceId | None = None
    minutes: Minutes | None = None
    purpose: Purpose | None = None
    vehicle_number: Plate | None = None
    owner_name: Name | None = None
    payment_method: PaymentMethod = PaymentMethod.CASH

    @property
    def order(self) -> Order:
        """The order. Raises Invalid as `place` and `times` do."""
        zone_id, number = self.place(self.zone_id, self.space_id)
        start, end = self.times(None, None)
        return Order(
            zone_id,
            number,
            start=start,
            end=end,
            minutes=self.minutes,
            details=BookingDetails(self.vehicle_number, self.owner_name, self.purpose),
            payment_method=self.payment_method,
        )


@dataclass(frozen=True)
class OldCancel:
    """Why."""

    reason: Reason = "cancelled by the customer"


@routes.get("/bookings", who=USER, query=OldPageOfSite, gives=tuple[OldBookingView, ...])
def old_bookings(call: Call) -> Answer:
    """A customer's own bookings, newest first; for staff, owners and admins those of all their
    sites, or of `site`, latest start first. `Link` names the next page."""
    query = call.query
    what = f"old bookings/{query.site or ''}"
    found = booking_lists.own_or_at_work(
        call.deps, call.actor, query.site, limit=query.limit, after=lists.after(call, what)
    )
    return lists.array(call, what, found, partial(views.booking, call.deps))


@routes.post("/bookings", takes=OldBooking, gives=OldBookingView, **STEP, **MAKES)
def old_book(call: Call) -> Answer:
    """Book a space or a zone."""
    order = call.body.order
    if call.actor.role is Role.USER:
        order = order.in_language(call.accepted)
    booking = advance.book(call.deps, call.actor, order, source=SOURCE)
    return created(as_json(views.booking(call.deps, booking)))


@routes.get("/bookings/{booking_id}", who=USER, gives=OldBookingView)
def old_booking(call: Call, booking_id: str) -> Answer:
    """One booking with its timer."""
    booking = bookings.get(call.deps, call.actor, booking_id)
    return ok(as_json(views.booking(call.deps, booking)))


@routes.post("/bookings/{booking_id}/renew", takes=Nothing, gives=OldBookingView, **STEP, **MAKES)
def old_renew(call: Call, booking_id: str) -> Answer:
    """Book the same space again, in the last five minutes of a stay or after it. For its customer
    only. Repeated, it answers with the renewal there is."""
    renewed = renewal.renew(call.deps, call.actor, booking_id, source=SOURCE)
    return created(as_json(views.booking(call.deps, renewed)))


@routes.post(
    "/bookings/{booking_id}/cancel",
    takes=OldCancel, gives=SteppedBookingView, versioned=True, **STEP,
)  # fmt: skip
def old_cancel(call: Call, booking_id: str) -> Answer:
    """Cancel before the stay; `cancellation` has the refund."""
    reason = call.body.reason
    over = bookings.cancel(call.deps, call.actor, booking_id, reason=reason, source=SOURCE)
    return ok(as_json(views.stepped(call.deps, over.booking, CANCELLED)))
