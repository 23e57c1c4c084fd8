"""Swap of the rooms of two bookings."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from chalicelib.api.bookings import present
from chalicelib.api.front_desk import hotels
from chalicelib.api.front_desk.room_views import RoomBookingView
from chalicelib.api.web.http import STAFF, Answer, Call, Routes, ok
from chalicelib.api.web.spoken import Spoken, Translated
from chalicelib.domain.core.constraints import BookingId, Doc, Text
from chalicelib.domain.core.sentence import say
from chalicelib.services.front_desk import swap_rooms
from chalicelib.texts import sentences

routes = Routes(__name__)


@dataclass(frozen=True)
class SwapRooms:
    """The other booking, and its room, which this booking gets."""

    with_booking_id: Annotated[BookingId, Doc("The other booking.", "BK7Q2M9X4T1NG1QR00006")]
    room_number: Annotated[str, Text(max=40), Doc("The present room of the other booking.", "102")]


@dataclass(frozen=True)
class SwapAnswer(Spoken):
    """Both bookings with their new rooms, the one of the URL first."""

    message: Translated
    bookings: tuple[RoomBookingView, ...]


@routes.post(
    "/api/staff/hotels/{slug}/room-bookings/{booking_id}/swap-room",
    who=STAFF, takes=SwapRooms, gives=SwapAnswer, once=True, sensitive=True, versioned=True,
)  # fmt: skip
def swap_room(call: Call, slug: str, booking_id: str) -> Answer:
    """Exchange the rooms of two bookings of a zone, before their stays or during them. A repeated
    request changes nothing."""
    body = call.body
    pair = swap_rooms.swap(
        call.deps, call.actor, booking_id, body.with_booking_id,
        number=body.room_number, slug=slug,
    )  # fmt: skip
    views = tuple(hotels.room_booking(call, each).booking for each in pair)
    message = sentences.in_words(say("rooms_swapped"), call.deps.language)
    return ok(present.as_json(SwapAnswer(message, views)))
