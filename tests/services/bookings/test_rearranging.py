"""Bookings that named no space give way to others (docs/decisions/rearranging.md)."""

from __future__ import annotations

import dataclasses
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import BookingDetails
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.recurrence import Repeat
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.housekeeping.turnover import Condition
from chalicelib.services.bookings import availability, book_group, reschedule
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.front_desk import assign_room, walk_ins
from tests import batches, builders
from tests.clock import NOON, Clock
from tests.hotel import GUEST, Hotel, day
from tests.model import invariants
from tests.world import World

pytestmark = pytest.mark.engine2

HOUR = timedelta(hours=1)
FOR_GUEST = BookingDetails(guests=(GUEST,))


class Lot:
    """A zone in which the lot is ours: a booking that names no space gets the one we want."""

    def __init__(self, world: World, spaces: int = 3, day: datetime = NOON + 24 * HOUR) -> None:
        self.world, self.day = world, day - 12 * HOUR
        world.add_zone("lot", builders.METERED, spaces=spaces)

    def times(self, first: float, last: float) -> dict[str, Any]:
        return {"start": self.day + first * HOUR, "end": self.day + last * HOUR}

    def order(self, first: float, last: float, **more: Any) -> Order:
        times = self.times(first, last)
        return Order("lot", None, times["start"], times["end"], **more)

    def by_lot(self, number: int, first: float, last: float) -> Booking:
        """A booking that named no space and got that one."""
        return self.world.book_by_lot(f"A-{number:03}", "lot", **self.times(first, last))

    def book(self, first: float, last: float, number: int | None = None) -> Booking:
        named = None if number is None else f"A-{number:03}"
        return self.world.book(zone="lot", number=named, **self.times(first, last))


@pytest.fixture
def lot(world: World) -> Lot:
    return Lot(world)


def test_the_zone_of_three_takes_the_request_that_was_refused(world: World, lot: Lot) -> None:
    made = [lot.by_lot(1, 10, 11), lot.by_lot(2, 11, 12), lot.by_lot(3, 9.5, 11)]
    new = lot.book(9, 12)
    assert new.status is Status.BOOKED
    moved = [b for b in map(world.read, made) if b.timeline[-1].what == "rearranged"]
    assert len(moved) == 1
    assert {each.number for each in [new, *map(world.read, made)]} <= {"A-001", "A-002", "A-003"}
    invariants.check(world.deps.now())


def test_what_moves_keeps_its_time_and_hears_nothing(world: World) -> None:
    lot = Lot(world, spaces=2)
    first, second = lot.by_lot(1, 10, 11), lot.by_lot(2, 11, 12)
    batches.clear()
    new = lot.book(10, 12)
    (moved,) = [b for b in map(world.read, (first, second)) if b.version == 2]
    before = first if moved.booking_id == first.booking_id else second
    assert moved == dataclasses.replace(
        before,
        number=moved.number,
        version=2,
        updated_at=moved.updated_at,
        timeline=moved.timeline,
    )
    last = moved.timeline[-1]
    assert (last.what, last.actor) == ("rearranged", "system")
    assert last.note == f"{before.number} to {moved.number}"
    assert {e["subject_id"] for b in batches.stored() for e in b.effects} == {new.booking_id}


def test_it_is_refused_where_the_peak_does_not_fit(world: World) -> None:
    lot = Lot(world, spaces=2)
    lot.by_lot(1, 10, 11), lot.by_lot(2, 10.5, 12)
    with pytest.raises(errors.ZoneFull):
        lot.book(10, 12)


def test_a_named_space_is_never_taken_away(world: World) -> None:
    lot = Lot(world, spaces=2)
    lot.book(10, 11, number=1), lot.book(11, 12, number=2)
    with pytest.raises(errors.ZoneFull):
        lot.book(10, 12)


def test_a_named_space_is_had_where_the_one_in_it_can_be_elsewhere(world: World) -> None:
    lot = Lot(world, spaces=2)
    by_lot = lot.by_lot(1, 10, 12)
    assert lot.book(11, 12, number=1).number == "A-001"
    assert world.read(by_lot).number == "A-002"


def test_a_booking_that_has_begun_stays_where_it_is(world: World, clock: Clock) -> None:
    lot = Lot(world, spaces=2)
    lot.by_lot(1, 10, 12), lot.by_lot(2, 12, 13)
    clock.set(lot.day + 10.5 * HOUR)
    assert lot.book(11, 13).number == "A-002"
    with pytest.raises(errors.SpaceTaken):
        lot.book(11, 13, number=1)


