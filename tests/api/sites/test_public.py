from __future__ import annotations

import dataclasses
from datetime import UTC, datetime

import pytest

from chalicelib import VERSION, wiring
from chalicelib.domain.core import errors
from chalicelib.domain.core.change import saving
from chalicelib.domain.pricing.band import Band
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.sites.opening_hours import OpeningHours
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Site
from chalicelib.services.core.deps import Deps
from chalicelib.store.catalogue import Catalogue
from tests.builders import METERED
from tests.client import Client
from tests.clock import Clock
from tests.world import World


def test_health_names_version_time_and_what_was_tried(client: Client) -> None:
    answer = client.get("/api/public/health")
    assert answer.status == 200
    assert answer.body == {
        "status": "ok",
        "version": VERSION,
        "time": "2026-11-21T06:30:00Z",
        "checks": {"dynamodb": "ok"},
    }


def test_health_is_refused_while_dynamodb_does_not_answer(client: Client, deps: Deps) -> None:
    class Silent(Catalogue):
        def fresh_site(self, slug: str) -> Site:
            raise errors.Unavailable(retry_after=1)

    wiring.use(dataclasses.replace(deps, catalogue=Silent(0)))
    answer = client.get("/api/public/health")
    assert (answer.status, answer.code) == (503, "UNAVAILABLE")
    assert answer.headers["Retry-After"] == "1"


def test_anybody_sees_the_zones_with_their_rates_and_what_is_free(
    client: Client, world: World
) -> None:
    world.book()
    (zone,) = client.get("/api/public/zones").body["items"]
    assert zone["zone_id"] == "zone-a"
    assert zone["site_name"] == "Central"
    assert zone["hourly_rate"] == {"amount": "50.00", "currency": "INR"}
    assert zone["booking_fee"] == {"amount": "50.00", "currency": "INR"}
    assert (zone["total_slots"], zone["available_slots"], zone["occupied_slots"]) == (3, 2, 1)


def test_a_customer_sees_the_same_zones(client: Client, world: World) -> None:
    public = client.get("/api/public/zones").body
    assert client.by(world.user).get("/api/user/zones").body == public
    assert client.get("/api/user/zones").status == 401


def test_the_rate_shown_is_that_of_the_band_in_force(
    client: Client, world: World, clock: Clock
) -> None:
    bands = (Band(9 * 60, 18 * 60, 8000),)
    world.change_zone(world.zone_a, tariff=Tariff("hourly", "INR", 3000, bands=bands))
    (noon,) = client.get("/api/public/zones").body["items"]
    clock.move(hours=6)  # 18:00 in Kolkata
    (evening,) = client.get("/api/public/zones").body["items"]
    assert (noon["rate"]["amount"], evening["rate"]["amount"]) == ("80.00", "30.00")


@pytest.mark.parametrize(
    ("tariff", "rate_per", "hourly"),
    [
        (Tariff("hourly", "INR", 5000), "hour", "50.00"),
        (Tariff("hourly", "INR", 2000, unit_minutes=30), "hour", "40.00"),
        (Tariff("nightly", "INR", 200_000), "night", None),
        (Tariff("flat", "INR", 90_000), "stay", None),
    ],
)
def test_only_what_is_priced_by_time_has_an_hourly_rate(
    client: Client, world: World, tariff: Tariff, rate_per: str, hourly: str | None
) -> None:
    world.change_zone(world.zone_a, tariff=tariff)
    (zone,) = client.get("/api/public/zones").body["items"]
    assert zone["rate_per"] == rate_per
    assert (zone["hourly_rate"] and zone["hourly_rate"]["amount"]) == hourly


def test_zones_and_sites_that_take_no_bookings_are_not_listed(client: Client, world: World) -> None:
    world.add_zone("zone-x", METERED, active=False)
    world.add_site("closed", active=False)
    world.add_zone("zone-y", METERED, site="closed")
    assert [zone["zone_id"] for zone in client.get("/api/public/zones").body["items"]] == ["zone-a"]
    assert [site["slug"] for site in client.get("/api/public/sites").body["items"]] == ["central"]
    assert client.get("/api/public/sites/closed").code == "SITE_NOT_FOUND"
    assert client.get("/api/public/zones?site=closed").code == "SITE_NOT_FOUND"


