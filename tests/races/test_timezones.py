"""The timezone of a site changes at the moment of a booking: no booking was ever decided by the
former one. Instances keep what they have read of a site, so one of them may be late to learn."""

from __future__ import annotations

import dataclasses
from functools import partial

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.core import errors
from chalicelib.services.bookings import bookings
from chalicelib.services.core.deps import Deps
from chalicelib.services.sites import catalogue
from chalicelib.store.catalogue import Catalogue
from tests.clock import Clock
from tests.hall import START
from tests.races.crowd import rush
from tests.world import World

pytestmark = pytest.mark.engine2

SEVEN_IN_THE_EVENING = START.replace(hour=19, tzinfo=None)


def edit(world: World, **changes: object) -> str:
    edited = catalogue.edit_site(world.deps, world.owner, "central", changes, source_ip="-")
    return edited.record.timezone


def another_instance(world: World) -> Deps:
    """An instance that has read the site before."""
    deps = dataclasses.replace(world.deps, catalogue=Catalogue(3600))
    deps.catalogue.site("central")
    deps.catalogue.zone("zone-a")
    return deps


def book(deps: Deps, world: World) -> Booking:
    order = Order("zone-a", start=SEVEN_IN_THE_EVENING, minutes=60)
    return bookings.book(deps, world.user, order)


def test_the_timezone_stays_while_another_instance_may_take_a_booking_by_it(
    world: World, clock: Clock
) -> None:
    elsewhere = another_instance(world)
    with pytest.raises(errors.InUse):
        edit(world, timezone="Europe/Dublin")
    edit(world, active=False)
    with pytest.raises(errors.InUse):
        edit(world, timezone="Europe/Dublin")
    booked = book(elsewhere, world)
    clock.move(seconds=3630)
    with pytest.raises(errors.InUse) as refused:
        edit(world, timezone="Europe/Dublin")
    assert refused.value.facts["open"]["bookings"]["ids"] == [booked.booking_id]
    bookings.cancel(world.deps, world.user, booked.booking_id)
    assert edit(world, timezone="Europe/Dublin") == "Europe/Dublin"


def test_an_edit_that_meets_the_site_opening_again_is_decided_anew(
    world: World, clock: Clock
) -> None:
    edit(world, active=False)
    clock.move(seconds=3630)
    outcome = rush([
        partial(edit, world, timezone="Europe/Dublin"), partial(edit, world, active=True)
    ])  # fmt: skip
    site = world.deps.catalogue.fresh_site("central")
    assert site.active
    assert (site.timezone == "Europe/Dublin") == (outcome.codes == {})


@pytest.mark.parametrize("round", range(3))
def test_no_booking_stands_at_another_hour_than_it_was_asked_for(
    world: World, clock: Clock, round: int
) -> None:
    rush([
        *[partial(book, another_instance(world), world) for _ in range(3)],
        partial(edit, world, active=False),
        partial(edit, world, timezone="Europe/Dublin"),
    ])  # fmt: skip
    site = world.deps.catalogue.fresh_site("central")
    made = world.deps.bookings.of_owner(world.user.account_id, limit=10).records
    hours = {each.booked.start.astimezone(site.tz).hour for each in made}
    assert hours <= {19}