def test_a_guest_who_is_inside_early_stays_where_he_is(world: World, clock: Clock) -> None:
    lot = Lot(world, spaces=2)
    early = lot.by_lot(1, 10, 12)
    clock.set(lot.day + 10 * HOUR - timedelta(minutes=10))
    world.enter(early)
    with pytest.raises(errors.SpaceTaken):
        lot.book(11, 12, number=1)


def test_an_extension_moves_the_one_behind_it_away(world: World) -> None:
    lot = Lot(world, spaces=2)
    mine, behind = lot.book(10, 11, number=1), lot.by_lot(1, 11, 12)
    edit = BookingEdit(end=lot.day + 12 * HOUR)
    longer = reschedule.modify(world.deps, world.user, mine.booking_id, edit)
    assert (longer.number, longer.booked.end) == ("A-001", lot.day + 12 * HOUR)
    assert world.read(behind).number == "A-002"
    invariants.check(world.deps.now())


def test_a_booking_that_named_no_space_moves_to_a_time_in_another_one(world: World) -> None:
    lot = Lot(world, spaces=2)
    mine = lot.by_lot(1, 8, 9)
    lot.book(10, 11, number=1)
    edit = BookingEdit(start=lot.day + 10 * HOUR)
    moved = reschedule.modify(world.deps, world.user, mine.booking_id, edit)
    assert (moved.number, moved.is_space_provisional) == ("A-002", True)
    assert moved.timeline[-1].note == "A-001 to A-002"
    invariants.check(world.deps.now())


def test_several_spaces_at_once_are_found_by_moving_others(world: World) -> None:
    lot = Lot(world, spaces=3)
    lot.by_lot(1, 10, 11), lot.by_lot(2, 11, 12)
    order = lot.order(10, 12, quantity=2)
    made = book_group.book(world.deps, world.other, order)
    assert len({each.number for each in made.bookings}) == 2
    assert all(each.is_space_provisional for each in made.bookings)
    assert len(made.bookings) == 2, "only those of the group"
    invariants.check(world.deps.now())


def test_a_series_finds_a_space_on_each_date_by_moving_others(world: World) -> None:
    lot = Lot(world, spaces=2)
    lot.by_lot(1, 34, 35), lot.by_lot(2, 35, 36)
    order = lot.order(10, 12, repeat=Repeat("day", times=3))
    made = book_group.book(world.deps, world.other, order)
    assert len(made.bookings) == 3
    invariants.check(world.deps.now())


def test_a_booking_that_goes_on_beyond_the_days_read_can_move_too(world: World) -> None:
    lot = Lot(world, spaces=2)
    over_midnight = lot.by_lot(1, 22, 26)
    lot.book(23, 24, number=2)
    lot.by_lot(2, 20, 21)
    with pytest.raises(errors.ZoneFull):
        lot.book(20, 24)
    lot.by_lot(2, 24, 26)
    new = lot.book(20.5, 22)
    assert new.status is Status.BOOKED
    assert world.read(over_midnight).number == "A-001"


def test_the_night_is_moved_where_the_evening_needs_its_space(world: World) -> None:
    lot = Lot(world, spaces=2)
    night = lot.by_lot(1, 22, 26)
    lot.book(20, 21, number=2)
    new = lot.book(20.5, 22.5, number=1)
    assert new.number == "A-001"
    assert world.read(night).number == "A-002"
    invariants.check(world.deps.now())


def test_what_is_said_to_be_free_is_what_can_be_booked(world: World) -> None:
    lot = Lot(world, spaces=2)
    lot.by_lot(1, 10, 11), lot.by_lot(2, 11, 12)
    times = lot.times(10, 12)
    (free,) = availability.of_interval(world.deps, "lot", **times).free
    assert lot.book(10, 12, number=int(free[-3:])).number == free
    assert availability.of_interval(world.deps, "lot", **times).free == ()


def test_an_older_booking_without_a_mark_is_fixed(world: World) -> None:
    lot = Lot(world, spaces=2)
    assert lot.book(10, 11, number=1).provisional is False
    assert lot.by_lot(2, 11, 12).provisional is True


def test_a_guest_finds_a_space_where_another_overstays(world: World, clock: Clock) -> None:
    lot = Lot(world, spaces=2)
    stays = lot.book(8, 9, number=1)
    comes = lot.book(9.5, 11, number=1)
    later = lot.by_lot(2, 10, 12)
    clock.set(lot.day + 8 * HOUR)
    world.enter(stays)
    clock.set(lot.day + 9.5 * HOUR)
    assert world.enter(comes).number == "A-002"
    assert world.read(later).number == "A-001"