def test_a_site_shows_hours_contact_and_its_zones(client: Client, world: World) -> None:
    hours = OpeningHours.from_json({"sat": ["06:00-11:00"]})
    site = world.site.evolve(opening_hours=hours, contact="+91 80 5550 0100", latitude="12.97")
    world.deps.commit(saving(site))
    answer = client.get("/api/public/sites/central").body
    assert answer["opening_hours"] == {"sat": ["06:00-11:00"]}
    assert answer["open_now"] is False
    assert (answer["contact"], answer["latitude"]) == ("+91 80 5550 0100", 12.97)
    assert [zone["zone_id"] for zone in answer["zones"]] == ["zone-a"]


def test_a_list_goes_on_behind_its_cursor_and_no_other(client: Client, world: World) -> None:
    for name in ("zone-b", "zone-c"):
        world.add_zone(name, METERED, spaces=1)
    first = client.get("/api/public/zones?limit=2").body
    second = client.get(f"/api/public/zones?limit=2&cursor={first['next_cursor']}").body
    listed = [zone["zone_id"] for zone in first["items"] + second["items"]]
    assert listed == ["zone-a", "zone-b", "zone-c"]
    assert second["next_cursor"] is None
    elsewhere = client.get(f"/api/public/sites?cursor={first['next_cursor']}")
    assert elsewhere.fields == {"cursor": "belongs to another list, or to other filters"}
    assert client.get("/api/public/sites?cursor=forged").code == "VALIDATION_FAILED"


def test_a_space_is_free_again_the_second_its_stay_is_over(
    client: Client, world: World, clock: Clock
) -> None:
    world.change_zone(world.zone_a, policy=Policy(auto_checkout_after=60))
    world.enter(world.book())
    clock.move(minutes=59, seconds=59)
    assert client.get("/api/public/zones").body["items"][0]["available_slots"] == 2
    clock.move(seconds=1)
    assert client.get("/api/public/zones").body["items"][0]["available_slots"] == 3


def test_a_metered_stay_that_outlasts_its_end_keeps_its_space(
    client: Client, world: World, clock: Clock
) -> None:
    world.enter(world.book())
    clock.move(hours=5)
    assert client.get("/api/public/zones").body["items"][0]["available_slots"] == 2


def test_availability_of_an_interval_names_the_spaces_that_can_be_had(
    client: Client, world: World
) -> None:
    taken = world.book(minutes=60)
    during = client.get(
        "/api/zones/zone-a/availability?start=2026-11-21T07:00:00Z&end=2026-11-21T08:00:00Z"
    )
    after = client.get(
        "/api/zones/zone-a/availability?start=2026-11-21T07:30:00Z&end=2026-11-21T08:30:00Z"
    )
    assert during.body["available_slots"] == 2
    assert taken.number not in [space["slot_number"] for space in during.body["free_spaces"]]
    assert after.body["available_slots"] == 3
    assert after.body["start_time"] == "2026-11-21T07:30:00Z"


def test_availability_without_an_interval_is_about_now(client: Client) -> None:
    answer = client.get("/api/zones/zone-a/availability").body
    assert (answer["start_time"], answer["end_time"]) == (
        "2026-11-21T06:30:00Z",
        "2026-11-21T07:30:00Z",
    )
    assert answer["free_spaces"][0] == {"space_id": "zone-a.A-001", "slot_number": "A-001"}


