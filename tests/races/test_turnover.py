"""The desk, housekeeping and time at the same room at the same moment."""

from __future__ import annotations

from functools import partial

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.details import BookingDetails, Guest
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.housekeeping.turnover import Condition
from chalicelib.domain.occupancy import occupancy
from chalicelib.services.front_desk import assign_room, bulk, walk_ins
from chalicelib.services.front_desk.bulk_result import BulkResult
from chalicelib.services.housekeeping import housekeeping
from tests.clock import Clock
from tests.hotel import TURNOVER, Hotel
from tests.model import invariants
from tests.races.crowd import rush
from tests.world import World

pytestmark = pytest.mark.engine2


@pytest.fixture
def hotel(world: World, clock: Clock) -> Hotel:
    return Hotel(world, clock)


def _steps(hotel: Hotel, number: str = "101") -> list[Condition]:
    """What became of a room, newest first."""
    return [step.to for _, step in hotel.deps.rooms.history("rooms", number, limit=50).records]


def _out(hotel: Hotel, *numbers: str) -> BulkResult:
    named = [f"rooms.{number}" for number in numbers]
    return bulk.check_out(hotel.deps, hotel.staff, "hotel", named, out_of_time=lambda: False)


def test_two_receptionists_check_out_the_same_guest_once_and_are_told_the_same(
    hotel: Hotel, clock: Clock
) -> None:
    stay = hotel.stay()
    clock.move(minutes=5)
    outcome = rush([partial(hotel.check_out, stay)] * 2)
    assert outcome.refusals == ()
    assert outcome.answers[0] == outcome.answers[1]
    assert _steps(hotel) == [Condition.CHECKOUT_DIRTY, Condition.OCCUPIED]
    assert len(invariants.check(clock.now()).entries) == 1


def test_a_room_is_checked_in_to_or_taken_out_of_service_and_never_both(hotel: Hotel) -> None:
    booking = hotel.book_room()
    outcome = rush([
        partial(hotel.check_in, booking),
        partial(hotel.turn, Condition.OUT_OF_SERVICE),
    ])  # fmt: skip
    room, after = hotel.room(), hotel.world.read(booking)
    assert len(outcome.answers) == 1
    if after.status is Status.ACTIVE:
        assert (room.condition, room.booking_id) == (Condition.OCCUPIED, booking.booking_id)
        assert outcome.codes == {"ILLEGAL_TRANSITION": 1}
    else:
        assert (room.condition, room.booking_id) == (Condition.OUT_OF_SERVICE, None)
        assert outcome.codes == {"ROOM_NOT_READY": 1}


