"""Views of rooms, of their steps and of the bookings in them (docs/api.md, Values)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Annotated, Final, Self

from chalicelib.api.bookings.views import ShortCode
from chalicelib.api.web.spoken import Spoken, Translated
from chalicelib.api.web.values import ErrorCode, Instant, MoneyView, instant, maybe, named_schema
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.constraints import Doc
from chalicelib.domain.core.languages import Language
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import Sentence, say
from chalicelib.domain.housekeeping.turnover import Condition, Room, RoomStep
from chalicelib.services.front_desk.bulk_result import BulkResult, FailedRoom, Outcome, RoomRow
from chalicelib.services.housekeeping.housekeeping import Chore
from chalicelib.texts import sentences

StayWord = Annotated[str, named_schema("StayWord")]
"""The status of a booking, in capital letters."""


@dataclass(frozen=True)
class RoomView:
    """A room on the board, with its condition and the booking in it."""

    space_id: Annotated[str, Doc("Names the room everywhere.", "rooms.101")]
    room_number: Annotated[str, Doc("Its number within the zone.", "101")]
    room_status: Condition
    is_occupied: bool
    booking_id: Annotated[str | None, Doc("The booking that is in it.")]
    notes: Annotated[str | None, Doc("The last note, until the room is ready.")]
    since: Annotated[
        Instant | None, Doc("Since when the room has this condition; null: no step yet.")
    ]
    overstay_since: Annotated[
        Instant | None, Doc("The booked end of a guest who is still in it; otherwise null.")
    ]

    @classmethod
    def of(cls, room: Room, now: datetime) -> Self:
        return cls(
            space_id=room.space_id,
            room_number=room.number,
            room_status=room.condition,
            is_occupied=room.is_occupied,
            booking_id=room.booking_id,
            notes=room.note or None,
            since=maybe(room.since),
            overstay_since=maybe(room.overstay_since(now)),
        )


@dataclass(frozen=True)
class BoardView:
    """All rooms of a site, by zone and number."""

    items: tuple[RoomView, ...]
    next_cursor: str | None = None


@dataclass(frozen=True)
class ChoreView(RoomView):
    """A room with work for housekeeping."""

    next_arrival: Annotated[Instant | None, Doc("When its next guest arrives; null: not soon.")]

    @classmethod
    def of_chore(cls, chore: Chore, now: datetime) -> Self:
        return cls(**vars(RoomView.of(chore.room, now)), next_arrival=maybe(chore.arrival))


@dataclass(frozen=True)
class HousekeepingView:
    """The rooms with work for housekeeping, the most urgent first."""

    items: tuple[ChoreView, ...]
    next_cursor: str | None = None


@dataclass(frozen=True)
class RoomStepView:
    """One step in the history of a room."""

    at: Instant
    by: Annotated[str, Doc("The account, or `system`.")]
    was: Condition
    to: Condition
    note: str | None
    booking_id: Annotated[str | None, Doc("The booking that was checked in or out.")]

    @classmethod
    def of(cls, row: tuple[str, RoomStep]) -> Self:
        step = row[1]
        return cls(instant(step.at), step.by, step.was, step.to, step.note or None, step.booking_id)


@dataclass(frozen=True)
class AssignedRoomView:
    room_number: str
    room_status: Annotated[
        Condition | None,
        Doc("The condition after the step; null in a zone without turnover."),
    ]


@dataclass(frozen=True)
class RoomBookingView:
    booking_id: str
    code: ShortCode
    status: Annotated[StayWord, Doc("", "COMPLETED")]
    checked_in_at: Instant | None
    checked_out_at: Instant | None
    assigned_room: AssignedRoomView
    payment_due: Annotated[MoneyView, Doc("Left to pay if the guest leaves on time, or now.")]


@dataclass(frozen=True)
class RoomBookingAnswer(Spoken):
    """A booking and its room after a step."""

    message: Translated
    booking: RoomBookingView

    @classmethod
    def of(
        cls,
        booking: Booking,
        *,
        tracked: bool,
        due: Money,
        language: Language,
        done: Sentence | None = None,
    ) -> Self:
        """The answer to a check-in or a check-out of `booking`, or to the payment of a no-show fee.
        Repeated, it is the same."""
        usual, condition = _AFTER[booking.status]
        return cls(
            sentences.in_words(done or usual, language),
            RoomBookingView(
                booking_id=booking.booking_id,
                code=booking.code,
                status=booking.status.value.upper(),
                checked_in_at=maybe(booking.actual_start),
                checked_out_at=maybe(booking.actual_end),
                assigned_room=AssignedRoomView(booking.number, condition if tracked else None),
                payment_due=MoneyView.of(due),
            ),
        )


ASSIGNED: Final = say("room_assigned")
_AFTER: Final[Mapping[Status, tuple[Sentence, Condition | None]]] = {
    Status.BOOKED: (ASSIGNED, None),
    Status.ACTIVE: (say("guest_checked_in"), Condition.OCCUPIED),
    Status.COMPLETED: (say("guest_checked_out"), Condition.CHECKOUT_DIRTY),
    Status.EXPIRED: (say("guest_did_not_come"), None),
}


@dataclass(frozen=True)
class FailedRoomView(Spoken):
    """A room that could not be checked in or out, and why."""

    room_id: str
    code: ErrorCode
    reason: Translated

    @classmethod
    def of(cls, failed: FailedRoom, language: Language) -> Self:
        reason = sentences.in_words(failed.refusal.wording, language)
        return cls(failed.room_id, failed.refusal.code, reason)


@dataclass(frozen=True)
class RoomRowView(Spoken):
    """What the call did for a room."""

    room_id: Annotated[str, Doc("As the request names it.", "rooms.101")]
    outcome: Outcome
    booking_id: Annotated[str | None, Doc("The booking that was checked in or out.")]
    code: Annotated[ErrorCode | None, Doc("The code of the refusal of a failed step.")]
    reason: Annotated[Translated | None, Doc("Why it failed, or why there was nothing to do.")]

    @classmethod
    def of(cls, row: RoomRow, language: Language) -> Self:
        code = row.refusal.code if row.refusal else None
        return cls(
            row.room_id, row.outcome, row.booking_id, code, sentences.worded(row.reason, language)
        )


Rows = Annotated[tuple[RoomRowView, ...], Doc("One row for each room named, in that order.")]
Remaining = Annotated[
    tuple[str, ...], Doc("Not reached in time, or without a known result: send these again.")
]


@dataclass(frozen=True)
class BulkInView(Spoken):
    checked_in_bookings: tuple[str, ...]
    failed: tuple[FailedRoomView, ...]
    remaining: Remaining
    rooms: Rows


@dataclass(frozen=True)
class BulkInAnswer(Spoken):
    """The results for the rooms: a row for each, and lists by outcome."""

    detail: Translated
    results: BulkInView

    @classmethod
    def of(cls, result: BulkResult, language: Language) -> Self:
        done, failed = len(result.bookings), len(result.failed)
        counts = say("rooms_checked_in", done=done, failed=failed, remaining=len(result.remaining))
        return cls(
            sentences.in_words(counts, language),
            BulkInView(
                tuple(result.bookings),
                tuple(FailedRoomView.of(each, language) for each in result.failed),
                tuple(result.remaining),
                tuple(RoomRowView.of(each, language) for each in result.rows),
            ),
        )
