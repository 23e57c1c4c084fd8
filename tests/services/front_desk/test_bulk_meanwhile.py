"""Steps on many rooms while others change them between the read and the write. The step asks for
the time at that moment, so the clock of the test can make the change."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from chalicelib.domain.bookings.details import DetailsEdit
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.housekeeping.turnover import Condition
from chalicelib.services.bookings import bookings, reschedule
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.front_desk import assign_room, bulk
from chalicelib.services.front_desk.bulk_result import BulkResult
from local.metering import Meter
from tests.clock import Clock
from tests.hotel import TURNOVER, Hotel
from tests.world import World

pytestmark = pytest.mark.engine2

C = Condition
ROOM = ("rooms.101",)


@pytest.fixture
def hotel(world: World, clock: Clock) -> Hotel:
    return Hotel(world, clock)


def out(hotel: Hotel, meanwhile: Callable[[], object]) -> BulkResult:
    """Room 101 is checked out; after it was read, something else happens."""
    return bulk.check_out(
        hotel.deps, hotel.staff, "hotel", ROOM, out_of_time=lambda: bool(meanwhile() and False)
    )


def in_(hotel: Hotel, meanwhile: Callable[[], object]) -> BulkResult:
    return bulk.check_in(
        hotel.deps, hotel.staff, "hotel", ROOM, out_of_time=lambda: bool(meanwhile() and False)
    )


def told(done: BulkResult) -> tuple[list[str], list[str], list[str]]:
    """Bookings, cleared rooms, codes of refusals."""
    return done.bookings, done.cleared, [failed.refusal.code for failed in done.failed]


def test_a_guest_who_is_checked_out_elsewhere_is_reported_alike(hotel: Hotel) -> None:
    stay = hotel.stay()
    done = out(hotel, lambda: hotel.check_out(stay))
    assert told(done) == ([stay.booking_id], [], [])
    assert [e.source for e in hotel.world.read(stay).timeline][-1] == "staff_api"


def test_a_guest_who_changes_rooms_stays(hotel: Hotel) -> None:
    stay = hotel.stay()
    done = out(hotel, lambda: assign_room.assign(hotel.deps, hotel.staff, stay.booking_id, "102"))
    assert told(done) == ([], [], [])
    assert hotel.world.read(stay).status is Status.ACTIVE
    assert hotel.room("102").booking_id == stay.booking_id


def test_a_booking_whose_details_change_is_checked_out_with_one_more_read(
    hotel: Hotel, meter: Meter
) -> None:
    stay = hotel.stay()

    def change() -> None:
        plate = BookingEdit(DetailsEdit(vehicle_number="KA02XY9"))
        reschedule.modify(hotel.deps, hotel.staff, stay.booking_id, plate)
        meter.reset()

    assert told(out(hotel, change)) == ([stay.booking_id], [], [])
    assert meter.snapshot().requests == {"TransactWriteItems": 2, "GetItem": 1}


def test_a_room_that_somebody_else_clears_needs_nothing_more(hotel: Hotel) -> None:
    hotel.record_wrong_guest("101")
    assert told(out(hotel, lambda: out(hotel, lambda: None))) == ([], [], [])
    assert hotel.room().condition is C.CHECKOUT_DIRTY


def test_whoever_comes_into_a_room_that_was_to_be_cleared_stays(hotel: Hotel) -> None:
    hotel.record_wrong_guest("101")
    booking = hotel.book_room()
    done = out(hotel, lambda: hotel.check_in(booking, override="the record is wrong"))
    assert told(done) == ([], [], [])
    assert hotel.room().booking_id == booking.booking_id


def test_an_arrival_who_is_checked_in_elsewhere_is_inside_already(hotel: Hotel) -> None:
    booking = hotel.book_room()
    done = in_(hotel, lambda: hotel.check_in(booking))
    assert told(done) == ([], [], ["ALREADY_CHECKED_IN"])
    assert [e.source for e in hotel.world.read(booking).timeline][-1] == "staff_api"


def test_an_arrival_who_is_cancelled_is_refused(hotel: Hotel) -> None:
    booking = hotel.book_room()
    done = in_(hotel, lambda: bookings.cancel(hotel.deps, hotel.staff, booking.booking_id))
    assert told(done) == ([], [], ["ALREADY_ENDED"])
    assert hotel.room().is_ready


def test_an_arrival_who_gets_another_room_is_left_to_it(hotel: Hotel) -> None:
    booking = hotel.book_room()
    done = in_(
        hotel, lambda: assign_room.assign(hotel.deps, hotel.staff, booking.booking_id, "102")
    )
    assert told(done) == ([], [], ["BOOKING_NOT_FOUND"])
    assert hotel.world.read(booking).status is Status.BOOKED


def test_a_booking_whose_details_change_is_checked_in_with_one_more_read(
    hotel: Hotel, meter: Meter
) -> None:
    booking = hotel.book_room()

    def change() -> None:
        plate = BookingEdit(DetailsEdit(vehicle_number="KA02XY9"))
        reschedule.modify(hotel.deps, hotel.staff, booking.booking_id, plate)
        meter.reset()

    assert told(in_(hotel, change)) == ([booking.booking_id], [], [])
    assert meter.snapshot().requests == {"TransactWriteItems": 2, "TransactGetItems": 1}


def test_a_room_that_housekeeping_has_just_finished_is_ready(hotel: Hotel) -> None:
    hotel.check_out(hotel.stay())
    booking = hotel.book_room()
    assert told(in_(hotel, lambda: hotel.turn(*TURNOVER))) == ([booking.booking_id], [], [])


def test_a_room_that_has_just_been_taken_out_of_service_is_refused(hotel: Hotel) -> None:
    hotel.book_room()
    done = in_(hotel, lambda: hotel.turn(C.OUT_OF_SERVICE))
    assert told(done) == ([], [], ["ROOM_NOT_READY"])
