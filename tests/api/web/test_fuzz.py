"""Any input to any route: no 5xx, one shape of refusal, and every answer as published
(docs/quality.md, Faults)."""

from __future__ import annotations

import os
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from chalicelib import routes
from chalicelib.api.web import named_schemas
from chalicelib.api.web.http import FORM, Route
from chalicelib.domain.core.access import Actor, Role
from chalicelib.services.operations import shifts
from tests import odd_requests
from tests.builders import FREE, TIMER, a_blackout
from tests.client import Client, Reply
from tests.world import World

EXAMPLES = int(os.environ.get("FUZZ_EXAMPLES", "8"))
"""Requests a route. A long run: FUZZ_EXAMPLES=2000."""

TOUCHING_PEOPLE = ("/api/me", "/api/admin/users")
LEGACY = {"success", "message"}
PUBLISHED = set(named_schemas.DETAIL["properties"])
"""The fields that a refusal may have."""


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


@pytest.mark.parametrize(
    "route", routes.declared(), ids=lambda route: f"{route.method} {route.path}"
)
def test_no_request_breaks_a_route(
    route: Route, client: Client, world: World, known: dict[str, list[Any]]
) -> None:
    crowd = (None, world.user, world.staff, world.owner, world.admin, world.admin, world.admin)

    @settings(
        max_examples=EXAMPLES,
        deadline=None,
        derandomize=True,
        suppress_health_check=list(HealthCheck),
    )
    @given(
        path=odd_requests.paths(route, known),
        body=odd_requests.bodies(route.takes, known)
        if route.takes
        else st.sampled_from((b"", b"{}", b"[" * 10_000)),
        who=st.sampled_from([each for each in crowd if _may(route, each)]),
        form=st.booleans(),
        key=st.sampled_from((None,) * 6 + ("key-1", "schlüssel")),
    )
    def anything(path: str, body: bytes, who: Actor | None, form: bool, key: str | None) -> None:
        caller = client if who is None else client.by(who)
        if form and route.forms:
            caller, body = caller.sending(Content_Type=FORM), odd_requests.as_form(body)
        if key is not None:
            caller = caller.sending(Idempotency_Key=key)
        _assert_an_answer(caller.call(route.method, path, body))
        if route.path.startswith(TOUCHING_PEOPLE):
            _keep_people(world)

    anything()


def _may(route: Route, who: Actor | None) -> bool:
    """Whether `who` gets past the door of a route; what happens to others has its own table."""
    return not route.who or (who is not None and who.role in route.who)


def _assert_an_answer(answer: Reply) -> None:
    assert answer.status < 500, answer.body
    assert answer.headers["X-Request-Id"]
    if answer.status >= 400 and isinstance(answer.body, dict):
        if "error" in answer.body:
            assert set(answer.body) == {"error", "request_id"}
            assert {"code", "message"} <= set(answer.body["error"]) <= PUBLISHED
        else:
            assert set(answer.body) == LEGACY
            assert answer.body["success"] is False
    assert "Traceback" not in str(answer.body)


def _keep_people(world: World) -> None:
    """Accounts may have been changed or erased: they are as before for the next request."""
    from chalicelib.domain.core.change import saving

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


def test_the_crowd_covers_every_role() -> None:
    assert {role for route in routes.declared() for role in route.who} == set(Role)
