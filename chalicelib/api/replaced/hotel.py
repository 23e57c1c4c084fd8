"""The check-out URLs of the hotel system that Berth replaces. They are ours as well: the canonical
one, its older twin, and the one for many rooms. They call the same services."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.api.bookings.bill_views import BillView
from chalicelib.api.bookings.bodies import Reason
from chalicelib.api.bookings.present import as_json
from chalicelib.api.front_desk.hotels import BulkRooms, room_booking
from chalicelib.api.replaced import hotel_words as words
from chalicelib.api.replaced.hotel_views import BulkOutAnswer, CheckedOutAnswer
from chalicelib.api.stays.gate import CheckOut
from chalicelib.api.web.http import STAFF, Answer, Call, Routes, ok
from chalicelib.domain.core.timeline import Source
from chalicelib.services.front_desk import bulk
from chalicelib.services.stays import check_out

routes = Routes(__name__)


@dataclass(frozen=True)
class BulkCheckOut(BulkRooms):
    """Which rooms. With `destructive`, for admins with a reason, a room is also cleared where its
    record prevents the check-out."""

    destructive: bool = False
    reason: Reason | None = None


@routes.post(
    "/api/staff/hotels/{slug}/room-bookings/{booking_id}/check-out",
    who=STAFF, takes=CheckOut, gives=CheckedOutAnswer, once=True, sensitive=True, versioned=True,
    refusal=words.refused,
)  # fmt: skip
def room_check_out(call: Call, slug: str, booking_id: str) -> Answer:
    """Check a guest out: the stay ends, and the room has to be cleaned. A repeated request changes
    nothing."""
    return _check_out(call, slug, booking_id, "staff_api")


@routes.post(
    "/api/staff/hotels/{slug}/bookings/{booking_id}/checkout",
    who=STAFF, takes=CheckOut, gives=CheckedOutAnswer, once=True, sensitive=True, versioned=True,
    refusal=words.refused,
)  # fmt: skip
def legacy_room_check_out(call: Call, slug: str, booking_id: str) -> Answer:
    """Check a guest out, under the older URL."""
    return _check_out(call, slug, booking_id, "legacy_api")


def _check_out(call: Call, slug: str, booking_id: str, source: Source) -> Answer:
    body = call.body
    over = check_out.check_out(
        call.deps, call.actor, booking_id,
        tender=body.tender, source=source, site=slug, earlier=body.earlier,
    )  # fmt: skip
    return ok(as_json(CheckedOutAnswer.of(room_booking(call, over.booking), BillView.of(over))))


@routes.post(
    "/api/staff/hotel/{slug}/rooms/checkout",
    who=STAFF, takes=BulkCheckOut, gives=BulkOutAnswer, once=True, sensitive=True,
)  # fmt: skip
def rooms_check_out(call: Call, slug: str) -> Answer:
    """Check out the guests of the rooms. A room that fails does not stop the others."""
    body = call.body
    done = bulk.check_out(
        call.deps, call.actor, slug, body.room_ids,
        out_of_time=bulk.time_limit(), destructive=body.destructive, reason=body.reason,
        source_ip=call.source_ip,
    )  # fmt: skip
    return ok(as_json(BulkOutAnswer.of(done, slug=slug, destructive=body.destructive)))
