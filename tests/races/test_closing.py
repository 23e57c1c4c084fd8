"""Places are closed for good while guests book, wait and owners add to them: either the place stays
open with what came, or it is closed and nothing came."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.core.change import Change, saving
from chalicelib.services.bookings import bookings
from chalicelib.services.core.deps import Deps
from chalicelib.services.operations import shifts
from chalicelib.services.sites import catalogue, closing, spaces
from chalicelib.services.unit_of_work import UnitOfWork
from chalicelib.services.waitlist import entries
from chalicelib.services.waitlist.favours import WaitlistRequest
from tests import builders
from tests.clock import Clock
from tests.hall import HOUR, START, Hall
from tests.model import invariants
from tests.races.crowd import rush
from tests.world import World

pytestmark = pytest.mark.engine2

Act = Callable[[], Any]


def meeting(deps: Deps, meanwhile: Act) -> Deps:
    """`deps` whose first commit happens after `meanwhile`: everything was read before it."""
    assert isinstance(deps.commit, UnitOfWork)
    inner, waiting = deps.commit.deps, [meanwhile]

    def commit(change: Change) -> None:
        while waiting:
            waiting.pop()()
        inner.commit(change)

    return dataclasses.replace(
        deps, commit=UnitOfWork(dataclasses.replace(inner, commit=commit)), sleep=lambda _: None
    )


def close_space(deps: Deps, world: World, space_id: str) -> None:
    closing.close_space(deps, world.owner, space_id, source_ip="-")


def close_zone(deps: Deps, world: World, zone_id: str) -> None:
    closing.close_zone(deps, world.owner, zone_id, source_ip="-")


def is_closed(world: World, space_id: str) -> bool:
    zone_id, number = space_id.split(".")
    return world.deps.catalogue.fresh_space(zone_id, number).closed_at is not None


@pytest.mark.parametrize("round", range(4))
def test_a_space_is_closed_or_booked_and_never_both(world: World, clock: Clock, round: int) -> None:
    world.add_zone("hut", builders.METERED, spaces=1)
    outcome = rush([
        partial(close_space, world.deps, world, "hut.A-001"),
        *[partial(world.book, zone="hut", number="A-001", start=START + n * HOUR, minutes=60)
          for n in range(4)],
    ])  # fmt: skip
    booked = [answer for answer in outcome.answers if isinstance(answer, Booking)]
    assert is_closed(world, "hut.A-001") == (booked == [])
    invariants.check(clock.now())


def test_a_booking_that_was_decided_before_the_closing_is_refused_after_it(
    world: World, clock: Clock
) -> None:
    late = meeting(world.deps, partial(close_space, world.deps, world, "zone-a.A-001"))
    with pytest.raises(errors.SpaceNotFound):
        World.book(_in(world, late), number="A-001", start=START, minutes=60)
    assert is_closed(world, "zone-a.A-001")
    invariants.check(clock.now())


def test_a_booking_that_comes_after_the_first_look_keeps_the_space_open(
    world: World, clock: Clock
) -> None:
    book = partial(world.book, number="A-001", start=START, minutes=60)
    with pytest.raises(errors.InUse):
        close_space(meeting(world.deps, book), world, "zone-a.A-001")
    space = world.deps.catalogue.fresh_space("zone-a", "A-001")
    assert (space.closed_at, space.active) == (None, True)
    assert world.book(number="A-001", start=START + HOUR, minutes=60).number == "A-001"


def test_a_wish_that_was_decided_before_the_zone_was_closed_is_refused(
    world: World, clock: Clock
) -> None:
    Hall(world, clock, spaces=0)
    wish = WaitlistRequest("halls", None, START, START + HOUR)
    late = meeting(world.deps, partial(close_zone, world.deps, world, "halls"))
    with pytest.raises(errors.ZoneClosed):
        entries.join(late, world.other, wish)
    assert world.deps.waitlist.waiting("halls", since=clock.now(), limit=5) == ()


def test_a_wish_that_comes_after_the_first_look_keeps_the_zone_open(
    world: World, clock: Clock
) -> None:
    Hall(world, clock, spaces=0)
    wish = WaitlistRequest("halls", None, START, START + HOUR)
    join = partial(entries.join, world.deps, world.other, wish)
    with pytest.raises(errors.InUse):
        close_zone(meeting(world.deps, join), world, "halls")
    assert world.deps.catalogue.fresh_zone("halls").closed_at is None


@pytest.mark.parametrize("active", [True, False])
def test_a_closing_that_died_halfway_is_completed_by_the_next_one_or_leaves_no_trace(
    world: World, clock: Clock, active: bool
) -> None:
    """The record was saved as closed, and a booking that was on its way came through."""
    space = world.deps.catalogue.fresh_space("zone-a", "A-001")
    made = world.book(number="A-001", start=START, minutes=60)
    halfway = space.evolve(active=False, closed_at=clock.now(), reopens_as=active)
    world.deps.commit(saving(halfway))
    with pytest.raises(errors.InUse):
        close_space(world.deps, world, "zone-a.A-001")
    opened = world.deps.catalogue.fresh_space("zone-a", "A-001")
    assert (opened.closed_at, opened.active) == (None, active)
    bookings.cancel(world.deps, world.user, made.booking_id)
    close_space(world.deps, world, "zone-a.A-001")
    close_space(world.deps, world, "zone-a.A-001")
    assert is_closed(world, "zone-a.A-001")


@pytest.mark.parametrize("round", range(4))
def test_a_zone_gets_a_space_or_is_closed_and_never_both(world: World, round: int) -> None:
    world.add_zone("hut", builders.METERED, spaces=0)
    add = partial(
        spaces.create_spaces, world.deps, world.owner, "hut", ["A-001"],
        active=True, note=None, source_ip="-",
    )  # fmt: skip
    rush([partial(close_zone, world.deps, world, "hut"), add])
    made = world.deps.catalogue.fresh_spaces("hut")
    assert (world.deps.catalogue.fresh_zone("hut").closed_at is not None) == (made == ())


@pytest.mark.parametrize("round", range(4))
def test_a_site_gets_a_zone_or_a_shift_or_is_closed(world: World, round: int) -> None:
    world.add_site("north")
    add_zone = partial(
        catalogue.create_zone, world.deps, world.admin, "zone-n", site="north", name="N",
        kind="parking", policy={}, tariff={"rate": "50"}, active=True, source_ip="-",
    )  # fmt: skip
    open_shift = partial(shifts.open_shift, world.deps, world.admin, "north", "0", source_ip="-")
    close = partial(closing.close_site, world.deps, world.admin, "north", source_ip="-")
    outcome = rush([close, add_zone, open_shift])
    came = [answer for answer in outcome.answers if answer is not None]
    closed = world.deps.catalogue.fresh_site("north").closed_at is not None
    assert closed == (came == [])


def _in(world: World, deps: Deps) -> World:
    """The same world, reached through `deps`."""
    seen = object.__new__(World)
    seen.__dict__ = {**vars(world), "deps": deps}
    return seen
