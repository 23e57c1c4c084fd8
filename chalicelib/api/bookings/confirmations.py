"""Confirm a booking before its start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from chalicelib.api.bookings import present, views
from chalicelib.api.bookings.bodies import Reason
from chalicelib.api.web.http import STAFF, USER, Answer, Call, Routes, ok
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.constraints import Doc
from chalicelib.services.bookings import confirmations

routes = Routes(__name__)


@dataclass(frozen=True)
class Behalf:
    """Why staff confirm for the guest; without effect in a guest's own confirmation."""

    reason: Annotated[Reason, Doc("Why, for the audit trail.", "Rang at noon")] | None = None


@routes.post(
    "/api/bookings/{booking_id}/confirm",
    who=USER, takes=Behalf, gives=views.BookingDetailView, versioned=True,
)  # fmt: skip
def confirm_booking(call: Call, booking_id: str) -> Answer:
    """Confirm, before the start, that the guest comes. A repeated request changes nothing. Staff
    confirm on the guest's behalf, which is audited."""
    reason = call.body.reason or ""
    return _detail(call, confirmations.confirm(call.deps, call.actor, booking_id, reason=reason))


@routes.post(
    "/api/bookings/{booking_id}/override-autocancel",
    who=STAFF, takes=Behalf, gives=views.BookingDetailView, sensitive=True, versioned=True,
)  # fmt: skip
def override_autocancel(call: Call, booking_id: str) -> Answer:
    """Confirm on the guest's behalf, so that there is no auto-cancel; audited."""
    reason = call.body.reason or ""
    kept = confirmations.override(call.deps, call.actor, booking_id, reason=reason)
    return _detail(call, kept)


def _detail(call: Call, booking: Booking) -> Answer:
    return ok(present.as_json(present.booking_detail(call.deps, booking)))
