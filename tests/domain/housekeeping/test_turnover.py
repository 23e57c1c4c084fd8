from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.bookings import reschedule
from chalicelib.domain.core import errors
from chalicelib.domain.housekeeping import turnover
from chalicelib.domain.housekeeping.turnover import Condition, Room
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import default_policy
from tests.builders import ATTENDANT, a_booking
from tests.clock import NOON
from tests.wording import english, refuses

C = Condition
POLICY = default_policy("room")
ROOM = a_booking().room
LEGAL = {
    C.OCCUPIED: set(),  # only a check-out ends it
    C.CHECKOUT_DIRTY: {C.CLEANING_IN_PROGRESS, C.OUT_OF_SERVICE},
    C.CLEANING_IN_PROGRESS: {C.CLEANED_UNINSPECTED, C.OUT_OF_SERVICE},
    C.CLEANED_UNINSPECTED: {C.READY_FOR_GUEST, C.CHECKOUT_DIRTY, C.OUT_OF_SERVICE},  # inspection
    C.READY_FOR_GUEST: {C.OUT_OF_SERVICE},  # only a check-in occupies it
    C.OUT_OF_SERVICE: {C.CHECKOUT_DIRTY},
}


IN_ENGLISH = {
    C.OCCUPIED: "occupied",
    C.CHECKOUT_DIRTY: "dirty",
    C.CLEANING_IN_PROGRESS: "being cleaned",
    C.CLEANED_UNINSPECTED: "cleaned but not inspected",
    C.READY_FOR_GUEST: "ready",
    C.OUT_OF_SERVICE: "out of service",
}


@pytest.mark.parametrize("was", Condition)
@pytest.mark.parametrize("to", Condition)
def test_housekeeping_takes_the_legal_steps_and_no_others(was: Condition, to: Condition) -> None:
    room = Room("rooms", "101", was, booking_id="BK1" if was is C.OCCUPIED else None)
    if to in LEGAL[was]:
        edit = turnover.step(room, to, by=ATTENDANT, at=NOON, note="")
        assert (edit.was, edit.to, edit.room.booking_id) == (was, to, None)
        return
    with pytest.raises(errors.IllegalTransition) as refused:
        turnover.step(room, to, by=ATTENDANT, at=NOON, note="")
    said = english(refused.value)
    assert said.startswith(f"The room is {IN_ENGLISH[was]}")
    assert IN_ENGLISH[to] in said


def test_a_refused_step_says_what_is_possible_instead() -> None:
    room = Room("rooms", "101", C.CHECKOUT_DIRTY)
    with refuses(errors.IllegalTransition, "Possible next: being cleaned or out of service."):
        turnover.step(room, C.READY_FOR_GUEST, by=ATTENDANT, at=NOON, note="")


def test_a_note_stays_on_the_board_until_the_room_is_ready() -> None:
    dirty = Room("rooms", "101", C.CHECKOUT_DIRTY, note="the lamp is broken")
    cleaning = _step(dirty, C.CLEANING_IN_PROGRESS)
    cleaned = _step(cleaning, C.CLEANED_UNINSPECTED, note="lamp replaced")
    ready = _step(cleaned, C.READY_FOR_GUEST)
    notes = [room.note for room in (cleaning, cleaned, ready)]
    assert notes == ["the lamp is broken", "lamp replaced", ""]


def _step(room: Room, to: Condition, note: str = "") -> Room:
    return turnover.step(room, to, by=ATTENDANT, at=NOON, note=note).room


def test_whoever_checks_in_needs_a_ready_room_and_has_it_then() -> None:
    [edit] = turnover.occupy(ROOM, a_booking().booking_id, POLICY, by=ATTENDANT, at=NOON)
    assert (edit.was, edit.to) == (C.READY_FOR_GUEST, C.OCCUPIED)
    assert edit.room.booking_id == a_booking().booking_id
    assert edit.room.is_occupied


def test_a_check_out_leaves_a_dirty_room_and_a_note() -> None:
    [edit] = turnover.vacate(
        ROOM, a_booking().booking_id, POLICY, by=ATTENDANT, at=NOON + timedelta(hours=1)
    )
    assert (edit.step.was, edit.to, edit.room.booking_id) == (C.OCCUPIED, C.CHECKOUT_DIRTY, None)
    assert edit.note == f"{a_booking().booking_id} checked out"
    assert edit.step.booking_id == a_booking().booking_id


def test_a_guest_who_moves_leaves_one_room_and_occupies_another() -> None:
    after = replace(a_booking(), number="A-002")
    edits = reschedule.room_edits(a_booking(), after, POLICY, by=ATTENDANT, at=NOON)
    assert [(e.number, e.to) for e in edits] == [
        ("A-001", C.CHECKOUT_DIRTY),
        ("A-002", C.OCCUPIED),
    ]


@pytest.mark.parametrize("policy", [Policy(), Policy(turnover=True, check_in="none")])
def test_where_no_turnover_is_kept_rooms_are_left_alone(policy: Policy) -> None:
    assert turnover.occupy(ROOM, a_booking().booking_id, policy, by=ATTENDANT, at=NOON) == ()
    assert turnover.vacate(ROOM, a_booking().booking_id, policy, by=ATTENDANT, at=NOON) == ()
