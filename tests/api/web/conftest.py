"""What exists while odd requests are made, and people who outlive them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.api.web.route import Route
from chalicelib.domain.core.change import saving
from chalicelib.services.operations import shifts
from tests.builders import FREE, TIMER, a_blackout
from tests.world import World

TOUCHING_PEOPLE = ("/api/me", "/api/admin/users")


@pytest.fixture
def known(world: World) -> dict[str, list[Any]]:
    """What exists, by the names under which requests speak of it."""
    world.add_zone("zone-t", TIMER, tariff=FREE)
    booked, inside = world.book(), world.enter(world.book())
    waiting = world.book(zone="zone-t")
    closed = a_blackout(world.deps.now() + timedelta(days=300))
    world.change_zone(world.zone_a, policy=replace(world.zone_a.policy, blackouts=(closed,)))
    shift = shifts.open_shift(world.deps, world.staff, "central", "500", source_ip="-")
    records = (booked, inside, waiting)
    people = (world.user, world.staff, world.owner, world.admin)
    ids = [record.booking_id for record in records]
    until = world.deps.now().replace(year=2027)
    link = world.deps.tokens.link("verify_email", world.user.account_id, 0, until)
    return {
        "booking_id": ids,
        "session_id": ids,
        "qr_code": [world.deps.tokens.qr(record) for record in records],
        "zone_id": ["zone-a", "zone-t", "nowhere"],
        "space_id": ["zone-a.A-001", "zone-t.A-002", "zone-a.Z-9"],
        "shift_id": [shift.shift_id],
        "kind": ["damage", "parking"],
        "blackout_id": [f"zone.zone-a.{closed.key}", f"site.central.{closed.key}", "nowhere"],
        "slug": ["central", "nowhere"],
        "site": ["central", "nowhere"],
        "sites": [["central"], []],
        "user_id": [person.account_id for person in people],
        "email": ["user1@example.com", "new@example.com"],
        "username": ["user1"],
        "name": ["auto-checkout", "expire-bookings", "outbox", "Asha Rao"],
        "token": [link],
        "timezone": ["Asia/Kolkata", "Europe/Dublin"],
        "currency": ["INR", "EUR"],
        "tariff": [{"rate": "50"}, {"rate": "50", "booking_fee": "20", "grace_minutes": 0}],
        "policy": [
            {"auto_checkout_after": 60},
            {"check_in": "none"},
            {"min_duration": 9, "max_duration": 3},
        ],
        "opening_hours": [{"mon": ["06:00-22:00"]}, {}],
        "latitude": [12.97, "77.5"],
        "vehicle_number": ["KA01AB1234"],
        "minutes": [60, 90],
        "limit": [1, 2],
    }


@pytest.fixture
def keep_people(world: World) -> Callable[[Route], None]:
    """After a request to a route that touches accounts: they are as before for the next one."""

    def keep(route: Route) -> None:
        if route.path.startswith(TOUCHING_PEOPLE):
            _restore(world)

    return keep


def _restore(world: World) -> None:
    for person in (world.user, world.staff, world.owner, world.admin):
        account = world.deps.accounts.get(person.account_id)
        if (account.role, account.active, account.erased, account.sites) != (
            person.role,
            True,
            False,
            person.sites,
        ):
            kept = account.evolve(role=person.role, active=True, erased=False, sites=person.sites)
            world.deps.commit(saving(kept))
            world.deps.accounts.forget_all()