def test_what_moves_goes_where_no_stay_is_overdue_if_it_can(world: World, clock: Clock) -> None:
    lot = Lot(world, spaces=3)
    stays, comes = lot.book(8, 9, number=1), lot.book(9.5, 11, number=1)
    lot.book(9.25, 10, number=2)
    later = lot.by_lot(3, 10, 12)
    clock.set(lot.day + 8 * HOUR)
    world.enter(stays)
    clock.set(lot.day + 9.5 * HOUR)
    assert world.enter(comes).number == "A-003"
    assert world.read(later).number == "A-002"
    invariants.check(world.deps.now())


# -- rooms -----------------------------------------------------------------------------------------


@pytest.fixture
def hotel(world: World, clock: Clock) -> Hotel:
    return Hotel(world, clock, rooms=2)


def by_lot(hotel: Hotel, number: str, arrival: str, departure: str) -> Booking:
    """Nights of a guest who named no room and got that one."""
    start, end = day(arrival), day(departure)
    return hotel.world.book_by_lot(number, "rooms", start=start, end=end)


def test_a_long_stay_fits_where_short_ones_lay_scattered(hotel: Hotel) -> None:
    first = by_lot(hotel, "101", "2026-12-29", "2026-12-31")
    second = by_lot(hotel, "102", "2026-12-31", "2027-01-03")
    long = hotel.book_nights("2026-12-29", "2027-01-03")
    rooms = {hotel.world.read(each).number for each in (first, second)}
    assert rooms == {"101", "102"} - {long.number}
    invariants.check(hotel.deps.now())


def test_a_room_that_the_desk_assigns_is_for_good(hotel: Hotel) -> None:
    first = by_lot(hotel, "101", "2026-12-01", "2026-12-03")
    same = assign_room.assign(hotel.deps, hotel.staff, first.booking_id, "101")
    assert (same.number, same.is_space_provisional, same.version) == ("101", False, 2)
    by_lot(hotel, "102", "2026-12-03", "2026-12-05")
    long = hotel.book_nights("2026-12-01", "2026-12-05")
    assert long.number == "102"
    assert hotel.world.read(first) == same
    again = assign_room.assign(hotel.deps, hotel.staff, first.booking_id, "101")
    assert again == same


def test_the_desk_assigns_a_room_that_another_has_by_lot(world: World, clock: Clock) -> None:
    hotel = Hotel(world, clock, rooms=3)
    vip = hotel.book_nights("2026-12-01", "2026-12-03", number="102")
    other = by_lot(hotel, "101", "2026-12-02", "2026-12-04")
    assigned = assign_room.assign(hotel.deps, hotel.staff, vip.booking_id, "101")
    assert assigned.number == "101"
    assert hotel.world.read(other).number in {"102", "103"}
    invariants.check(hotel.deps.now())


def test_a_guest_of_today_is_not_moved_to_a_room_out_of_service(hotel: Hotel) -> None:
    today = by_lot(hotel, "101", "2026-11-21", "2026-11-22")
    hotel.turn(Condition.OUT_OF_SERVICE, number="102")
    with pytest.raises(errors.ZoneFull):
        hotel.book_nights("2026-11-21", "2026-11-23")
    assert hotel.world.read(today).number == "101"


def test_a_guest_of_tomorrow_makes_way_for_one_of_today(hotel: Hotel) -> None:
    tomorrow = by_lot(hotel, "101", "2026-11-22", "2026-11-23")
    hotel.turn(Condition.OUT_OF_SERVICE, number="102")
    now = hotel.book_nights("2026-11-21", "2026-11-23")
    assert (now.number, hotel.world.read(tomorrow).number) == ("101", "102")


def test_a_walk_in_gets_the_ready_room_of_a_guest_of_tomorrow(hotel: Hotel) -> None:
    tomorrow = by_lot(hotel, "101", "2026-11-22", "2026-11-23")
    hotel.turn(Condition.OUT_OF_SERVICE, Condition.CHECKOUT_DIRTY, number="102")
    order = Order("rooms", end=day("2026-11-23"), details=FOR_GUEST)
    inside = walk_ins.walk_in(hotel.deps, hotel.staff, "hotel", order)
    assert (inside.number, inside.status) == ("101", Status.ACTIVE)
    assert hotel.world.read(tomorrow).number == "102"
    invariants.check(hotel.deps.now())
