from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest

from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.change import saving
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Site, Space
from chalicelib.services.bookings import availability
from chalicelib.services.core import current_site, health
from chalicelib.services.core.deps import Deps
from chalicelib.services.operations import audit_trail
from chalicelib.services.sites import catalogue, closing, spaces
from local.metering import Meter
from tests import builders
from tests.clock import NOON, Clock
from tests.world import World

HERE = "203.0.113.7"


def test_a_site_in_an_unknown_timezone_or_currency_names_both(world: World, deps: Deps) -> None:
    site = builders.a_site(slug="north", timezone="Mars/Olympus", currency="ZZZ")
    with pytest.raises(errors.Invalid) as refused:
        catalogue.create_site(deps, world.admin, site, source_ip=HERE)
    assert set(refused.value.fields) == {"timezone", "currency"}


@pytest.mark.parametrize("who", ["user", "staff", "owner"])
def test_only_an_admin_opens_and_closes_sites(world: World, deps: Deps, who: str) -> None:
    actor = getattr(world, who)
    with pytest.raises(errors.Forbidden):
        catalogue.create_site(deps, actor, builders.a_site(slug="north"), source_ip=HERE)
    with pytest.raises(errors.Forbidden):
        closing.close_site(deps, actor, "central", source_ip=HERE)


@pytest.mark.engine2
def test_an_edit_and_its_audit_event_are_one_transaction(
    world: World, deps: Deps, meter: Meter
) -> None:
    deps.catalogue.site(deps.catalogue.zone("zone-a").site)  # kept from now on
    meter.reset()
    catalogue.edit_zone(deps, world.owner, "zone-a", {"name": "A"}, source_ip=HERE)
    assert meter.snapshot().requests == {"GetItem": 1, "TransactWriteItems": 1}
    (event,) = deps.audit.list_day("central", NOON.date(), 5).events
    assert (event.actor, event.action, event.subject) == (
        world.owner.account_id,
        "edit_zone",
        "zone-a",
    )
    assert (event.source_ip, event.detail) == (HERE, "name")


@pytest.mark.engine2
def test_edits_at_the_same_time_all_count(world: World, deps: Deps) -> None:
    """Each is decided anew from what the one before left."""
    parts = [
        {"early_check_in": 30},
        {"min_notice": 5},
        {"free_cancel_window": 9},
        {"no_show_after": 20},
    ]

    def edit(changes: dict[str, int]) -> None:
        catalogue.edit_zone(deps, world.owner, "zone-a", {"policy": changes}, source_ip=HERE)

    with ThreadPoolExecutor(len(parts)) as pool:
        list(pool.map(edit, parts))
    zone = deps.catalogue.fresh_zone("zone-a")
    assert zone.version == 1 + len(parts)
    for changes in parts:
        for name, value in changes.items():
            assert getattr(zone.policy, name) == value


@pytest.mark.engine2
def test_of_many_who_open_the_same_zone_one_succeeds(world: World, deps: Deps) -> None:
    def open_zone(number: int) -> bool:
        try:
            catalogue.create_zone(
                deps, world.owner, "zone-n", site="central", name=str(number), kind="parking",
                policy={}, tariff={"rate": "50.00"}, active=True, source_ip=HERE,
            )  # fmt: skip
        except errors.AlreadyExists:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(open_zone, range(8))) == 1


def test_an_edit_is_seen_at_once_by_who_made_it(world: World, deps: Deps) -> None:
    assert deps.catalogue.zone("zone-a").name == "Zone A"
    catalogue.edit_zone(deps, world.owner, "zone-a", {"name": "North"}, source_ip=HERE)
    assert deps.catalogue.zone("zone-a").name == "North"
    assert [zone.name for zone in deps.catalogue.zones_of("central")] == ["North"]


def test_a_site_whose_currency_changes_keeps_working_without_zones(
    world: World, deps: Deps
) -> None:
    world.add_site("north")
    edited = catalogue.edit_site(deps, world.admin, "north", {"currency": "EUR"}, source_ip=HERE)
    assert edited.record.currency == "EUR"
    with pytest.raises(errors.InUse):
        catalogue.edit_site(deps, world.admin, "central", {"currency": "EUR"}, source_ip=HERE)
    with pytest.raises(errors.Invalid):
        catalogue.edit_site(deps, world.admin, "north", {"timezone": "Nowhere"}, source_ip=HERE)


@pytest.mark.engine2
def test_ninety_spaces_are_one_transaction(world: World, deps: Deps, meter: Meter) -> None:
    numbers = [f"B-{n:03}" for n in range(spaces.MOST_NEW_SPACES)]
    deps.catalogue.site(deps.catalogue.zone("zone-a").site)  # kept from now on
    meter.reset()
    spaces.create_spaces(
        deps, world.owner, "zone-a", numbers, active=True, note=None, source_ip=HERE
    )
    assert meter.snapshot().requests == {"GetItem": 1, "TransactWriteItems": 1}
    assert len(deps.catalogue.spaces("zone-a")) == 3 + spaces.MOST_NEW_SPACES


