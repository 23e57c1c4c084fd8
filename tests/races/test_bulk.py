"""Many rooms at once, and others at the same rooms at the same moment."""

from __future__ import annotations

from collections import Counter
from functools import partial

import pytest

from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.access import Actor
from chalicelib.domain.housekeeping.turnover import Condition
from chalicelib.services.bookings import bookings
from chalicelib.services.front_desk import assign_room, bulk
from chalicelib.services.front_desk.bulk_result import BulkResult
from tests.clock import Clock
from tests.hotel import Hotel
from tests.model import invariants
from tests.races.crowd import rush
from tests.world import World

pytestmark = pytest.mark.engine2

NUMBERS = ("101", "102", "103")
C = Condition


@pytest.fixture
def hotel(world: World, clock: Clock) -> Hotel:
    return Hotel(world, clock)


def _in(hotel: Hotel, *numbers: str) -> BulkResult:
    room_ids = [f"rooms.{number}" for number in numbers]
    return bulk.check_in(hotel.deps, hotel.staff, "hotel", room_ids, out_of_time=lambda: False)


def _out(
    hotel: Hotel, *numbers: str, by: Actor | None = None, force: str | None = None
) -> BulkResult:
    room_ids = [f"rooms.{number}" for number in numbers]
    return bulk.check_out(
        hotel.deps, by or hotel.staff, "hotel", room_ids,
        out_of_time=lambda: False, destructive=force is not None, reason=force,
    )  # fmt: skip


def _steps(hotel: Hotel, number: str) -> list[Condition]:
    """What became of a room, newest first."""
    return [step.to for _, step in hotel.deps.rooms.history("rooms", number, limit=50).records]


def _codes(*answers: BulkResult) -> Counter[str]:
    return Counter(failed.refusal.code for done in answers for failed in done.failed)


@pytest.mark.parametrize("second", [NUMBERS, NUMBERS[::-1]])
def test_two_who_check_in_the_same_rooms_let_each_guest_in_once(
    hotel: Hotel, clock: Clock, second: tuple[str, ...]
) -> None:
    booked = {hotel.book_room(number).booking_id for number in NUMBERS}
    outcome = rush([partial(_in, hotel, *NUMBERS), partial(_in, hotel, *second)])
    assert outcome.refusals == ()
    assert _codes(*outcome.answers) == {"ALREADY_CHECKED_IN": 3}
    assert {each for done in outcome.answers for each in done.bookings} == booked
    assert [_steps(hotel, number) for number in NUMBERS] == [[C.OCCUPIED]] * 3
    assert {b.status for b in invariants.check(clock.now()).bookings.values()} == {Status.ACTIVE}


def test_a_guest_is_checked_in_with_the_others_or_cancelled_and_never_both(
    hotel: Hotel, clock: Clock
) -> None:
    booked = [hotel.book_room(number) for number in NUMBERS]
    middle = booked[1].booking_id
    outcome = rush([
        partial(_in, hotel, *NUMBERS),
        partial(bookings.cancel, hotel.deps, hotel.staff, middle),
    ])  # fmt: skip
    [done] = [answer for answer in outcome.answers if isinstance(answer, BulkResult)]
    status = hotel.world.read(booked[1]).status
    if status is Status.ACTIVE:
        assert outcome.codes == {"ILLEGAL_TRANSITION": 1}
        assert (middle in done.bookings, done.failed) == (True, [])
    else:
        assert (status, outcome.refusals) == (Status.CANCELLED, ())
        assert hotel.room("102").is_ready
        assert _codes(done).keys() <= {"ALREADY_ENDED", "BOOKING_NOT_FOUND"}
    assert {booked[0].booking_id, booked[2].booking_id} <= set(done.bookings)
    invariants.check(clock.now())


def test_a_guest_checked_in_with_the_others_and_alone_comes_in_once(
    hotel: Hotel, clock: Clock
) -> None:
    booked = [hotel.book_room(number) for number in NUMBERS]
    outcome = rush([partial(_in, hotel, *NUMBERS), partial(hotel.check_in, booked[1])])
    [done] = [answer for answer in outcome.answers if isinstance(answer, BulkResult)]
    assert Counter(outcome.codes) + _codes(done) == {"ALREADY_CHECKED_IN": 1}
    assert [_steps(hotel, number) for number in NUMBERS] == [[C.OCCUPIED]] * 3
    invariants.check(clock.now())


def test_a_guest_who_changes_rooms_while_many_are_checked_out_keeps_the_new_one_or_leaves(
    world: World, clock: Clock
) -> None:
    hotel = Hotel(world, clock, rooms=4)
    stays = [hotel.stay(number) for number in NUMBERS]
    moved = stays[1].booking_id
    rush([
        partial(_out, hotel, *NUMBERS),
        partial(assign_room.assign, hotel.deps, hotel.staff, moved, "104"),
    ])  # fmt: skip
    after = hotel.world.read(stays[1])
    if after.number == "104":
        assert (after.status, hotel.room("104").booking_id) == (Status.ACTIVE, moved)
    else:
        assert (after.status, hotel.room("104").is_ready) == (Status.COMPLETED, True)
    assert not hotel.room("102").is_occupied
    invariants.check(clock.now())


def test_two_admins_who_clear_by_force_clear_once(hotel: Hotel, clock: Clock) -> None:
    stay = hotel.stay()
    hotel.record_wrong_guest("101")
    clock.move(minutes=5)
    admin = hotel.world.admin
    outcome = rush([partial(_out, hotel, "101", by=admin, force="flood")] * 2)
    assert outcome.refusals == ()
    assert [done.failed for done in outcome.answers] == [[], []]
    assert sorted(room for done in outcome.answers for room in done.cleared) == ["rooms.101"]
    actions = sorted(action for action, *_ in hotel.audited())
    use = "destructive_rooms_check_out"  # each of them has used it
    assert actions == ["clear_room", "destructive_check_out", use, use]
    assert hotel.world.read(stay).status is Status.COMPLETED
    invariants.check(clock.now())
