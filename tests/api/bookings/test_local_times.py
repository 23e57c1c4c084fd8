"""Starts and ends without an offset are local times of the site."""

from __future__ import annotations

import pytest

from chalicelib.domain.sites.policy import Policy
from tests.client import Client
from tests.world import World

GAP = "does not exist on 28 March 2027 in Europe/Dublin: clocks go from 01:00 to 02:00"


@pytest.fixture
def user(client: Client, world: World) -> Client:
    """Wants the hotel in Dublin, up to two years ahead."""
    world.add_site("dublin", timezone="Europe/Dublin", currency="EUR")
    world.add_zone("rooms", Policy(advance_window=730), site="dublin")
    return client.by(world.user)


@pytest.mark.parametrize(
    ("start", "instant"),
    [
        ("2027-07-01T10:00", "2027-07-01T09:00:00Z"),  # summer there
        ("2027-01-15T10:00:00", "2027-01-15T10:00:00Z"),  # winter
        ("2027-10-31T01:30", "2027-10-31T00:30:00Z"),  # comes twice: the first
        ("2027-07-01T10:00Z", "2027-07-01T10:00:00Z"),  # an offset counts
    ],
)
def test_a_booking_begins_when_the_clocks_of_its_site_say_so(
    user: Client, start: str, instant: str
) -> None:
    body = user.post("/api/bookings", {"zone_id": "rooms", "start": start, "minutes": 60}).body
    assert body["start_time"] == instant


def test_a_night_keeps_the_wall_clock_of_both_ends(user: Client) -> None:
    night = {"zone_id": "rooms", "start": "2027-03-27T22:00", "end": "2027-03-28T07:00"}
    body = user.post("/api/bookings", night).body
    assert (body["start_time"], body["end_time"]) == (
        "2027-03-27T22:00:00Z",
        "2027-03-28T06:00:00Z",  # eight hours later, not nine
    )


def test_a_time_that_the_clocks_leap_over_is_refused_with_the_gap(user: Client) -> None:
    leap = {"zone_id": "rooms", "start": "2027-03-28T01:30", "end": "2027-03-28T01:45"}
    answer = user.post("/api/bookings", leap)
    assert (answer.status, answer.code) == (400, "VALIDATION_FAILED")
    assert answer.fields == {"start": f"01:30 {GAP}", "end": f"01:45 {GAP}"}


def test_a_booking_is_moved_by_the_clocks_of_its_site(user: Client, world: World) -> None:
    made = user.post("/api/bookings", {"space_id": "rooms.A-001", "start": "2027-07-01T10:00"})
    path = f"/api/bookings/{made.body['booking_id']}"
    moved = user.patch(path, {"start": "2027-07-02T10:00", "end": "2027-07-02T11:00"}).body
    assert (moved["start_time"], moved["end_time"]) == (
        "2027-07-02T09:00:00Z",
        "2027-07-02T10:00:00Z",
    )
    assert user.patch(path, {"end": "2027-03-28T01:30"}).fields == {"end": f"01:30 {GAP}"}


def test_availability_is_told_by_the_clocks_of_the_site(user: Client) -> None:
    asked = "/api/zones/rooms/availability?start=2027-07-01T10:00&end=2027-07-01T12:00"
    body = user.get(asked).body
    assert (body["start_time"], body["end_time"]) == (
        "2027-07-01T09:00:00Z",
        "2027-07-01T11:00:00Z",
    )
    answer = user.get("/api/zones/rooms/availability?start=2027-03-28T01:30")
    assert answer.fields == {"start": f"01:30 {GAP}"}


@pytest.mark.parametrize(
    "start", ["tomorrow", "2027-07-01", "2027-07-01T25:00", "2027-02-30T10:00", 5, {}]
)
def test_what_is_no_time_at_all_names_the_field(user: Client, start: object) -> None:
    body = {"zone_id": "rooms", "start": start, "minutes": 60}
    assert list(user.post("/api/bookings", body).fields) == ["start"]


@pytest.mark.parametrize("start", ["9999-12-31T23:00:00Z", "2200-01-01T10:00", "2101-01-01"])
def test_a_start_in_a_year_that_berth_does_not_know_is_named_with_the_years(
    user: Client, start: str
) -> None:
    answer = user.post("/api/bookings", {"zone_id": "rooms", "start": start, "minutes": 60})
    assert (answer.status, answer.code) == (400, "VALIDATION_FAILED")
    assert answer.fields == {"start": "must lie in the years 2000 to 2100"}


def test_a_start_in_a_year_that_it_knows_is_judged_by_the_zone(user: Client) -> None:
    far = {"zone_id": "rooms", "start": "2100-12-31T23:00:00Z", "minutes": 180}
    answer = user.post("/api/bookings", far)
    assert answer.fields == {"start": "must be at most 730 days ahead"}


@pytest.mark.parametrize("day", ["2100-12-31", "2101-01-01", "9999-12-31"])
def test_a_far_day_is_answered_or_named(user: Client, day: str) -> None:
    answer = user.get(f"/api/zones/rooms/availability?date={day}")
    if day.startswith("2100"):
        assert answer.status in (200, 409)
    else:
        assert answer.fields == {"date": "must lie in the years 2000 to 2100"}
