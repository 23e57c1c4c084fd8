from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from chalicelib.domain.core import errors
from chalicelib.services.bookings import availability, bookings, lists
from chalicelib.services.bookings.lists import Filters
from tests import builders
from tests.builders import METERED, a_blackout
from tests.client import Client
from tests.clock import NOON, Clock
from tests.world import World

HOUR = timedelta(hours=1)


def test_a_stay_is_current_however_many_bookings_came_after_it(world: World) -> None:
    inside = world.enter(world.book())
    for _ in range(101):
        bookings.cancel(world.deps, world.user, world.book().booking_id)
    assert [b.booking_id for b in lists.current(world.deps, world.user)] == [inside.booking_id]


def test_staff_of_one_site_get_its_bookings_without_naming_it(world: World) -> None:
    booking = world.book()
    found = lists.listed(world.deps, world.staff, None, Filters(), limit=20, after=None)
    assert [b.booking_id for b in found.records] == [booking.booking_id]


@pytest.mark.parametrize("by_time", [True, False])
def test_a_list_has_only_stays_that_time_has_ended_or_only_others(
    world: World, clock: Clock, by_time: bool
) -> None:
    world.add_zone("zone-b", builders.TIMED, spaces=2)
    forgotten, other = world.enter(world.book(zone="zone-b")), world.book(start=NOON + 5 * HOUR)
    clock.move(hours=2)
    wanted = Filters(auto_checkout=by_time)
    found = lists.at_site(world.deps, world.staff, "central", wanted, limit=20, after=None)
    expected = forgotten if by_time else other
    assert [b.booking_id for b in found.records] == [expected.booking_id]


def test_the_filter_for_stays_that_time_has_ended_is_a_parameter(
    world: World, clock: Clock
) -> None:
    world.add_zone("zone-b", builders.TIMED, spaces=2)
    forgotten = world.enter(world.book(zone="zone-b"))
    world.book(start=NOON + 5 * HOUR)
    clock.move(hours=2)
    answer = Client(world).by(world.staff).get("/api/bookings?site=central&auto_checkout=true")
    assert [b["booking_id"] for b in answer.body["items"]] == [forgotten.booking_id]


@pytest.mark.parametrize("who", ["staff", "owner", "admin"])
def test_whoever_names_a_zone_gets_its_bookings_without_naming_its_site(
    world: World, who: str
) -> None:
    booking = world.book()
    world.book_hall()
    client = Client(world).by(getattr(world, who))
    found = client.get("/api/bookings?zone_id=zone-a").body["items"]
    assert [b["booking_id"] for b in found] == [booking.booking_id]
    assert client.get("/api/bookings?zone_id=nowhere").code == "ZONE_NOT_FOUND"


@pytest.mark.parametrize("path", ["/api/bookings", "/api/admin/blackouts"])
def test_a_zone_of_another_site_than_the_one_named_is_refused_by_name(
    world: World, path: str
) -> None:
    world.add_site("annex")
    world.add_zone("zone-x", builders.METERED, site="annex")
    client = Client(world).by(world.owner)
    refused = client.get(f"{path}?site=central&zone_id=zone-x")
    assert (refused.status, refused.fields) == (400, {"zone_id": "is no zone of this site"})
    assert client.get(f"{path}?site=central&zone_id=zone-a").status == 200
    assert client.get(f"{path}?site=annex&zone_id=zone-x").status == 403


def test_an_admin_who_names_neither_gets_the_own_bookings(world: World) -> None:
    world.book()
    own = world.book(world.admin)
    found = Client(world).by(world.admin).get("/api/bookings").body["items"]
    assert [b["booking_id"] for b in found] == [own.booking_id]


def test_whoever_works_at_several_sites_names_one(world: World) -> None:
    world.add_site("hall")
    both = dataclasses.replace(world.owner, sites=frozenset({"central", "hall"}))
    with pytest.raises(errors.Invalid) as refused:
        lists.listed(world.deps, both, None, Filters(), limit=20, after=None)
    assert list(refused.value.fields) == ["site"]
    world.book()
    by_zone = Filters(zone_id="zone-a")
    found = lists.listed(world.deps, both, None, by_zone, limit=20, after=None)
    assert len(found.records) == 1


def test_nothing_is_free_while_a_zone_is_blacked_out(world: World) -> None:
    assert len(availability.now_in(world.deps, world.zone_a).free) == 3
    closed = dataclasses.replace(METERED, blackouts=(a_blackout(NOON, 10),))
    zone = world.change_zone(world.zone_a, policy=closed)
    assert availability.now_in(world.deps, zone).free == ()