# -- availability


@pytest.mark.engine2
def test_what_is_free_in_a_zone_costs_one_query(world: World, deps: Deps, meter: Meter) -> None:
    world.book()
    availability.now_in(deps, world.zone_a)
    meter.reset()
    vacancy = availability.now_in(deps, world.zone_a)
    assert (vacancy.total, len(vacancy.free)) == (3, 2)
    assert meter.snapshot().requests == {"Query": 1}
    availability.of_day(deps, "zone-a", NOON.date())
    assert meter.snapshot().requests == {"Query": 2}


def test_a_no_show_that_nobody_has_settled_is_settled_by_the_question(
    world: World, deps: Deps, clock: Clock
) -> None:
    booking = world.book()
    clock.move(hours=1)
    assert len(availability.now_in(deps, world.zone_a).free) == 3
    assert world.read(booking).status == "expired"


def test_a_booking_later_today_keeps_a_space_from_who_would_stay_into_it(
    world: World, deps: Deps
) -> None:
    world.book(number="A-001", start=NOON + timedelta(minutes=30))
    assert availability.now_in(deps, world.zone_a).free == ("A-002", "A-003")
    soon = availability.of_interval(deps, "zone-a", start=NOON, end=NOON + timedelta(minutes=30))
    assert soon.free == ("A-001", "A-002", "A-003")


def test_a_night_across_two_days_is_seen_from_both(world: World, deps: Deps) -> None:
    start = NOON.replace(hour=22)
    world.book(number="A-001", start=start, minutes=240)
    before = availability.of_interval(deps, "zone-a", start=start, end=start + timedelta(hours=1))
    after = availability.of_interval(
        deps, "zone-a", start=start + timedelta(hours=3), end=start + timedelta(hours=5)
    )
    assert "A-001" not in before.free
    assert "A-001" not in after.free


def test_blackouts_are_not_free(world: World, deps: Deps) -> None:
    closed = builders.a_blackout(NOON + timedelta(hours=2), 60)
    world.change_zone(world.zone_a, policy=Policy(blackouts=(closed,)))
    day = availability.of_day(deps, "zone-a", NOON.date())
    assert [(gap.start, gap.end) for gap in day.free["A-001"]] == [
        (NOON, closed.start),
        (closed.end, day.day.end),
    ]


def test_a_zone_of_a_closed_site_is_not_listed_and_has_nothing_free(
    world: World, deps: Deps
) -> None:
    deps.commit(saving(deps.catalogue.fresh_site("central").evolve(active=False)))
    assert availability.of_zones(deps, None, limit=10, after=None).records == ()
    assert availability.now_in(deps, world.zone_a).free == ()
    with pytest.raises(errors.SiteNotFound):
        availability.of_site(deps, "central")


def test_inactive_spaces_do_not_count(world: World, deps: Deps) -> None:
    deps.commit(saving(Space("zone-a", "Z-1", active=False)))
    assert availability.now_in(deps, world.zone_a).total == 3


def test_zones_of_one_site_are_listed_page_by_page(world: World, deps: Deps) -> None:
    for name in ("zone-b", "zone-c"):
        world.add_zone(name, builders.METERED, spaces=1)
    first = availability.of_zones(deps, "central", limit=2, after=None)
    rest = availability.of_zones(deps, "central", limit=2, after=first.after)
    ids = [vacancy.zone.zone_id for vacancy in (*first.records, *rest.records)]
    assert ids == ["zone-a", "zone-b", "zone-c"]
    assert rest.after is None


# -- health and the trail


def test_health_costs_one_read(deps: Deps, meter: Meter) -> None:
    meter.reset()
    assert health.check(deps) == {"dynamodb": "ok"}
    assert meter.snapshot().requests == {"GetItem": 1}


def test_the_trail_of_too_many_sites_asks_for_one(world: World, deps: Deps) -> None:
    sites: list[Site] = [builders.a_site(slug=f"s-{n:03}") for n in range(current_site.MOST_SITES)]
    deps.commit(saving(*sites))
    with pytest.raises(errors.Invalid) as refused:
        audit_trail.list_day(deps, world.admin, None, NOON.date(), limit=5, after=None)
    assert set(refused.value.fields) == {"site"}
    assert (
        audit_trail.list_day(deps, world.admin, "s-001", NOON.date(), limit=5, after=None).records
        == ()
    )


def test_staff_do_not_read_the_trail(world: World, deps: Deps) -> None:
    with pytest.raises(errors.Forbidden):
        audit_trail.list_day(deps, world.staff, "central", NOON.date(), limit=5, after=None)


def test_an_owner_of_nothing_any_more_sees_nothing(world: World, deps: Deps) -> None:
    nobody = world.add_account("past", Role.OWNER, "gone")
    assert catalogue.list_sites(deps, nobody, limit=5, after=None).records == ()
    assert catalogue.list_zones(deps, nobody, None, limit=5, after=None).records == ()
    assert audit_trail.list_day(deps, nobody, None, NOON.date(), limit=5, after=None).records == ()