def test_availability_of_a_day_lists_the_free_times_of_every_space(
    client: Client, world: World
) -> None:
    start, end = datetime(2026, 11, 22, 4, tzinfo=UTC), datetime(2026, 11, 22, 6, tzinfo=UTC)
    taken = world.book(start=start, end=end)
    answer = client.get("/api/zones/zone-a/availability?date=2026-11-22").body
    assert answer["timezone"] == "Asia/Kolkata"
    assert (answer["start_time"], answer["end_time"]) == (
        "2026-11-21T18:30:00Z",
        "2026-11-22T18:30:00Z",
    )
    by_number = {space["slot_number"]: space["free"] for space in answer["spaces"]}
    assert by_number.pop(taken.number) == [
        {"start": "2026-11-21T18:30:00Z", "end": "2026-11-22T04:00:00Z"},
        {"start": "2026-11-22T06:00:00Z", "end": "2026-11-22T18:30:00Z"},
    ]
    assert (
        list(by_number.values())
        == [[{"start": "2026-11-21T18:30:00Z", "end": "2026-11-22T18:30:00Z"}]] * 2
    )


def test_availability_of_today_begins_now_and_of_yesterday_is_nothing(client: Client) -> None:
    today = client.get("/api/zones/zone-a/availability?date=2026-11-21").body
    yesterday = client.get("/api/zones/zone-a/availability?date=2026-11-20").body
    assert today["spaces"][0]["free"] == [
        {"start": "2026-11-21T06:30:00Z", "end": "2026-11-21T18:30:00Z"}
    ]
    assert [space["free"] for space in yesterday["spaces"]] == [[], [], []]


@pytest.mark.parametrize(
    ("date", "start", "end", "hours"),
    [
        ("2027-03-28", "2027-03-28T00:00:00Z", "2027-03-28T23:00:00Z", 23),  # clocks go forward
        ("2027-10-31", "2027-10-30T23:00:00Z", "2027-11-01T00:00:00Z", 25),  # clocks go back
        ("2027-07-01", "2027-06-30T23:00:00Z", "2027-07-01T23:00:00Z", 24),
    ],
)
def test_a_local_day_is_as_long_as_the_clocks_there_make_it(
    client: Client, world: World, date: str, start: str, end: str, hours: int
) -> None:
    world.add_site("dublin", timezone="Europe/Dublin", currency="EUR")
    world.add_zone("rooms", METERED, site="dublin", spaces=1, tariff=Tariff("nightly", "EUR", 9000))
    answer = client.get(f"/api/zones/rooms/availability?date={date}").body
    assert answer["spaces"][0]["free"] == [{"start": start, "end": end}]
    length = datetime.fromisoformat(end) - datetime.fromisoformat(start)
    assert length.total_seconds() == hours * 3600


def test_a_day_is_free_only_while_the_zone_is_open(client: Client, world: World) -> None:
    hours = OpeningHours.from_json({"sun": ["09:00-12:00", "14:00-18:00"]})
    world.change_zone(world.zone_a, policy=Policy(opening_hours=hours))
    answer = client.get("/api/zones/zone-a/availability?date=2026-11-22").body
    assert answer["spaces"][0]["free"] == [
        {"start": "2026-11-22T03:30:00Z", "end": "2026-11-22T06:30:00Z"},
        {"start": "2026-11-22T08:30:00Z", "end": "2026-11-22T12:30:00Z"},
    ]


@pytest.mark.parametrize(
    ("query", "fields"),
    [
        ("start=2026-11-21T06:00:00Z", {"start"}),  # half an hour ago
        ("start=2026-11-22T06:00:00Z&end=2026-11-22T05:00:00Z", {"end"}),
        ("start=2026-11-22T06:00:00Z&end=2028-11-22T05:00:00Z", {"end"}),
        ("start=2026-11-21T11:30", {"start"}),  # the site's clocks: half an hour ago
        ("start=22.11.2026", {"start"}),
        ("date=2026-02-30", {"date"}),
        ("date=22.11.2026", {"date"}),
        ("date=2026-11-22&start=2026-11-22T06:00:00Z", {"date"}),
        ("day=2026-11-22", {"day"}),
    ],
)
def test_a_question_that_makes_no_sense_names_the_field(
    client: Client, query: str, fields: set[str]
) -> None:
    answer = client.get(f"/api/zones/zone-a/availability?{query}")
    assert answer.status == 400
    assert set(answer.fields) == fields


def test_an_unknown_zone_has_no_availability(client: Client) -> None:
    assert client.get("/api/zones/nowhere/availability").code == "ZONE_NOT_FOUND"
