"""What becomes of a room between two guests (docs/rules/turnover.md).

A room has two axes: who is in it, and in what condition it is. Check-in and check-out move both in
their own transaction, everything between is a step of housekeeping. An edit says what must be true
of the room when it is written, so that no step needs to read before it writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.sites.policy import Policy


class Condition(StrEnum):
    """What a room is like. A room nobody has touched yet is ready."""

    OCCUPIED = "OCCUPIED"
    CHECKOUT_DIRTY = "CHECKOUT_DIRTY"
    CLEANING_IN_PROGRESS = "CLEANING_IN_PROGRESS"
    CLEANED_UNINSPECTED = "CLEANED_UNINSPECTED"
    READY_FOR_GUEST = "READY_FOR_GUEST"
    OUT_OF_SERVICE = "OUT_OF_SERVICE"


_OCCUPIED, _DIRTY, _CLEANING = (
    Condition.OCCUPIED, Condition.CHECKOUT_DIRTY, Condition.CLEANING_IN_PROGRESS,
)  # fmt: skip
_CLEANED, _READY, _OUT = (
    Condition.CLEANED_UNINSPECTED, Condition.READY_FOR_GUEST, Condition.OUT_OF_SERVICE,
)  # fmt: skip

STEPS: Final[Mapping[Condition, tuple[Condition, ...]]] = {
    _OCCUPIED: (),
    _DIRTY: (_CLEANING, _OUT),
    _CLEANING: (_CLEANED, _OUT),
    _CLEANED: (_READY, _DIRTY, _OUT),
    _READY: (_OUT,),
    _OUT: (_DIRTY,),
}
"""The legal steps of housekeeping. Into OCCUPIED leads a check-in, out of it a check-out."""

TO_CLEAN: Final = frozenset({_DIRTY, _CLEANING, _CLEANED})
"""The conditions in which housekeeping has something to do."""


@dataclass(frozen=True)
class Room:
    """A room as the board shows it: its condition `since` when and by whom, the booking that is in
    it, and the last note."""

    zone_id: str
    number: str
    condition: Condition = _READY
    guest: str | None = None
    since: datetime | None = None
    by: str = ""
    note: str = ""

    @property
    def space_id(self) -> str:
        return f"{self.zone_id}.{self.number}"

    @property
    def is_ready(self) -> bool:
        """Whether a guest may be checked in to it."""
        return self.condition is _READY

    @property
    def is_occupied(self) -> bool:
        """Whether a booking is in it."""
        return self.guest is not None

    @property
    def is_in_use(self) -> bool:
        """Whether somebody is in it, or has to see to it."""
        return self.is_occupied or self.condition in TO_CLEAN


def in_service(numbers: Iterable[str], rooms: Mapping[str, Room]) -> tuple[str, ...]:
    """The numbers of those that are not out of service, by what is known in `rooms`."""
    return tuple(n for n in numbers if n not in rooms or rooms[n].condition is not _OUT)


def ready(numbers: Iterable[str], rooms: Mapping[str, Room]) -> tuple[str, ...]:
    """The numbers of those that a guest may be checked in to."""
    return tuple(n for n in numbers if n not in rooms or rooms[n].is_ready)


@dataclass(frozen=True)
class RoomStep:
    """One line of a room's history: who brought it from one condition to another, when, and what
    they noted; `booking_id` is who came or left."""

    at: datetime
    by: str
    was: Condition
    to: Condition
    note: str = ""
    booking_id: str | None = None


@dataclass(frozen=True)
class RoomEdit:
    """One room's part in a change: `guest` is in it afterwards, `leaving` was before. It is refused
    unless the room still is what it `was`; None asks only that nobody but `leaving` is in it.
    `note` is said with this step, `kept` stands on the board where nothing is said."""

    zone_id: str
    number: str
    was: Condition | None
    to: Condition
    at: datetime
    by: str
    note: str = ""
    kept: str = ""
    guest: str | None = None
    leaving: str | None = None

    @property
    def space_id(self) -> str:
        return f"{self.zone_id}.{self.number}"

    @property
    def step(self) -> RoomStep:
        """Its line in the room's history."""
        was = _OCCUPIED if self.was is None else self.was
        return RoomStep(self.at, self.by, was, self.to, self.note, self.guest or self.leaving)

    @property
    def room(self) -> Room:
        """The room afterwards."""
        note = self.note or self.kept
        return Room(self.zone_id, self.number, self.to, self.guest, self.at, self.by, note)


def entered(
    room: Room, booking_id: str, policy: Policy, *, by: Actor, at: datetime
) -> tuple[RoomEdit, ...]:
    """The room becomes occupied by a booking; refused unless the room still is as `room` says.
    Empty where the zone keeps no turnover."""
    if not policy.tracks_turnover:
        return ()
    return (
        RoomEdit(
            room.zone_id,
            room.number,
            room.condition,
            _OCCUPIED,
            at,
            by.account_id,
            guest=booking_id,
            leaving=room.guest,
        ),
    )


def left(
    room: Room,
    booking_id: str,
    policy: Policy,
    *,
    by: Actor,
    at: datetime,
    how: str = "checked out",
) -> tuple[RoomEdit, ...]:
    """The room of a booking becomes dirty, with a note that names the booking. Empty where the zone
    keeps no turnover."""
    if not policy.tracks_turnover:
        return ()
    note = f"{booking_id} {how}"
    return (
        RoomEdit(
            room.zone_id, room.number, None, _DIRTY, at, by.account_id, note, leaving=booking_id
        ),
    )


def stepped(room: Room, to: Condition, *, by: Actor, at: datetime, note: str) -> RoomEdit:
    """A step of housekeeping. The last note stands on the board until the room is ready. Raises
    IllegalTransition, which names both ends."""
    if to not in STEPS[room.condition]:
        raise errors.IllegalTransition(_why_not(room, to))
    kept = "" if to is _READY else room.note
    return RoomEdit(room.zone_id, room.number, room.condition, to, at, by.account_id, note, kept)


def cleared(room: Room, *, by: Actor, at: datetime, note: str) -> RoomEdit:
    """Nobody is in an occupied room: it is to be cleaned."""
    return RoomEdit(
        room.zone_id,
        room.number,
        room.condition,
        _DIRTY,
        at,
        by.account_id,
        note,
        leaving=room.guest,
    )


def _why_not(room: Room, to: Condition) -> str:
    if room.condition is _OCCUPIED:
        way = "Check the guest out"
    elif to is _OCCUPIED:
        way = "Check a guest in"
    else:
        way = f"Possible are {' and '.join(STEPS[room.condition])}"
    return f"A room cannot go from {room.condition} to {to}. {way}."
