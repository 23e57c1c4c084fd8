"""Confirm a booking before its start."""

from __future__ import annotations

from chalicelib.api.bookings import present, views
from chalicelib.api.bookings.bodies import Nothing
from chalicelib.api.web.http import OWNER, USER, Answer, Call, Routes, ok
from chalicelib.domain.bookings.booking import Booking
from chalicelib.services.bookings import confirmations

routes = Routes(__name__)


@routes.post(
    "/api/bookings/{booking_id}/confirm",
    who=USER, takes=Nothing, gives=views.BookingDetailView, versioned=True,
)  # fmt: skip
def confirm_booking(call: Call, booking_id: str) -> Answer:
    """Confirm, before the start, that the guest comes. A repeated request changes nothing."""
    return _detail(call, confirmations.confirm(call.deps, call.actor, booking_id))


@routes.post(
    "/api/bookings/{booking_id}/override-autocancel",
    who=OWNER, takes=Nothing, gives=views.BookingDetailView, sensitive=True, versioned=True,
)  # fmt: skip
def override_autocancel(call: Call, booking_id: str) -> Answer:
    """Confirm on the guest's behalf, so that there is no auto-cancel."""
    kept = confirmations.override(call.deps, call.actor, booking_id, source_ip=call.source_ip)
    return _detail(call, kept)


def _detail(call: Call, booking: Booking) -> Answer:
    return ok(present.as_json(present.booking_detail(call.deps, booking)))
