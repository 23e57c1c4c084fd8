"""Turnover: the condition of rooms between two guests (docs/rules/turnover.md).

A check-in and a check-out change the condition of a room in their own transaction; everything
between them is a step of housekeeping. A RoomEdit names the state that it relies on, and the write
is refused unless that is the state of the room, so that no step reads before it writes.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.sentence import Sentence, say
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.sites.policy import Policy


class Condition(StrEnum):
    """The condition of a room. A room without a record is ready."""

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
"""The legal steps of housekeeping. A check-in leads to OCCUPIED, a check-out away from it."""

_IN_WORDS: Final[Mapping[Condition, Sentence]] = {
    _OCCUPIED: say("condition_occupied"),
    _DIRTY: say("condition_dirty"),
    _CLEANING: say("condition_being_cleaned"),
    _CLEANED: say("condition_uninspected"),
    _READY: say("condition_ready"),
    _OUT: say("condition_out_of_service"),
}
"""The conditions as people read them."""

TO_CLEAN: Final = frozenset({_DIRTY, _CLEANING, _CLEANED})
"""The conditions in which housekeeping has work to do."""


@dataclass(frozen=True)
class Room:
    """A room as the board shows it: its condition, `since` when and `by` which account, the booking
    that is in it, `until` when that is booked, and the last note. `was` is its condition before
    that, and `source` says how the last step came; older records lack both."""

    zone_id: str
    number: str
    condition: Condition = _READY
    booking_id: str | None = None
    since: datetime | None = None
    by: str = ""
    note: str = ""
    until: datetime | None = None
    was: Condition | None = None
    source: str = ""

    @property
    def space_id(self) -> str:
        return f"{self.zone_id}.{self.number}"

    @property
    def in_words(self) -> Sentence:
        """Its condition as people read it."""
        return _IN_WORDS[self.condition]

    def overstay_since(self, now: datetime) -> datetime | None:
        """The booked end of the booking in it, if that is over; otherwise None."""
        return self.until if self.until is not None and self.until <= now else None

    @property
    def is_ready(self) -> bool:
        """Whether a guest can be checked in to it."""
        return self.condition is _READY

    @property
    def is_occupied(self) -> bool:
        """Whether a booking is in it."""
        return self.booking_id is not None

    @property
    def is_in_use(self) -> bool:
        """Whether a booking is in it or housekeeping has work to do."""
        return self.is_occupied or self.condition in TO_CLEAN


def in_service(numbers: Iterable[str], rooms: Mapping[str, Room]) -> tuple[str, ...]:
    """The numbers that are not out of service. `rooms` holds the rooms that have a record."""
    return tuple(n for n in numbers if n not in rooms or rooms[n].condition is not _OUT)


def without_overstay(
    numbers: Iterable[str], rooms: Mapping[str, Room], now: datetime
) -> tuple[str, ...]:
    """The numbers without an overstay. `rooms` holds the rooms that have a record."""
    return tuple(n for n in numbers if n not in rooms or rooms[n].overstay_since(now) is None)


def ready(numbers: Iterable[str], rooms: Mapping[str, Room]) -> tuple[str, ...]:
    """The numbers that are ready for a guest. `rooms` holds the rooms that have a record."""
    return tuple(n for n in numbers if n not in rooms or rooms[n].is_ready)


@dataclass(frozen=True)
class RoomStep:
    """One step in the history of a room: from one condition to another, with the account, the
    instant and a note. `booking_id` is the booking that was checked in or out."""

    at: datetime
    by: str
    was: Condition
    to: Condition
    note: str = ""
    booking_id: str | None = None


@dataclass(frozen=True)
class RoomEdit:
    """The part of one room in a Change: `booking_id` is in it afterwards, `previous_id` was in it
    before. It is refused unless the condition still is `was`; where that is None, unless no booking
    but `previous_id` is in the room. The board shows `note`, or `last_note` where it is empty.
    `until` is the booked end of that booking. An edit that only `prolongs` the booking in the room
    is no step in its history."""

    zone_id: str
    number: str
    was: Condition | None
    to: Condition
    at: datetime
    by: str
    note: str = ""
    last_note: str = ""
    booking_id: str | None = None
    previous_id: str | None = None
    until: datetime | None = None
    prolongs: bool = False
    source: Source = "staff_api"

    @property
    def space_id(self) -> str:
        return f"{self.zone_id}.{self.number}"

    @property
    def step(self) -> RoomStep:
        """The step in the history of the room."""
        was = _OCCUPIED if self.was is None else self.was
        return RoomStep(
            self.at, self.by, was, self.to, self.note, self.booking_id or self.previous_id
        )

    @property
    def room(self) -> Room:
        """The room afterwards."""
        note = self.note or self.last_note
        return Room(
            self.zone_id, self.number, self.to, self.booking_id, self.at, self.by, note,
            self.until, self.step.was, self.source,
        )  # fmt: skip

    @property
    def is_visible(self) -> bool:
        """Whether the condition of the room changes."""
        return self.step.was is not self.to


def occupy(
    room: Room,
    booking_id: str,
    policy: Policy,
    *,
    by: Actor,
    at: datetime,
    until: datetime | None = None,
    source: Source = "staff_api",
) -> tuple[RoomEdit, ...]:
    """The edit of a check-in: the room is occupied by the booking, which ends at `until`. No edit
    without turnover."""
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
            booking_id=booking_id,
            previous_id=room.booking_id,
            until=until,
            source=source,
        ),
    )


def prolong(
    room: Room, booking_id: str, policy: Policy, *, by: Actor, at: datetime, until: datetime
) -> tuple[RoomEdit, ...]:
    """The edit of another booked end of the booking in the room. No edit without turnover."""
    if not policy.tracks_turnover:
        return ()
    return (
        RoomEdit(
            room.zone_id,
            room.number,
            _OCCUPIED,
            _OCCUPIED,
            at,
            by.account_id,
            booking_id=booking_id,
            previous_id=booking_id,
            until=until,
            prolongs=True,
        ),
    )


def vacate(
    room: Room,
    booking_id: str,
    policy: Policy,
    *,
    by: Actor,
    at: datetime,
    how: str = "checked out",
    source: Source = "staff_api",
) -> tuple[RoomEdit, ...]:
    """The edit of a check-out: the room is dirty, with a note that names the booking. No edit
    without turnover."""
    if not policy.tracks_turnover:
        return ()
    note = f"{booking_id} {how}"
    return (
        RoomEdit(
            room.zone_id,
            room.number,
            None,
            _DIRTY,
            at,
            by.account_id,
            note,
            previous_id=booking_id,
            source=source,
        ),
    )


def change_guest(
    room: Room,
    left_id: str,
    entered_id: str,
    policy: Policy,
    *,
    by: Actor,
    at: datetime,
    until: datetime,
) -> tuple[RoomEdit, ...]:
    """The edit of a swap: the room stays occupied, by another booking, which ends at `until`. No
    edit without turnover."""
    if not policy.tracks_turnover:
        return ()
    return (
        RoomEdit(
            room.zone_id, room.number, None, _OCCUPIED, at, by.account_id,
            f"swapped: {entered_id} for {left_id}",
            booking_id=entered_id, previous_id=left_id, until=until,
        ),
    )  # fmt: skip


def step(room: Room, to: Condition, *, by: Actor, at: datetime, note: str) -> RoomEdit:
    """The edit of a step of housekeeping. The last note stays until the room is ready. Raises
    IllegalTransition, which names both conditions."""
    if to not in STEPS[room.condition]:
        raise errors.IllegalTransition(_refusal(room, to))
    last = "" if to is _READY else room.note
    return RoomEdit(room.zone_id, room.number, room.condition, to, at, by.account_id, note, last)


def clear(room: Room, *, by: Actor, at: datetime, note: str) -> RoomEdit:
    """The edit that takes the booking out of the record of an occupied room: the room is dirty."""
    return RoomEdit(
        room.zone_id, room.number, room.condition, _DIRTY, at, by.account_id, note,
        previous_id=room.booking_id, source="bulk",
    )  # fmt: skip


def _refusal(room: Room, to: Condition) -> Sentence:
    now, wanted = room.in_words, _IN_WORDS[to]
    if room.condition is _OCCUPIED:
        return say("room_step_check_out", now=now, wanted=wanted)
    if to is _OCCUPIED:
        return say("room_step_check_in", now=now, wanted=wanted)
    *steps, last = (_IN_WORDS[step] for step in STEPS[room.condition])
    possible = say("or_else", first=tuple(steps), last=last) if steps else last
    return say("room_step_possible", now=now, wanted=wanted, steps=possible)
