"""The currency of a site changes at the moment a zone is made there: every zone has its prices in the
currency of its site."""

from __future__ import annotations

from functools import partial

import pytest

from chalicelib.domain.core import errors
from chalicelib.domain.core.change import saving
from chalicelib.domain.sites.site import Zone
from chalicelib.services.core.deps import Deps
from chalicelib.services.sites import catalogue, closing
from chalicelib.store.catalogue_item import MadeZonesItem
from tests.clock import Clock
from tests.races.crowd import rush
from tests.races.test_closing import meeting
from tests.world import World

pytestmark = pytest.mark.engine2


@pytest.fixture(autouse=True)
def north(world: World) -> None:
    """A site in rupees that has no zones yet."""
    world.add_site("north")


def change_currency(deps: Deps, world: World, to: str = "EUR") -> str:
    edited = catalogue.edit_site(deps, world.admin, "north", {"currency": to}, source_ip="-")
    return edited.record.currency


def make_zone(deps: Deps, world: World, zone_id: str = "lot") -> Zone:
    return catalogue.create_zone(
        deps, world.admin, zone_id, site="north", name="Lot", kind="parking",
        policy={}, tariff={"rate": "50.00"}, active=True, source_ip="-",
    )  # fmt: skip


def currencies(world: World) -> tuple[str, list[str]]:
    """That of the site, and those of its zones."""
    deps = world.deps
    zones = deps.catalogue.fresh_zones_of("north", deps.catalogue.made_zones("north"))
    return deps.catalogue.fresh_site("north").currency, [each.tariff.currency for each in zones]


def test_a_zone_that_was_decided_in_the_former_currency_is_priced_in_the_new_one(
    world: World,
) -> None:
    late = meeting(world.deps, partial(change_currency, world.deps, world))
    assert make_zone(late, world).tariff.currency == "EUR"
    assert currencies(world) == ("EUR", ["EUR"])


def test_a_currency_stays_where_a_zone_is_made_after_the_look(world: World) -> None:
    late = meeting(world.deps, partial(make_zone, world.deps, world))
    with pytest.raises(errors.InUse):
        change_currency(late, world)
    assert currencies(world) == ("INR", ["INR"])


def test_a_currency_stays_where_one_more_zone_is_made_after_the_look(world: World) -> None:
    make_zone(world.deps, world, "first")
    closing.close_zone(world.deps, world.admin, "first", source_ip="-")
    late = meeting(world.deps, partial(make_zone, world.deps, world))
    with pytest.raises(errors.InUse):
        change_currency(late, world)


def test_a_site_whose_zones_are_all_closed_may_change_its_currency(world: World) -> None:
    make_zone(world.deps, world)
    closing.close_zone(world.deps, world.admin, "lot", source_ip="-")
    assert change_currency(world.deps, world) == "EUR"


def test_a_zone_from_before_zones_were_counted_keeps_the_currency(world: World) -> None:
    make_zone(world.deps, world)
    MadeZonesItem("made_zones", "north").delete()
    with pytest.raises(errors.InUse):
        change_currency(world.deps, world)


def test_a_zone_that_may_open_again_keeps_the_currency(world: World, clock: Clock) -> None:
    zone = make_zone(world.deps, world)
    closing = zone.evolve(active=False, closed_at=clock.now(), reopens_as=True)
    world.deps.commit(saving(closing))
    with pytest.raises(errors.InUse):
        change_currency(world.deps, world)


@pytest.mark.parametrize("round", range(4))
def test_no_zone_has_prices_in_another_currency_than_its_site(world: World, round: int) -> None:
    rush([
        *[partial(make_zone, world.deps, world, f"lot-{n}") for n in range(3)],
        *[partial(change_currency, world.deps, world, to) for to in ("EUR", "USD")],
    ])  # fmt: skip
    site, zones = currencies(world)
    assert set(zones) <= {site}
