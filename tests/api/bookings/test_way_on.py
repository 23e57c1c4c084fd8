"""Refusals with a way on: the time in the way, the next free one, the waitlist, and the own offer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.sites.opening_hours import OpeningHours
from chalicelib.domain.waitlist.entry import EntryStatus
from tests import builders
from tests.client import Client, Reply
from tests.clock import Clock
from tests.hall import HOUR, START, Hall
from tests.hotel import Hotel
from tests.world import World

AT_NOON = {"zone_id": "halls", "start": "2026-11-23T06:30:00Z", "minutes": 60}  # 12:00 in Kolkata


@pytest.fixture
def hall(world: World, clock: Clock) -> Hall:
    return Hall(world, clock)


@pytest.fixture
def user(client: Client, world: World) -> Client:
    return client.by(world.other)


def book(client: Client, **changes: Any) -> Reply:
    return client.post("/api/bookings", AT_NOON | changes)


def error(reply: Reply) -> dict[str, Any]:
    assert reply.status == 409, reply.body
    found: dict[str, Any] = reply.body["error"]
    return found


def test_a_full_zone_names_the_time_in_the_way_the_next_free_one_and_the_waitlist(
    user: Client, hall: Hall
) -> None:
    hall.book(0, 2)
    found = error(book(user))
    assert found["code"] == "ZONE_FULL"
    assert found["taken"] == {"start": "2026-11-23T06:30:00Z", "end": "2026-11-23T08:30:00Z"}
    assert found["next_free"] == {"start": "2026-11-23T08:30:00Z", "end": "2026-11-23T09:30:00Z"}
    assert found["waitlist"] is True
    assert found["message"] == (
        "No space of this zone is free for that time. "
        "It is taken from Mon 23 Nov 2026, 12:00 to 14:00. "
        "The next free time is Mon 23 Nov 2026, 14:00 to 15:00. You can join the waitlist."
    )


def test_the_next_free_time_can_be_booked(user: Client, hall: Hall) -> None:
    hall.book(0, 2)
    hall.book(2.5, 4)
    next_free = error(book(user))["next_free"]
    assert next_free["start"] == "2026-11-23T10:30:00Z"
    again = {"zone_id": "halls", "start": next_free["start"], "end": next_free["end"]}
    assert user.post("/api/bookings", again).status == 201


def test_a_taken_space_names_its_own_time(user: Client, world: World, clock: Clock) -> None:
    Hall(world, clock, zone_id="two", spaces=2).book(0, 2)
    found = error(book(user, zone_id=None, space_id="two.A-001"))
    assert found["code"] == "SPACE_TAKEN"
    assert found["taken"]["end"] == "2026-11-23T08:30:00Z"


def test_the_next_free_time_is_within_the_opening_hours(
    user: Client, world: World, hall: Hall
) -> None:
    hours = OpeningHours.from_json({"mon": ["08:00-13:30", "16:00-20:00"]})
    zone = world.deps.catalogue.fresh_zone("halls")
    world.change_zone(zone, policy=replace(zone.policy, opening_hours=hours))
    hall.book()
    assert error(book(user))["next_free"]["start"] == "2026-11-23T10:30:00Z"  # 16:00


def test_where_nothing_is_free_that_day_no_time_is_named(user: Client, hall: Hall) -> None:
    hall.book(0, 17.5)  # to the end of the UTC day
    found = error(book(user))
    assert found["next_free"] is None
    assert "next free" not in found["message"]


def test_a_zone_without_a_waitlist_offers_none(user: Client, world: World, hall: Hall) -> None:
    zone = world.deps.catalogue.fresh_zone("halls")
    world.change_zone(zone, policy=replace(zone.policy, waitlist=False))
    hall.book()
    found = error(book(user))
    assert found["waitlist"] is False
    assert "waitlist" not in found["message"]


def test_a_full_car_park_offers_no_waitlist_for_now(user: Client, world: World) -> None:
    for _ in range(3):
        world.book()
    found = error(user.post("/api/bookings", {"zone_id": "zone-a", "minutes": 60}))
    assert found["waitlist"] is False
    assert found["next_free"]["start"] == "2026-11-21T07:30:00Z"


def test_a_room_is_free_some_nights_later(client: Client, world: World, clock: Clock) -> None:
    hotel = Hotel(world, clock, rooms=1)
    hotel.book_nights("2026-12-01", "2026-12-04")
    wanted = {"zone_id": "rooms", "start": "2026-12-02", "nights": 2}
    found = error(client.by(world.other).post("/api/bookings", wanted))
    assert found["next_free"] == {"start": "2026-12-04T15:00:00Z", "end": "2026-12-06T11:00:00Z"}


def test_staff_read_which_bookings_are_in_the_way_and_customers_never(
    client: Client, user: Client, hall: Hall
) -> None:
    booking = hall.book()
    assert "open" not in error(book(user))
    assert booking.booking_id not in str(book(user).body)
    found = error(book(client.by(hall.world.staff)))
    assert found["open"] == {"bookings": {"count": 1, "ids": [booking.booking_id]}}


def test_a_move_to_taken_time_names_the_next_free_one(client: Client, hall: Hall) -> None:
    hall.book(2, 4, hall.world.other)
    own = hall.book(0, 1)
    moved = client.by(hall.world.user).patch(
        f"/api/bookings/{own.booking_id}", {"start": "2026-11-23T08:30:00Z"}
    )
    found = error(moved)
    assert found["taken"]["start"] == "2026-11-23T08:30:00Z"
    assert found["next_free"]["start"] == "2026-11-23T10:30:00Z"


# -- where others would move -----------------------------------------------------------------------


def test_the_next_free_time_is_the_first_for_which_others_would_move(
    user: Client, world: World, clock: Clock
) -> None:
    """At 13:00 there is one hall free in each hour, but never the same one for two hours: one of
    the others moves. As things stand the first free time would be 15:00."""
    hall = Hall(world, clock, zone_id="two", spaces=2)
    by_lot(hall, "A-001", 0, 2), by_lot(hall, "A-002", 0, 1), by_lot(hall, "A-002", 2, 3)
    found = error(book(user, zone_id="two", minutes=120))
    assert found["next_free"]["start"] == "2026-11-23T07:30:00Z"  # 13:00
    again = user.post("/api/bookings", {"zone_id": "two", **found["next_free"]})
    assert again.status == 201


def test_a_time_for_which_named_halls_would_have_to_change_is_not_named(
    user: Client, world: World, clock: Clock
) -> None:
    hall = Hall(world, clock, zone_id="two", spaces=2)
    by_lot(hall, "A-001", 0, 2), hall.book(0, 1, number="A-002"), hall.book(2, 3, number="A-002")
    found = error(book(user, zone_id="two", minutes=120))
    assert found["next_free"]["start"] == "2026-11-23T08:30:00Z"  # A-001, from 14:00 on


def by_lot(hall: Hall, number: str, first: float, last: float) -> Booking:
    start, end = START + first * HOUR, START + last * HOUR
    return hall.world.book_by_lot(number, hall.zone_id, start=start, end=end)


# -- several at once -------------------------------------------------------------------------------


def test_several_spaces_at_once_are_told_when_so_many_are_free(
    user: Client, world: World, clock: Clock
) -> None:
    hall = Hall(world, clock, zone_id="three", spaces=3)
    hall.book(0, 2, number="A-001"), hall.book(0, 3, number="A-002")
    found = error(book(user, zone_id="three", quantity=2))
    assert (found["code"], found["waitlist"]) == ("ZONE_FULL", True)
    assert found["taken"] == {"start": "2026-11-23T06:30:00Z", "end": "2026-11-23T07:30:00Z"}
    assert found["next_free"]["start"] == "2026-11-23T08:30:00Z"
    assert "open" not in found
    again = user.post("/api/bookings", {"zone_id": "three", "quantity": 2, **found["next_free"]})
    assert again.status == 201


def test_each_date_of_a_series_names_the_time_in_the_way(
    client: Client, user: Client, hall: Hall
) -> None:
    hall.book(24, 26)
    found = error(book(user, repeat={"every": "day", "times": 2}))
    assert found["code"] == "DATES_UNAVAILABLE"
    (date,) = found["dates"]
    assert date["taken"] == {"start": "2026-11-24T06:30:00Z", "end": "2026-11-24T08:30:00Z"}
    assert date["message"].startswith("No space of this zone is free for that time. It is taken")


# -- rooms and gates -------------------------------------------------------------------------------


def test_a_guest_who_finds_no_space_left_reads_when_one_is_free(
    client: Client, world: World, clock: Clock
) -> None:
    """All three bays are taken by cars that should have left; one of them is booked again."""
    inside = [world.enter(world.book()) for _ in range(3)]
    late = world.book(world.other, number="A-001", start=clock.now() + HOUR, minutes=60)
    clock.move(minutes=61)
    found = error(client.by(world.staff).post(f"/api/bookings/{late.booking_id}/check-in"))
    assert (found["code"], found["waitlist"]) == ("ZONE_FULL", False)
    assert found["message"].startswith("The last guest is still in this space and no other")
    assert set(found["open"]["bookings"]["ids"]) == {each.booking_id for each in inside}
    assert found["next_free"]["start"] == "2026-11-21T08:30:00Z"


def test_a_room_whose_last_guest_is_still_in_it_names_another_night(
    client: Client, world: World, clock: Clock
) -> None:
    hotel = Hotel(world, clock, rooms=1)
    hotel.at("2026-12-24", "15:00")
    hotel.check_in(hotel.book_for("Byrne", "2026-12-24", "2026-12-27", number="101"))
    hotel.at("2026-12-27", "12:00")
    wanted = {"space_id": "rooms.101", "start": "2026-12-27", "nights": 1}
    found = error(client.by(world.other).post("/api/bookings", wanted))
    assert found["code"] == "SPACE_TAKEN"
    assert found["message"].startswith("The last guest is still in this room.")
    assert found["next_free"]["start"] == "2026-12-28T15:00:00Z"


# -- the own offer ---------------------------------------------------------------------------------


@pytest.mark.parametrize("spaces", [1, 2])
@pytest.mark.parametrize("named", [False, True])
def test_who_holds_an_offer_and_books_the_ordinary_way_gets_the_offer(
    client: Client, world: World, clock: Clock, spaces: int, named: bool
) -> None:
    hall = Hall(world, clock, spaces=spaces)
    held = [hall.book(number=f"A-00{n + 1}") for n in range(spaces)]
    entry = hall.join(world.other)
    for booking in held:
        hall.cancel(booking)  # the first goes to the entry, and with two spaces one is free
    (number,) = {world.deps.waitlist.get(entry.entry_id).held}
    place = {"zone_id": None, "space_id": f"halls.{number}"} if named else {}
    made = book(client.by(world.other), **place)
    assert (made.status, made.body["slot_number"]) == (201, number)
    assert hall.status(entry) == [EntryStatus.CLAIMED]
    assert world.deps.waitlist.get(entry.entry_id).booking_id == made.body["booking_id"]


def test_an_offer_of_another_time_stays_an_offer(client: Client, world: World, hall: Hall) -> None:
    held = hall.book()
    entry = hall.join(world.other)
    hall.cancel(held)
    later = book(client.by(world.other), start=(START + 3 * HOUR).isoformat())
    assert later.status == 201
    assert hall.status(entry) == [EntryStatus.OFFERED]


def test_the_offer_of_another_customer_is_in_the_way(
    client: Client, world: World, hall: Hall
) -> None:
    held = hall.book()
    hall.join(world.other)
    hall.cancel(held)
    assert error(book(client.by(hall.third)))["code"] == "ZONE_FULL"


# -- confirmed too late ----------------------------------------------------------------------------


def auto_cancelled(world: World, clock: Clock, deliver: Callable[[], object]) -> str:
    """The id of a booking of the hall that was cancelled because it was not confirmed."""
    from chalicelib import sweeps

    booking = world.book_hall()
    clock.move(hours=24)
    sweeps.run(world.deps, "reminders")
    deliver()
    clock.move(hours=22, minutes=1)
    sweeps.run(world.deps, "auto-cancel")
    assert world.read(booking).auto_cancel is not None
    return booking.booking_id


def test_a_confirmation_after_the_auto_cancel_names_what_is_free(
    client: Client, world: World, clock: Clock, deliver: Callable[[], object]
) -> None:
    booking_id = auto_cancelled(world, clock, deliver)
    found = error(client.by(world.user).post(f"/api/bookings/{booking_id}/confirm"))
    assert found["code"] == "ALREADY_ENDED"
    assert found["message"] == (
        "This booking was cancelled at 10:00: it was not confirmed. "
        "Its time is still free: book it again."
    )
    assert found["next_free"] == {"start": "2026-11-23T06:30:00Z", "end": "2026-11-23T07:30:00Z"}
    for space in world.deps.catalogue.numbers("halls"):
        world.book(zone="halls", number=space, start=START, minutes=60, vehicle_number=None)
    found = error(client.by(world.user).post(f"/api/bookings/{booking_id}/confirm"))
    assert found["next_free"]["start"] == "2026-11-23T07:30:00Z"
    assert found["waitlist"] is builders.VENUE.waitlist


def test_a_room_that_is_taken_names_the_guest_in_the_way_to_the_desk(
    client: Client, world: World, clock: Clock
) -> None:
    hotel = Hotel(world, clock, rooms=2)
    other = hotel.book_nights("2026-12-01", "2026-12-04", number="101")
    moving = hotel.book_nights("2026-12-01", "2026-12-02", number="102")
    path = f"/api/staff/hotels/hotel/room-bookings/{moving.booking_id}/assign-room"
    found = error(client.by(hotel.staff).post(path, {"room_number": "101"}))
    assert found["code"] == "SPACE_TAKEN"
    assert found["open"] == {"bookings": {"count": 1, "ids": [other.booking_id]}}
    assert found["next_free"]["start"] == "2026-12-04T15:00:00Z"


def test_a_room_in_use_is_named_where_the_hour_does_not_exist_the_next_day(
    client: Client, world: World, clock: Clock
) -> None:
    """01:00 on 27 March, the night before the clocks of Dublin skip that hour."""
    hotel = Hotel(world, clock, rooms=1)
    hotel.at("2027-03-26", "15:00")
    hotel.check_in(hotel.book_for("Byrne", "2027-03-26", "2027-03-27", number="101"))
    hotel.at("2027-03-27", "01:00")
    wanted = {"space_id": "rooms.101", "start": "2027-03-27T01:00:00Z", "nights": 1}
    answer = client.by(world.other).post("/api/bookings", wanted)
    assert error(answer)["code"] == "SPACE_TAKEN"
    assert error(answer)["next_free"]["start"] == "2027-03-28T01:00:00Z"
