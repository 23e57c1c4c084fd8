"""A guest who overstays in a room that another guest has booked next."""

from __future__ import annotations

from datetime import UTC, date, datetime, time

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.housekeeping.turnover import Condition
from chalicelib.services.front_desk import day_lists
from chalicelib.services.housekeeping import housekeeping
from tests.clock import Clock
from tests.hotel import Hotel
from tests.wording import refuses
from tests.world import World

C = Condition


@pytest.fixture
def hotel(world: World, clock: Clock) -> Hotel:
    """Christmas Day, 15:00: a guest who was to leave at 11:00 is still in 101."""
    made = Hotel(world, clock, rooms=3, overstay_grace=24 * 60)
    made.at("2026-12-24", "15:00")
    made.check_in(made.book_for("Byrne", "2026-12-24", "2026-12-25", number="101"))
    made.at("2026-12-25", "15:00")
    return made


def next_guest(hotel: Hotel) -> Booking:
    """A booking of that room from now on."""
    hotel.at("2026-12-24", "15:30")
    booking = hotel.book_for("Egan", "2026-12-25", "2026-12-27", number="101")
    hotel.at("2026-12-25", "15:00")
    return booking


def in_dublin(on: str, hour: int) -> datetime:
    """An hour in Dublin in winter."""
    return datetime.combine(date.fromisoformat(on), time(hour), UTC)


def close(hotel: Hotel, *numbers: str) -> None:
    for number in numbers:
        housekeeping.step(hotel.deps, hotel.staff, "hotel", f"rooms.{number}", C.OUT_OF_SERVICE)


def soil(hotel: Hotel, *numbers: str) -> None:
    close(hotel, *numbers)
    for number in numbers:
        housekeeping.step(hotel.deps, hotel.staff, "hotel", f"rooms.{number}", C.CHECKOUT_DIRTY)


@pytest.mark.engine2
@pytest.mark.parametrize(("closed", "given"), [("102", "103"), ("103", "102")])
def test_whoever_comes_for_the_room_is_given_another_that_is_ready(
    hotel: Hotel, closed: str, given: str
) -> None:
    booking = next_guest(hotel)
    close(hotel, closed)
    came = hotel.check_in(booking)
    assert (came.status, came.number) == (Status.ACTIVE, given)
    assert [entry.what for entry in came.timeline][-2:] == ["relocated", "checked_in"]
    conditions = {room.number: room.condition for room in hotel.board()}
    assert conditions == {"101": C.OCCUPIED, given: C.OCCUPIED, closed: C.OUT_OF_SERVICE}


def test_while_no_other_free_room_is_ready_the_booking_stands(hotel: Hotel) -> None:
    booking = next_guest(hotel)
    soil(hotel, "102")
    close(hotel, "103")
    with pytest.raises(errors.RoomNotReady):
        hotel.check_in(booking)
    assert hotel.world.read(booking).status is Status.BOOKED


def test_a_ready_room_that_only_a_no_show_keeps_is_given(hotel: Hotel) -> None:
    """102 is free but dirty; 103 is ready, and its guest of the night before never came."""
    hotel.at("2026-12-24", "15:00")
    hotel.book_for("Daly", "2026-12-24", "2026-12-25", number="103")
    booking = next_guest(hotel)
    soil(hotel, "102")
    assert hotel.check_in(booking).number == "103"


def test_a_ready_room_is_given_that_a_later_guest_can_leave_to_them(hotel: Hotel) -> None:
    """102 is free but dirty; 103 is ready, and was given to a guest of tomorrow who named none."""
    booking = next_guest(hotel)
    soil(hotel, "102")
    later = hotel.world.book_by_lot(
        "103", "rooms", start=in_dublin("2026-12-26", 15), end=in_dublin("2026-12-27", 11)
    )
    assert hotel.check_in(booking).number == "103"
    assert hotel.world.read(later).number != "103"


def test_staff_may_let_them_into_one_that_is_not_ready_for_a_reason(hotel: Hotel) -> None:
    booking = next_guest(hotel)
    soil(hotel, "102")
    close(hotel, "103")
    came = hotel.check_in(booking, override="only the lamp is broken")
    assert (came.number, came.status) == ("102", Status.ACTIVE)
    (event,) = hotel.deps.audit.list_day("hotel", hotel.clock.now().date(), limit=9).events
    assert (event.action, event.detail) == (
        "check_in_unready",
        "CHECKOUT_DIRTY: only the lamp is broken",
    )


def test_where_all_others_are_out_of_service_the_booking_is_cancelled_and_says_so(
    hotel: Hotel,
) -> None:
    booking = next_guest(hotel)
    close(hotel, "102", "103")
    with refuses(errors.ZoneFull, "no other is free"):
        hotel.check_in(booking)
    assert hotel.world.read(booking).status is Status.CANCELLED


@pytest.mark.engine2
def test_where_no_other_room_is_free_the_booking_is_cancelled_and_says_so(hotel: Hotel) -> None:
    booking = next_guest(hotel)
    for number in ("102", "103"):
        hotel.book_for("Foley", "2026-12-25", "2026-12-27", number=number, start=hotel.clock.now())
    with refuses(errors.ZoneFull, "no other is free"):
        hotel.check_in(booking)
    assert hotel.world.read(booking).status is Status.CANCELLED


def test_once_the_guest_has_left_the_room_is_cleaned_and_the_next_one_has_it(hotel: Hotel) -> None:
    booking = next_guest(hotel)
    (gone,) = (room.booking_id for room in hotel.board() if room.booking_id)
    hotel.check_out(hotel.deps.bookings.get(gone))
    with refuses(errors.RoomNotReady, "is dirty"):
        hotel.check_in(booking)
    for step in (C.CLEANING_IN_PROGRESS, C.CLEANED_UNINSPECTED, C.READY_FOR_GUEST):
        housekeeping.step(hotel.deps, hotel.staff, "hotel", "rooms.101", step)
    assert hotel.check_in(booking).number == "101"


def test_whoever_outstays_is_named_whatever_day_is_asked_about(hotel: Hotel) -> None:
    """Also where it lies in a month of which nothing is booked."""
    hotel.at("2026-12-30", "15:00")
    stay = hotel.check_in(hotel.book_for("Foley", "2026-12-30", "2026-12-31", number="102"))
    hotel.at("2026-12-31", "12:00")
    for on in (date(2026, 12, 31), date(2027, 1, 1)):
        found = day_lists.of_day(hotel.deps, hotel.staff, "hotel", "overstays", on)
        assert stay.booking_id in [each.booking_id for each in found.bookings]
