from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.operations.incident import Incident, IncidentKind
from chalicelib.services.core.deps import Replay
from chalicelib.services.operations import incidents
from chalicelib.services.operations.incidents import NewIncident
from tests import builders
from tests.clock import NOON, Clock
from tests.wording import faults_of
from tests.world import World


def report(world: World, actor: Actor | None = None, **fields: Any) -> Incident:
    new = NewIncident(**{"kind": IncidentKind.DAMAGE, "text": "The barrier is bent."} | fields)
    return incidents.report(world.deps, actor or world.staff, new)


def listed(world: World, actor: Actor | None = None) -> tuple[Incident, ...]:
    return incidents.list_of(world.deps, actor or world.staff, None, limit=20, after=None).records


def test_an_incident_is_read_as_it_was_written(world: World, clock: Clock) -> None:
    booking = world.book()
    first = report(
        world, booking_id=booking.booking_id, space_id=booking.space_id,
        vehicle_number="KA01AB1234", text="Bent.\nBy a van.", occurred_at=NOON - timedelta(hours=1),
    )  # fmt: skip
    clock.move(seconds=5)
    second = report(world, world.owner, kind=IncidentKind.THEFT)
    assert listed(world) == (second, first)
    assert (first.reported_by, first.reported_at) == (world.staff.account_id, NOON)
    assert (second.occurred_at, second.site) == (clock.now(), "central")


def test_what_it_is_about_must_be_of_the_site(world: World) -> None:
    world.add_site("elsewhere")
    world.add_zone("zone-x", builders.METERED, site="elsewhere")
    theirs = world.book(zone="zone-x")
    for booking_id, space_id in (
        (theirs.booking_id, theirs.space_id),
        ("BKZZZZZZZZ1NG1QR00005", "zone-a.Z-9"),
        ("nonsense", "nowhere.A-001"),
    ):
        with pytest.raises(errors.Invalid) as refused:
            report(world, booking_id=booking_id, space_id=space_id)
        assert faults_of(refused.value) == {
            "booking_id": "is no booking of this site",
            "space_id": "is no space of this site",
        }
    assert listed(world) == ()


def test_a_time_without_an_offset_is_told_by_the_clocks_of_the_site(world: World) -> None:
    noon_there = localtime.parse_moment("2026-11-21T12:00")
    assert report(world, occurred_at=noon_there).occurred_at == NOON
    with pytest.raises(errors.Invalid):
        report(world, occurred_at=noon_there + timedelta(minutes=1))


def test_an_incident_sent_again_after_a_crash_is_the_same_one(world: World, clock: Clock) -> None:
    deps = replace(world.deps, replay=Replay(NOON, b"seed"))
    new = NewIncident(IncidentKind.DISPUTE, "A shouting match.")
    first = incidents.report(deps, world.staff, new)
    clock.move(seconds=40)
    assert incidents.report(deps, world.staff, new) == first
    assert listed(world) == (first,)


def test_incidents_of_a_site_are_for_those_who_work_there(world: World) -> None:
    report(world)
    world.add_site("elsewhere")
    stranger = world.add_account("staffx", Role.STAFF, "elsewhere")
    assert listed(world, stranger) == ()
    with pytest.raises(errors.Forbidden):
        incidents.list_of(world.deps, stranger, "central", limit=20, after=None)
    with pytest.raises(errors.Forbidden):
        report(world, world.user, site="central")
