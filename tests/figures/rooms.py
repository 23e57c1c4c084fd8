"""Operations to measure: a hotel, its desk and its housekeeping."""

from __future__ import annotations

from datetime import date
from typing import Final

from chalicelib.domain.bookings.details import Guest
from chalicelib.domain.housekeeping.turnover import Condition
from chalicelib.services.bookings import bookings, settle
from chalicelib.services.front_desk import assign_room, bulk, day_lists, search
from chalicelib.services.housekeeping import housekeeping
from tests import hotel as hotels
from tests.clock import Clock
from tests.figures.measure import Step, warm
from tests.figures.stays import MANY
from tests.hotel import Hotel
from tests.world import World

AOIFE: Final = Guest("Aoife Byrne", email="aoife@example.com", phone="+353 1 555 0100")

# -- booked by dates -------------------------------------------------------------------------------


def _hotel(world: World, clock: Clock) -> Hotel:
    """Ten rooms, one of which was booked and cancelled."""
    hotel = Hotel(warm(world), clock, rooms=10)
    booking = hotel.book_nights("2026-12-01", None)
    bookings.cancel(world.deps, world.user, booking.booking_id)
    return hotel


def book_thirty_nights(world: World, clock: Clock) -> Step:
    hotel = _hotel(world, clock)
    return lambda: hotel.book_nights("2026-12-10", "2027-01-09")


def book_for_a_guest(world: World, clock: Clock) -> Step:
    hotel = _hotel(world, clock)
    dates = "2026-12-10", "2026-12-12", hotel.staff
    return lambda: hotel.book_nights(*dates, guests=(AOIFE,))


def find_by_name(world: World, clock: Clock) -> Step:
    hotel = _hotel(world, clock)
    hotel.book_nights("2027-02-10", None, hotel.staff, guests=(AOIFE,))
    world.deps.catalogue.zones_of("hotel")
    return lambda: search.search(world.deps, hotel.staff, "hotel", "byrne")


def assign(world: World, clock: Clock) -> Step:
    hotel = _hotel(world, clock)
    booking = hotel.book_nights("2026-12-10", "2026-12-12", number="101")
    return lambda: assign_room.assign(world.deps, hotel.staff, booking.booking_id, "102")


def list_arrivals(world: World, clock: Clock) -> Step:
    hotel = _hotel(world, clock)
    for _ in range(5):
        hotel.book_nights("2026-12-10", "2026-12-12")
    tenth = date(2026, 12, 10)
    world.deps.catalogue.zones_of("hotel")
    return lambda: day_lists.of_day(world.deps, hotel.staff, "hotel", "arrivals", tenth)


# -- the desk --------------------------------------------------------------------------------------


def _desk(world: World, clock: Clock, rooms: int = 3) -> Hotel:
    """A hotel, once an instance has read everything that it keeps."""
    hotel = Hotel(world, clock, rooms=rooms)
    hotel.board()
    world.deps.catalogue.zone("rooms")
    world.deps.catalogue.site("hotel")
    world.deps.accounts.known(hotel.staff.account_id)
    return hotel


def check_in(world: World, clock: Clock) -> Step:
    hotel = _desk(world, clock)
    booking = hotel.book_room()
    return lambda: hotel.check_in(booking)


def check_out(world: World, clock: Clock) -> Step:
    hotel = _desk(world, clock)
    stay = hotel.stay()
    return lambda: hotel.check_out(stay)


def overstay(world: World, clock: Clock) -> Step:
    hotel = _desk(world, clock)
    stay = hotel.stay(nights=1)
    clock.set(stay.booked.end)
    return lambda: settle.read(world.deps, stay.booking_id)


def keep_overstay(world: World, clock: Clock) -> Step:
    """In the second month after it."""
    hotel = _desk(world, clock)
    stay = hotel.stay(nights=1)
    for days in (1, 14):
        clock.move(days=days)
        settle.read(world.deps, stay.booking_id)
    clock.move(days=31)
    return lambda: settle.read(world.deps, stay.booking_id)


def check_in_many(world: World, clock: Clock) -> Step:
    hotel = _desk(world, clock, rooms=MANY)
    for number in hotels.numbers(MANY):
        hotel.book_room(number)
    return lambda: bulk.check_in(
        world.deps, hotel.staff, "hotel", _room_ids(MANY), out_of_time=lambda: False
    )


def check_out_many(world: World, clock: Clock) -> Step:
    hotel = _desk(world, clock, rooms=MANY)
    for number in hotels.numbers(MANY):
        hotel.stay(number)
    return lambda: bulk.check_out(
        world.deps, hotel.staff, "hotel", _room_ids(MANY), out_of_time=lambda: False
    )


def _room_ids(count: int) -> list[str]:
    return [f"rooms.{number}" for number in hotels.numbers(count)]


def clean(world: World, clock: Clock) -> Step:
    hotel = _desk(world, clock)
    hotel.check_out(hotel.stay())
    return lambda: hotel.turn(Condition.CLEANING_IN_PROGRESS)


def board(world: World, clock: Clock) -> Step:
    hotel = _desk(world, clock, rooms=500)
    for number in hotels.numbers(500):
        hotel.turn(Condition.OUT_OF_SERVICE, number=number, note="closed for the winter")
    return lambda: housekeeping.board(world.deps, hotel.staff, "hotel")
