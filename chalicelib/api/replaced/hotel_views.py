"""Answers of the hotel system that Berth replaces: rooms by their numbers, as numbers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Self

from chalicelib.api.bookings.bill_views import BillView
from chalicelib.api.front_desk.room_views import (
    FailedRoomView,
    Remaining,
    RoomBookingAnswer,
    RoomRowView,
    Rows,
    StayWord,
)
from chalicelib.api.replaced import hotel_words as words
from chalicelib.api.web.spoken import Spoken
from chalicelib.api.web.values import Instant, MoneyView
from chalicelib.domain.core.constraints import Doc
from chalicelib.domain.core.languages import LANGUAGES
from chalicelib.domain.housekeeping.turnover import Condition
from chalicelib.domain.sites import room_numbers
from chalicelib.domain.sites.room_numbers import RoomNumber
from chalicelib.services.front_desk.bulk_result import BulkResult


@dataclass(frozen=True)
class LeftRoomView:
    """The room that a guest has left."""

    room_number: RoomNumber
    room_status: Annotated[
        Condition | None, Doc("The condition after the step; null in a zone without turnover.")
    ]


@dataclass(frozen=True)
class CheckedOutView:
    booking_id: str
    status: Annotated[StayWord, Doc("", "COMPLETED")]
    checked_in_at: Instant | None
    checked_out_at: Instant | None
    assigned_room: LeftRoomView
    payment_due: Annotated[MoneyView, Doc("Left to pay.")]


@dataclass(frozen=True)
class CheckedOutAnswer:
    """A booking and its room after the check-out, with the bill."""

    message: str
    booking: CheckedOutView
    bill: BillView

    @classmethod
    def of(cls, answer: RoomBookingAnswer, bill: BillView) -> Self:
        """The answer in the shape of the old system."""
        booking = answer.booking
        left, room = booking.status == "COMPLETED", booking.assigned_room
        return cls(
            words.CHECKED_OUT if left else answer.message,
            CheckedOutView(
                booking.booking_id,
                booking.status,
                booking.checked_in_at,
                booking.checked_out_at,
                LeftRoomView(room_numbers.written(room.room_number), room.room_status),
                booking.payment_due,
            ),
            bill,
        )


@dataclass(frozen=True)
class BulkOutView:
    checked_out_bookings: Annotated[tuple[str, ...], Doc("The bookings that ended.")]
    rooms_cleared: Annotated[
        tuple[RoomNumber, ...], Doc("Rooms whose record named a booking that was not in them.")
    ]
    failed: tuple[FailedRoomView, ...]
    remaining: Remaining
    rooms: Rows
    destructive_mode: bool


@dataclass(frozen=True)
class BulkOutAnswer(Spoken):
    """The results for the rooms: a row for each, and lists by outcome."""

    detail: Annotated[str, Doc("", "Processed 3 room(s) in hotel 'hotel-killarney'")]
    results: BulkOutView

    @classmethod
    def of(cls, result: BulkResult, *, slug: str, destructive: bool) -> Self:
        reached = len(result.rows) - len(result.remaining)
        return cls(
            f"{words.processed(reached, slug)}: {len(result.bookings)} checked out, "
            f"{len(result.cleared)} cleared, {len(result.failed)} failed, "
            f"{len(result.remaining)} remaining.",
            BulkOutView(
                checked_out_bookings=tuple(result.bookings),
                rooms_cleared=tuple(map(room_numbers.of_room, result.cleared)),
                failed=tuple(FailedRoomView.of(each, LANGUAGES[0]) for each in result.failed),
                remaining=tuple(result.remaining),
                rooms=tuple(RoomRowView.of(each, LANGUAGES[0]) for each in result.rows),
                destructive_mode=destructive,
            ),
        )