def test_many_rooms_at_once_and_one_of_them_alone_end_each_stay_once(
    hotel: Hotel, clock: Clock
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


def test_the_desk_and_the_sweep_at_the_end_of_a_stay_end_it_once(
    hotel: Hotel, clock: Clock
) -> None:
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


def test_a_step_that_two_take_is_taken_once(hotel: Hotel, clock: Clock) -> None:
    hotel.check_out(hotel.stay())
    clock.move(minutes=5)
    outcome = rush([partial(hotel.turn, TURNOVER[0])] * 4)
    assert outcome.refusals == ()
    assert set(outcome.answers) == {hotel.room()}
    assert _steps(hotel).count(TURNOVER[0]) == 1


def _agree(hotel: Hotel) -> dict[str, str | None]:
    """Who is in each room: its record, the booking that it names and the sheets say the same."""
    board = housekeeping.board(hotel.deps, hotel.staff, "hotel")
    held = occupancy.held(hotel.deps.sheets.of_zone("rooms", "2026-11", "2026-12"))
    for room in board:
        assert (room.condition is Condition.OCCUPIED) is (room.booking_id is not None)
        if room.booking_id is not None:
            booking = hotel.deps.bookings.get(room.booking_id)
            assert (booking.status, booking.number) == (Status.ACTIVE, room.number)
            assert room.booking_id in held[room.number]
    inside = [room.booking_id for room in board if room.booking_id]
    assert len(inside) == len(set(inside))
    return {room.number: room.booking_id for room in board}


def test_a_guest_who_is_checked_in_and_given_another_room_is_in_one_of_them(hotel: Hotel) -> None:
    booking = hotel.book_room("101")
    outcome = rush([
        partial(hotel.check_in, booking),
        partial(assign_room.assign, hotel.deps, hotel.staff, booking.booking_id, "102"),
    ])  # fmt: skip
    assert outcome.refusals == ()
    after = hotel.world.read(booking)
    assert (after.status, after.number) == (Status.ACTIVE, "102")
    assert _agree(hotel)["102"] == booking.booking_id


def test_a_guest_whom_two_receptionists_check_in_is_checked_in_once(hotel: Hotel) -> None:
    booking = hotel.book_room()
    outcome = rush([partial(hotel.check_in, booking)] * 2)
    assert outcome.codes == {"ALREADY_CHECKED_IN": 1}
    assert _agree(hotel)["101"] == booking.booking_id
    assert _steps(hotel) == [Condition.OCCUPIED]


def test_of_four_walk_ins_for_two_ready_rooms_two_have_one(hotel: Hotel) -> None:
    hotel.turn(Condition.OUT_OF_SERVICE, number="103")
    order = Order("rooms", nights=2, details=BookingDetails(guests=(Guest("Asha"),)))
    outcome = rush([partial(walk_ins.walk_in, hotel.deps, hotel.staff, "hotel", order)] * 4)
    assert set(outcome.codes) <= {"ROOM_NOT_READY", "ZONE_FULL"}
    inside = {stay.number: stay.booking_id for stay in outcome.answers}
    assert _agree(hotel) == inside | {"103": None}


def test_a_guest_moves_into_a_room_or_housekeeping_has_it(hotel: Hotel) -> None:
    stay = hotel.stay("101")
    outcome = rush([
        partial(assign_room.assign, hotel.deps, hotel.staff, stay.booking_id, "102"),
        partial(hotel.turn, Condition.OUT_OF_SERVICE, number="102"),
    ])  # fmt: skip
    inside = _agree(hotel)
    if outcome.codes == {"ILLEGAL_TRANSITION": 1}:
        assert (inside["101"], inside["102"]) == (None, stay.booking_id)
        assert hotel.room("101").condition is Condition.CHECKOUT_DIRTY
    else:
        assert outcome.codes == {"ROOM_NOT_READY": 1}
        assert (inside["101"], inside["102"]) == (stay.booking_id, None)


def test_two_guests_who_move_into_one_room_do_not_share_it(hotel: Hotel) -> None:
    stays = [hotel.stay("101"), hotel.stay("102")]
    ids = [stay.booking_id for stay in stays]
    outcome = rush(
        [partial(assign_room.assign, hotel.deps, hotel.staff, each, "103") for each in ids]
    )
    assert outcome.codes == {"SPACE_TAKEN": 1}
    inside = _agree(hotel)
    assert {guest for guest in inside.values() if guest} == set(ids)
    assert inside["103"] in ids


def test_a_guest_who_moves_and_is_checked_out_leaves_no_room_behind(
    hotel: Hotel, clock: Clock
) -> None:
    stay = hotel.stay("101")
    clock.move(minutes=5)
    outcome = rush([
        partial(assign_room.assign, hotel.deps, hotel.staff, stay.booking_id, "102"),
        partial(hotel.check_out, stay),
    ])  # fmt: skip
    assert set(outcome.codes) <= {"ALREADY_ENDED"}
    assert hotel.world.read(stay).status is Status.COMPLETED
    assert set(_agree(hotel).values()) == {None}
    held = occupancy.held(hotel.deps.sheets.of_zone("rooms", "2026-11", "2026-12"))
    assert [number for number, taken in held.items() if taken] == []
    invariants.check(clock.now())


def test_a_room_is_never_cleared_from_under_a_guest_who_has_just_come(
    hotel: Hotel, clock: Clock
) -> None:
    """The record names a guest who is gone; staff let the next guest in while bulk clears."""
    hotel.record_wrong_guest("101")
    booking = hotel.book_room()
    rush([
        partial(hotel.check_in, booking, override="the record is wrong"),
        partial(_out, hotel, "101"),
    ])  # fmt: skip
    room, after = hotel.room(), hotel.world.read(booking)
    assert (room.booking_id == booking.booking_id) == (after.status is Status.ACTIVE)
