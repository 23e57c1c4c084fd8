"""The desk, housekeeping and time at the same room at the same moment."""

from __future__ import annotations

from functools import partial

import pytest

from chalicelib import sweeps
from chalicelib.domain.status import Status
from chalicelib.domain.turnover import Condition
from chalicelib.services import bulk
from tests.clock import Clock
from tests.desk import TURN, Desk
from tests.model import invariants
from tests.races.crowd import rush
from tests.world import World

pytestmark = pytest.mark.engine2


@pytest.fixture
def hotel(world: World, clock: Clock) -> Desk:
    return Desk(world, clock)


def _steps(hotel: Desk, number: str = "101") -> list[Condition]:
    """What became of a room, newest first."""
    return [step.to for _, step in hotel.deps.rooms.history("rooms", number, limit=50).records]


def _out(hotel: Desk, *numbers: str) -> bulk.Done:
    rooms = [f"rooms.{number}" for number in numbers]
    return bulk.check_out(hotel.deps, hotel.desk, "hotel", rooms, out_of_time=lambda: False)


def test_two_receptionists_check_out_the_same_guest_once_and_are_told_the_same(
    hotel: Desk, clock: Clock
) -> None:
    stay = hotel.stay()
    clock.move(minutes=5)
    outcome = rush([partial(hotel.check_out, stay)] * 2)
    assert outcome.refusals == ()
    assert outcome.answers[0] == outcome.answers[1]
    assert _steps(hotel) == [Condition.CHECKOUT_DIRTY, Condition.OCCUPIED]
    assert len(invariants.check(clock.now()).entries) == 1


def test_a_room_is_checked_in_to_or_taken_out_of_service_and_never_both(hotel: Desk) -> None:
    booking = hotel.book()
    outcome = rush([
        partial(hotel.check_in, booking),
        partial(hotel.turn, Condition.OUT_OF_SERVICE),
    ])  # fmt: skip
    room, after = hotel.room(), hotel.world.read(booking)
    assert len(outcome.answers) == 1
    if after.status is Status.ACTIVE:
        assert (room.condition, room.guest) == (Condition.OCCUPIED, booking.booking_id)
        assert outcome.codes == {"ILLEGAL_TRANSITION": 1}
    else:
        assert (room.condition, room.guest) == (Condition.OUT_OF_SERVICE, None)
        assert outcome.codes == {"ROOM_NOT_READY": 1}


def test_many_rooms_at_once_and_one_of_them_alone_end_each_stay_once(
    hotel: Desk, clock: Clock
) -> None:
    stays = [hotel.stay(number) for number in ("101", "102", "103")]
    clock.move(minutes=5)
    outcome = rush([
        partial(_out, hotel, "101", "102", "103"),
        partial(_out, hotel, "103", "102", "101"),
        partial(hotel.check_out, stays[1]),
    ])  # fmt: skip
    assert outcome.refusals == ()
    assert [done.failed for done in outcome.answers[:2]] == [[], []]
    for number in ("101", "102", "103"):
        assert _steps(hotel, number) == [Condition.CHECKOUT_DIRTY, Condition.OCCUPIED]
    assert len(invariants.check(clock.now()).entries) == 3


def test_the_desk_and_the_sweep_at_the_end_of_a_stay_end_it_once(hotel: Desk, clock: Clock) -> None:
    stay = hotel.stay()
    clock.set(stay.booked.end)
    outcome = rush([
        partial(sweeps.run, hotel.deps, "auto-checkout"),
        partial(hotel.check_out, stay),
        partial(_out, hotel, "101"),
    ])  # fmt: skip
    assert outcome.refusals == ()
    assert _steps(hotel) == [Condition.CHECKOUT_DIRTY, Condition.OCCUPIED]
    assert hotel.world.read(stay).auto_checkout
    invariants.check(clock.now())


def test_a_step_that_two_take_is_taken_once(hotel: Desk, clock: Clock) -> None:
    hotel.check_out(hotel.stay())
    clock.move(minutes=5)
    outcome = rush([partial(hotel.turn, TURN[0])] * 4)
    assert outcome.refusals == ()
    assert set(outcome.answers) == {hotel.room()}
    assert _steps(hotel).count(TURN[0]) == 1


def test_a_room_is_never_cleared_from_under_a_guest_who_has_just_come(
    hotel: Desk, clock: Clock
) -> None:
    """The record names somebody who is gone; staff let the next guest in while bulk clears."""
    hotel.haunt("101")
    booking = hotel.book()
    rush([
        partial(hotel.check_in, booking, override="the record is wrong"),
        partial(_out, hotel, "101"),
    ])  # fmt: skip
    room, after = hotel.room(), hotel.world.read(booking)
    assert (room.guest == booking.booking_id) == (after.status is Status.ACTIVE)
