"""Use cases: a hotel, its desk and its housekeeping."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any, Final

from chalicelib import sweeps
from chalicelib.domain.core.access import Actor
from chalicelib.services.front_desk import assign_room
from tests import scenarios
from tests.client import Reply
from tests.clock import NOON, Clock
from tests.faults.bookings import BOOKINGS
from tests.faults.stays import ENTERED
from tests.faults.use_case import Act, UseCase, post, sweep
from tests.hotel import Hotel
from tests.world import World

HOTEL: Final = "/api/staff/hotels/hotel"
ROOMS: Final = "/api/staff/hotel/hotel/rooms"


def _book_over_new_year(world: World, clock: Clock) -> Act:
    Hotel(world, clock, rooms=1)
    body = {"zone_id": "rooms", "start": "2026-12-28", "end": "2027-01-03"}
    return post(world, BOOKINGS, body, key="k")


def _assign(world: World, clock: Clock) -> Act:
    hotel = Hotel(world, clock)
    booking = hotel.book_nights("2026-12-28", "2027-01-03", number="101")
    return lambda: assign_room.assign(hotel.deps, hotel.staff, booking.booking_id, "102")


def _swap(world: World, clock: Clock) -> Act:
    hotel = Hotel(world, clock)
    first, second = hotel.stay("101", nights=2), hotel.stay("102")
    path = f"{HOTEL}/room-bookings/{first.booking_id}/swap-room"
    body = {"with_booking_id": second.booking_id, "room_number": "102"}
    return post(world, path, body, by=hotel.staff)


def _check_in(world: World, clock: Clock) -> Act:
    hotel = Hotel(world, clock)
    path = f"{HOTEL}/room-bookings/{hotel.book_room().booking_id}/check-in"
    return post(world, path, by=hotel.staff)


def _walk_in(world: World, clock: Clock) -> Act:
    hotel = Hotel(world, clock)
    body = {"zone_id": "rooms", "nights": 1, "guests": [{"name": "Ravi"}]}
    return post(world, f"{HOTEL}/walk-ins", body, key="k", by=hotel.staff)


def _check_out(world: World, clock: Clock) -> Act:
    hotel = Hotel(world, clock)
    path = f"{HOTEL}/room-bookings/{hotel.stay().booking_id}/check-out"
    return post(world, path, by=hotel.staff)


def _notice_overstays(world: World, clock: Clock) -> Act:
    """Two guests have not left; a third is in the second month after their booked end."""
    hotel = Hotel(world, clock)
    hotel.stay("103", minutes=60)
    for days in (1, 14):
        clock.move(days=days)
        sweeps.run(world.deps, "auto-checkout")
    for number in ("101", "102"):
        hotel.stay(number, minutes=60)
    clock.move(days=31)
    return sweep(world, "auto-checkout")


def _check_out_late(world: World, clock: Clock) -> Act:
    hotel = Hotel(world, clock)
    stay = hotel.stay("101", minutes=60)
    clock.move(minutes=90)
    return post(world, f"{HOTEL}/room-bookings/{stay.booking_id}/check-out", by=hotel.staff)


def _clean(world: World, clock: Clock) -> Act:
    hotel = scenarios.a_room_to_clean(world, clock)
    body = {"to": "CLEANING_IN_PROGRESS"}
    return post(world, f"{HOTEL}/rooms/rooms.101/turnover", body, by=hotel.staff)


# -- many rooms at once ----------------------------------------------------------------------------


def _bulk(
    world: World, way: str, *numbers: str, by: Actor, key: str | None = None, **more: Any
) -> Act:
    """A caller that asks again for the rooms that remain, each time under another key."""

    def act(room_ids: list[str], turn: int = 1) -> Reply:
        body = {"room_ids": room_ids, **more}
        answer: Reply = post(world, f"{ROOMS}/{way}", body, key=key and f"{key}-{turn}", by=by)()
        left = answer.body["results"]["remaining"] if answer.status == 200 else []
        return act(left, turn + 1) if left else answer

    return lambda: act([f"rooms.{number}" for number in numbers])


def _check_in_many(world: World, clock: Clock, key: str | None = None) -> Act:
    """One of the guests is early: the wait is taken on their sheet."""
    hotel = Hotel(world, clock, early_check_in=15)
    hotel.book_room("101")
    hotel.book_room("102", start=NOON + timedelta(minutes=10))
    return _bulk(world, "checkin", "101", "102", by=hotel.staff, key=key)


def _check_out_many(world: World, clock: Clock, key: str | None = None) -> Act:
    """The record of one names a guest who is not in it; the stay in another has reached its end."""
    hotel = Hotel(world, clock)
    hotel.record_wrong_guest("101")
    hotel.stay("102", minutes=60)
    hotel.stay("103")
    clock.move(minutes=61)
    return _bulk(world, "checkout", "101", "102", "103", by=hotel.staff, key=key)


def _clear_many(world: World, clock: Clock, key: str | None = None) -> Act:
    hotel = Hotel(world, clock)
    for number in ("101", "102"):
        hotel.stay(number)
        hotel.record_wrong_guest(number)
    force: dict[str, Any] = {"destructive": True, "reason": "flood"}
    return _bulk(world, "checkout", "101", "102", by=world.admin, key=key, **force)


CASES: Final = (
    UseCase("book a room over New Year", _book_over_new_year),
    UseCase("assign a room", _assign),
    UseCase("swap two rooms", _swap),
    UseCase("check in to a room", _check_in, ENTERED),
    UseCase("walk in", _walk_in, cold=True),
    UseCase("check out of a room", _check_out, cold=True),
    UseCase("check out a late guest", _check_out_late),
    UseCase("notice overstays", _notice_overstays),
    UseCase("clean a room", _clean),
    UseCase("check in to many rooms", _check_in_many, cold=True),
    UseCase("check in to many rooms under a key", partial(_check_in_many, key="k")),
    UseCase("check out of many rooms", _check_out_many, cold=True),
    UseCase("check out of many rooms under a key", partial(_check_out_many, key="k")),
    UseCase("clear many rooms by force", _clear_many),
    UseCase("clear many rooms by force under a key", partial(_clear_many, key="k")),
)
