"""The front desk's lists and its search, and rooms by their dates."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import pytest

from chalicelib.services.front_desk import assign_room
from local.metering import Meter
from tests.client import Client, Reply
from tests.clock import Clock
from tests.hotel import Hotel
from tests.world import World

DESK = "/api/staff/hotels/hotel"


@pytest.fixture
def hotel(world: World, clock: Clock) -> Hotel:
    return Hotel(world, clock, rooms=4, overstay_grace=180)


@dataclass(frozen=True)
class Desk:
    """The receptionist, who signs in again after each move of the clock."""

    client: Client
    hotel: Hotel

    def signed_in(self) -> Client:
        return self.client.by(self.hotel.staff)

    def get(self, path: str) -> Reply:
        return self.signed_in().get(path)


@pytest.fixture
def desk(client: Client, hotel: Hotel) -> Desk:
    return Desk(client, hotel)


def who(desk: Desk, path: str) -> list[str]:
    return [name for row in rows(desk, path) for name in row["guest_names"]]


def rows(desk: Desk, path: str) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = desk.get(f"{DESK}/{path}").body["items"]
    return found


@pytest.fixture
def busy(hotel: Hotel) -> Hotel:
    """Christmas Day, 11:30: Byrne overstays, Daly sleeps on, Egan comes today, Foley tomorrow."""
    hotel.at("2026-12-23", "15:00")
    hotel.check_in(hotel.book_for("Byrne", "2026-12-23", "2026-12-25", number="101"))
    hotel.check_in(hotel.book_for("Daly", "2026-12-23", "2026-12-28", number="102"))
    hotel.book_for("Egan", "2026-12-25", "2026-12-27", number="103")
    hotel.book_for("Foley", "2026-12-26", "2026-12-28", number="101")
    hotel.at("2026-12-25", "11:30")
    return hotel


LISTS: tuple[tuple[str, list[str]], ...] = (
    ("arrivals", ["Egan"]),
    ("arrivals?date=2026-12-26", ["Foley"]),
    ("arrivals?date=2026-12-23", ["Byrne", "Daly"]),  # have come, and are here
    ("departures", ["Byrne"]),
    ("departures?date=2026-12-28", ["Foley", "Daly"]),
    ("in-house", ["Byrne", "Daly"]),
    ("in-house?date=2026-12-27", ["Foley", "Daly"]),  # Egan leaves that day
    ("overstays", ["Byrne"]),
    ("overstays?date=2026-12-24", []),
    ("arrivals?date=2027-02-01", []),
)


@pytest.mark.parametrize(("path", "names"), LISTS)
def test_the_desk_sees_who_concerns_it_on_a_day(
    desk: Desk, busy: Hotel, path: str, names: list[str]
) -> None:
    assert who(desk, path) == names


def test_a_row_has_what_the_desk_needs(desk: Desk, busy: Hotel) -> None:
    (row,) = rows(desk, "overstays")
    assert row["room_number"] == "101"
    assert (row["arrival_date"], row["departure_date"], row["nights"]) == (
        "2026-12-23",
        "2026-12-25",
        2,
    )
    assert row["overstays"] is True
    assert row["payment_due"] == {"amount": "240.00", "currency": "EUR"}
    assert row["booking"]["status"] == "active"
    assert row["booking"]["guests"][0]["room"] == "101"


def test_a_guest_who_has_left_is_on_no_list_any_more(desk: Desk, busy: Hotel) -> None:
    (row,) = rows(desk, "overstays")
    gone = desk.signed_in().post(f"/api/bookings/{row['booking']['booking_id']}/check-out").body
    assert (gone["status"], gone["guests"]) == (
        "completed",
        [{"name": "Byrne", "email": None, "phone": None, "room": None}],
    )
    assert [who(desk, path) for path in ("overstays", "in-house")] == [[], ["Daly"]]


def test_a_stay_that_time_has_ended_is_settled_before_it_is_shown(desk: Desk, busy: Hotel) -> None:
    policy = replace(busy.zone.policy, auto_checkout_after=1)
    busy.world.change_zone(busy.zone, policy=policy)
    busy.at("2026-12-25", "14:00")
    assert who(desk, "overstays") == []


def test_the_row_and_the_booking_say_since_when_a_guest_overstays(desk: Desk, busy: Hotel) -> None:
    rows_of = {name: rows(desk, name) for name in ("overstays", "in-house", "departures")}
    for name, found in rows_of.items():
        flags = [(r["overstays"], r["booking"]["overstay"]) for r in found]
        assert (True, True) in flags, name
    booking = rows_of["overstays"][0]["booking"]
    assert booking["overstay_since"] == "2026-12-25T11:00:00Z"
    daly = next(r for r in rows_of["in-house"] if r["guest_names"] == ["Daly"])
    assert (daly["booking"]["overstay"], daly["booking"]["overstay_since"]) == (False, None)
    [room] = [r for r in rows(desk, "rooms") if r["room_number"] == "101"]
    assert room["overstay_since"] == "2026-12-25T11:00:00Z"


def test_the_row_of_an_arrival_names_the_guest_who_is_still_in_the_room(
    desk: Desk, busy: Hotel
) -> None:
    late = rows(desk, "overstays")[0]["booking"]["booking_id"]
    busy.at("2026-12-26", "09:00")
    seen = {r["guest_names"][0]: r for r in rows(desk, "arrivals")}
    foley, egan = seen["Foley"], seen["Egan"]
    assert (foley["occupied_by"], foley["occupied_since"]) == (late, "2026-12-25T11:00:00Z")
    assert (egan["occupied_by"], egan["occupied_since"]) == (None, None)


@pytest.mark.parametrize("first", ["user", "other"])
def test_two_bookings_of_one_room_are_listed_by_their_time(
    desk: Desk, hotel: Hotel, first: str
) -> None:
    """One life of the model: a guest of yesterday who has not come, and the next. The order of
    their ids, which begin with their customers, does not matter."""
    world = hotel.world
    customers = [world.user, world.other] if first == "user" else [world.other, world.user]
    made = [
        hotel.book_nights(f"2026-12-{day}", f"2026-12-{day + 1}", customer, number="101")
        for day, customer in zip((24, 25), customers, strict=True)
    ]
    hotel.at("2026-12-25", "10:00")
    listed = [row["booking"]["booking_id"] for row in rows(desk, "arrivals")]
    assert listed == [booking.booking_id for booking in made]


def test_who_was_to_come_yesterday_is_expected_until_they_come(desk: Desk, busy: Hotel) -> None:
    busy.at("2026-12-26", "12:00")
    assert who(desk, "arrivals") == ["Foley", "Egan"]
    busy.at("2026-12-27", "10:00")
    assert (who(desk, "arrivals"), who(desk, "departures")) == (["Foley", "Egan"], [])


def test_whoever_checks_in_before_midnight_of_their_date_is_among_that_days_arrivals(
    world: World, clock: Clock, client: Client
) -> None:
    hotel = Hotel(world, clock, rooms=2, early_check_in=24 * 60)
    desk = Desk(client, hotel)
    booking = hotel.book_for("Byrne", "2026-12-01", "2026-12-03")
    hotel.at("2026-11-30", "23:30")
    hotel.check_in(booking)
    assert who(desk, "arrivals") == ["Byrne"]
    assert who(desk, "arrivals?date=2026-12-01") == []
    assert who(desk, "in-house?date=2026-12-01") == ["Byrne"]


SEARCHES: tuple[tuple[str, list[str]], ...] = (
    ("Byrne", ["Byrne"]),
    ("yrn", ["Byrne"]),  # part of a name
    ("EGAN", ["Egan"]),
    ("101", ["Byrne", "Foley"]),  # a room: who is in it, and who comes
    ("Nobody", []),
)


@pytest.mark.parametrize(("wanted", "names"), SEARCHES)
def test_the_desk_finds_guests_by_name_and_room(
    desk: Desk, busy: Hotel, wanted: str, names: list[str]
) -> None:
    assert who(desk, f"search?q={wanted}") == names


def test_a_booking_is_found_by_its_id_even_when_it_is_over(desk: Desk, hotel: Hotel) -> None:
    booking = hotel.check_in(hotel.book_for("Byrne", "2026-11-21", "2026-11-22", start=None))
    hotel.check_out(booking)
    (row,) = rows(desk, f"search?q={booking.booking_id}")
    assert (row["booking"]["status"], row["payment_due"]["amount"]) == ("completed", "120.00")


def test_nobody_finds_a_booking_of_another_site(desk: Desk, world: World) -> None:
    elsewhere = world.book()
    assert rows(desk, f"search?q={elsewhere.booking_id}") == []


def test_a_search_for_nothing_is_refused(desk: Desk) -> None:
    assert set(desk.get(f"{DESK}/search?q=").fields) == {"q"}
    assert set(desk.get(f"{DESK}/search?q=%20%20").fields) == {"q"}
    assert set(desk.get(f"{DESK}/search").fields) == {"q"}


def test_a_list_costs_two_calls_however_many_guests_there_have_been(
    desk: Desk, busy: Hotel, meter: Meter
) -> None:
    desk.get(f"{DESK}/in-house")
    for _ in range(3):
        booking = busy.book_for("Gray", "2026-12-25", None, number="104", start=None, nights=1)
        busy.check_out(busy.check_in(booking, override="cleaned between guests"))
    meter.reset()
    desk.get(f"{DESK}/in-house")
    asked = meter.snapshot().requests
    assert (asked["Query"], asked["BatchGetItem"]) == (1, 1)


def test_who_polls_a_list_is_told_that_nothing_has_happened(desk: Desk, busy: Hotel) -> None:
    seen = desk.get(f"{DESK}/in-house")
    busy.clock.move(seconds=30)
    again = desk.signed_in().sending(If_None_Match=seen.headers["ETag"]).get(f"{DESK}/in-house")
    assert again.status == 304


def test_a_car_park_has_a_desk_too(client: Client, world: World) -> None:
    booking = world.enter(world.book(owner_name="Asha Rao"))
    desk = client.by(world.staff)
    found = desk.get("/api/staff/hotels/central/search?q=ka01ab1234").body["items"]
    assert [row["booking"]["booking_id"] for row in found] == [booking.booking_id]


# -- rooms by their dates --------------------------------------------------------------------------


def test_a_room_is_booked_by_dates_over_the_wire(client: Client, hotel: Hotel) -> None:
    dates = {"zone_id": "rooms", "start": "2026-12-24", "end": "2026-12-26"}
    made = client.by(hotel.world.user).post("/api/bookings", dates)
    assert made.status == 201
    assert (made.body["start_time"], made.body["end_time"]) == (
        "2026-12-24T15:00:00Z",
        "2026-12-26T11:00:00Z",
    )
    free = client.get("/api/zones/rooms/availability?start=2026-12-25&end=2026-12-26").body
    assert free["available_slots"] == 3


def test_a_car_park_is_not_booked_by_dates(client: Client, world: World) -> None:
    dates = {"zone_id": "zone-a", "start": "2026-12-24", "end": "2026-12-26"}
    refused = client.by(world.user).post("/api/bookings", dates)
    assert (refused.status, set(refused.fields)) == (400, {"start", "end"})


def test_the_hours_of_a_zone_can_be_changed(client: Client, hotel: Hotel) -> None:
    admin = client.by(hotel.world.admin)
    hours = {"check_in_hour": "14:00", "check_out_hour": "10:30"}
    answer = admin.patch("/api/admin/zones/rooms", {"policy": hours})
    assert {name: answer.body["policy"][name] for name in hours} == hours
    late = admin.patch("/api/admin/zones/rooms", {"policy": {"check_out_hour": "14:30"}})
    assert set(late.fields) == {"policy.check_out_hour"}
    odd = admin.patch("/api/admin/zones/rooms", {"policy": {"check_in_hour": "25:00"}})
    assert set(odd.fields) == {"policy.check_in_hour"}


def test_the_guest_sees_the_room_that_staff_have_assigned(client: Client, hotel: Hotel) -> None:
    booking = hotel.book_nights("2026-12-24", "2026-12-26", number="101")
    assign_room.assign(hotel.deps, hotel.staff, booking.booking_id, "102")
    seen = client.by(hotel.world.user).get(f"/api/bookings/{booking.booking_id}").body
    assert (seen["slot_number"], seen["timeline"][-1]["event"]) == ("102", "room_assigned")
