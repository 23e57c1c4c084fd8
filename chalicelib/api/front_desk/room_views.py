"""Rooms, and who comes and goes in them, as the desk and housekeeping see them (docs/api.md,
Values)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Annotated, Final, Self

from chalicelib.api.bookings.present import instant, maybe
from chalicelib.api.web.values import Instant, MoneyView
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.constraints import Doc
from chalicelib.domain.core.money import Money
from chalicelib.domain.housekeeping.turnover import Condition, Room, RoomStep
from chalicelib.services.front_desk.bulk import Done, Failed
from chalicelib.services.housekeeping.housekeeping import Chore


@dataclass(frozen=True)
class RoomView:
    """A room on the board: who is in it, and in what condition it is."""

    space_id: Annotated[str, Doc("Names the room everywhere.", "rooms.101")]
    room_number: Annotated[str, Doc("Its number within the zone.", "101")]
    room_status: Condition
    is_occupied: bool
    booking_id: Annotated[str | None, Doc("The booking that is in it.")]
    notes: Annotated[str | None, Doc("The last note, until the room is ready.")]
    since: Annotated[str | None, Doc("Since when it is so; null: never touched.")]

    @classmethod
    def of(cls, room: Room) -> Self:
        return cls(
            space_id=room.space_id,
            room_number=room.number,
            room_status=room.condition,
            is_occupied=room.is_occupied,
            booking_id=room.booking_id,
            notes=room.note or None,
            since=maybe(room.since),
        )


@dataclass(frozen=True)
class BoardView:
    """All rooms of a site, by zone and number."""

    items: tuple[RoomView, ...]
    next_cursor: None = None


@dataclass(frozen=True)
class ChoreView(RoomView):
    """A room somebody has to see to."""

    next_arrival: Annotated[str | None, Doc("When its next guest comes; null: not soon.")]

    @classmethod
    def of_chore(cls, chore: Chore) -> Self:
        return cls(**vars(RoomView.of(chore.room)), next_arrival=maybe(chore.arrival))


@dataclass(frozen=True)
class HousekeepingView:
    """What to see to, first things first."""

    items: tuple[ChoreView, ...]
    next_cursor: None = None


@dataclass(frozen=True)
class RoomStepView:
    """One step in the history of a room."""

    at: Instant
    by: Annotated[str, Doc("The account, or `system`.")]
    was: Condition
    to: Condition
    note: str | None
    booking_id: Annotated[str | None, Doc("Who came or left.")]

    @classmethod
    def of(cls, row: tuple[str, RoomStep]) -> Self:
        step = row[1]
        return cls(instant(step.at), step.by, step.was, step.to, step.note or None, step.booking_id)


@dataclass(frozen=True)
class AssignedRoomView:
    room_number: str
    room_status: Annotated[
        Condition | None,
        Doc("What the step made of it; null where rooms have no condition."),
    ]


@dataclass(frozen=True)
class RoomBookingView:
    booking_id: str
    status: Annotated[str, Doc("", "COMPLETED")]
    checked_in_at: Instant | None
    checked_out_at: Instant | None
    assigned_room: AssignedRoomView
    payment_due: Annotated[MoneyView, Doc("Left to pay if the guest leaves on time, or now.")]


@dataclass(frozen=True)
class RoomBookingAnswer:
    """What a step made of a booking and of its room."""

    message: str
    booking: RoomBookingView

    @classmethod
    def of(cls, booking: Booking, *, tracked: bool, due: Money, message: str | None = None) -> Self:
        """The answer to a check-in or a check-out of `booking`; repeated it is the same."""
        usual, condition = _TOLD[booking.status]
        return cls(
            message or usual,
            RoomBookingView(
                booking_id=booking.booking_id,
                status=booking.status.value.upper(),
                checked_in_at=maybe(booking.actual_start),
                checked_out_at=maybe(booking.actual_end),
                assigned_room=AssignedRoomView(booking.number, condition if tracked else None),
                payment_due=MoneyView.of(due),
            ),
        )


ASSIGNED: Final = "The room is assigned."
_TOLD: Final[Mapping[Status, tuple[str, Condition | None]]] = {
    Status.BOOKED: (ASSIGNED, None),
    Status.ACTIVE: ("The guest is checked in.", Condition.OCCUPIED),
    Status.COMPLETED: ("The guest is checked out.", Condition.CHECKOUT_DIRTY),
}


@dataclass(frozen=True)
class FailedRoomView:
    """A room that could not be done, and why."""

    room_id: str
    code: str
    reason: str

    @classmethod
    def of(cls, failed: Failed) -> Self:
        return cls(failed.room_id, failed.refusal.code, failed.refusal.message)


Remaining = Annotated[
    tuple[str, ...], Doc("Not reached in time, or left in doubt: ask again with these.")
]


@dataclass(frozen=True)
class BulkOutView:
    checked_out_bookings: Annotated[tuple[str, ...], Doc("The bookings that ended.")]
    rooms_cleared: Annotated[
        tuple[str, ...], Doc("Rooms whose record named somebody who was not in them.")
    ]
    failed: tuple[FailedRoomView, ...]
    remaining: Remaining
    destructive_mode: bool


@dataclass(frozen=True)
class BulkOutAnswer:
    """What became of the rooms. An empty room needs nothing and is in none of the lists."""

    detail: str
    results: BulkOutView

    @classmethod
    def of(cls, done: Done, *, destructive: bool) -> Self:
        return cls(
            f"{len(done.bookings)} checked out, {len(done.cleared)} cleared, "
            f"{len(done.failed)} failed, {len(done.remaining)} remaining.",
            BulkOutView(
                checked_out_bookings=tuple(done.bookings),
                rooms_cleared=tuple(done.cleared),
                failed=tuple(map(FailedRoomView.of, done.failed)),
                remaining=tuple(done.remaining),
                destructive_mode=destructive,
            ),
        )


@dataclass(frozen=True)
class BulkInView:
    checked_in_bookings: tuple[str, ...]
    failed: tuple[FailedRoomView, ...]
    remaining: Remaining


@dataclass(frozen=True)
class BulkInAnswer:
    """What became of the rooms: each is in one of the lists."""

    detail: str
    results: BulkInView

    @classmethod
    def of(cls, done: Done) -> Self:
        return cls(
            f"{len(done.bookings)} checked in, {len(done.failed)} failed, "
            f"{len(done.remaining)} remaining.",
            BulkInView(
                tuple(done.bookings),
                tuple(map(FailedRoomView.of, done.failed)),
                tuple(done.remaining),
            ),
        )
