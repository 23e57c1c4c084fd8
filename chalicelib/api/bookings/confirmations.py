"""Confirm a booking before its start."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from chalicelib.api.bookings import present
from chalicelib.api.bookings.bodies import Reason
from chalicelib.api.bookings.step_views import ConfirmedView
from chalicelib.api.web.http import STAFF, USER, Answer, Call, Routes, ok
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.constraints import Doc
from chalicelib.domain.core.sentence import Sentence, say
from chalicelib.services.bookings import confirmations
from chalicelib.texts import sentences

routes = Routes(__name__)

CONFIRMED: Final = say("booking_confirmed")
OVERRIDDEN: Final = say("auto_cancel_overridden")


@dataclass(frozen=True)
class Behalf:
    """Why staff confirm for the guest; without effect in a guest's own confirmation."""

    reason: Annotated[Reason, Doc("Why, for the audit trail.", "Rang at noon")] | None = None


@routes.post(
    "/api/bookings/{booking_id}/confirm",
    who=USER, takes=Behalf, gives=ConfirmedView, once=True, versioned=True,
)  # fmt: skip
def confirm_booking(call: Call, booking_id: str) -> Answer:
    """Confirm, before the start, that the guest comes. A repeated request changes nothing. Staff
    confirm on the guest's behalf, which is audited."""
    reason = call.body.reason or ""
    booking = confirmations.confirm(call.deps, call.actor, booking_id, reason=reason)
    return _confirmed(call, booking, CONFIRMED if call.actor.owns(booking.user_id) else OVERRIDDEN)


@routes.post(
    "/api/bookings/{booking_id}/override-autocancel",
    who=STAFF, takes=Behalf, gives=ConfirmedView, once=True, sensitive=True, versioned=True,
)  # fmt: skip
def override_autocancel(call: Call, booking_id: str) -> Answer:
    """Confirm on the guest's behalf, so that there is no auto-cancel; audited."""
    return _override(call, booking_id)


@routes.post(
    "/api/bookings/{booking_id}/override_autocancel",
    who=STAFF, takes=Behalf, gives=ConfirmedView, once=True, sensitive=True, versioned=True,
)  # fmt: skip
def override_autocancel_older(call: Call, booking_id: str) -> Answer:
    """The same under the older URL."""
    return _override(call, booking_id)


def _override(call: Call, booking_id: str) -> Answer:
    reason = call.body.reason or ""
    kept = confirmations.override(call.deps, call.actor, booking_id, reason=reason)
    return _confirmed(call, kept, OVERRIDDEN)


def _confirmed(call: Call, booking: Booking, done: Sentence) -> Answer:
    detail = present.booking_detail(call.deps, booking)
    message = sentences.in_words(done, call.deps.language)
    return ok(present.as_json(ConfirmedView(**vars(detail), message=message)))
