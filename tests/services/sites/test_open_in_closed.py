"""Bookings that are still open in a place that is closed, as records of earlier versions may be, end
as others do (docs/rules/closing.md)."""

from __future__ import annotations

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.change import saving
from chalicelib.domain.housekeeping.turnover import Condition
from chalicelib.domain.sites.site import Site, Space, Zone
from chalicelib.domain.stays.earlier_end import EarlierEnd
from chalicelib.services.bookings import bookings
from chalicelib.services.front_desk import bulk
from chalicelib.services.stays import check_out
from tests.builders import cash
from tests.clock import Clock
from tests.hotel import TURNOVER, Hotel
from tests.world import World


@pytest.fixture
def hotel(world: World, clock: Clock) -> Hotel:
    return Hotel(world, clock)


def _close(hotel: Hotel) -> None:
    """Save site, zone and rooms as closed, whatever is open in them."""
    deps, now = hotel.deps, hotel.clock.now()
    places: tuple[Site | Zone | Space, ...] = (
        deps.catalogue.fresh_site("hotel"),
        deps.catalogue.fresh_zone("rooms"),
        *deps.catalogue.fresh_spaces("rooms"),
    )
    for place in places:
        deps.commit(saving(place.evolve(active=False, closed_at=now)))


@pytest.fixture
def stay(hotel: Hotel) -> Booking:
    stay = hotel.stay("101")
    hotel.clock.move(minutes=30)
    return stay


def test_a_stay_is_checked_out_and_paid_and_its_room_is_cleaned(
    hotel: Hotel, stay: Booking
) -> None:
    _close(hotel)
    assert hotel.check_out(stay).status is Status.COMPLETED
    paid = check_out.check_out(hotel.deps, hotel.staff, stay.booking_id, tender=cash())
    assert paid.booking.payment_status == "paid"
    assert hotel.room().condition is Condition.CHECKOUT_DIRTY
    assert hotel.turn(*TURNOVER).condition is Condition.READY_FOR_GUEST


def test_a_forgotten_stay_is_ended_earlier(hotel: Hotel, stay: Booking) -> None:
    assert stay.actual_start is not None
    _close(hotel)
    ended = hotel.check_out(stay, earlier=EarlierEnd(stay.actual_start, "closed meanwhile"))
    assert ended.actual_end == stay.actual_start


def test_many_rooms_are_checked_out(hotel: Hotel, stay: Booking) -> None:
    _close(hotel)
    done = bulk.check_out(
        hotel.deps, hotel.staff, "hotel", ["rooms.101"], out_of_time=lambda: False
    )
    assert done.bookings == [stay.booking_id]


def test_a_booking_is_cancelled(hotel: Hotel) -> None:
    booking = hotel.book_room("102")
    _close(hotel)
    bookings.cancel(hotel.deps, hotel.staff, booking.booking_id)
    assert hotel.world.read(booking).status is Status.CANCELLED


def test_nothing_new_is_booked_there(hotel: Hotel) -> None:
    _close(hotel)
    with pytest.raises(errors.ZoneClosed):
        hotel.book_room("103")
