from __future__ import annotations

import dataclasses

import pytest

from chalicelib.domain.core import errors
from chalicelib.services.bookings import availability, bookings, lists
from chalicelib.services.bookings.lists import Filters
from tests.builders import METERED, a_blackout
from tests.clock import NOON
from tests.world import World


def test_a_stay_is_current_however_many_bookings_came_after_it(world: World) -> None:
    inside = world.enter(world.book())
    for _ in range(101):
        bookings.cancel(world.deps, world.user, world.book().booking_id)
    assert [b.booking_id for b in lists.current(world.deps, world.user)] == [inside.booking_id]


def test_staff_of_one_site_get_its_bookings_without_naming_it(world: World) -> None:
    booking = world.book()
    found = lists.listed(world.deps, world.staff, None, Filters(), limit=20, after=None)
    assert [b.booking_id for b in found.records] == [booking.booking_id]


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
