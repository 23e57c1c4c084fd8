"""`Location`: the address of what a request has made (RFC 9110, 10.2.2)."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib import routes
from tests.api.web.test_idempotency import ONCE, a_path
from tests.client import Client, Reply
from tests.clock import Clock
from tests.world import World

CREATING = {route.path: route for route in routes.declared() if route.status == 201}
WITHOUT = {"/api/staff/shifts", "/api/staff/incidents"}
"""What they make is only found in a list."""

ONLINE = {"/api/payments/orders", "/api/me/passes", "/api/me/passes/orders"}
"""They need a gateway: tests/api/payments follows their location."""

GROUP = {"zone_id": "zone-a", "minutes": 60, "quantity": 2}


def followed(client: Client, world: World, made: Reply) -> Reply:
    base_url, location = world.deps.settings.base_url, made.headers["Location"]
    assert location.startswith(f"{base_url}/api/")
    return client.get(location.removeprefix(base_url))


def names(body: dict[str, Any]) -> set[str]:
    """The ids that an answer has at the top."""
    ids = ("booking_id", "id", "slug", "zone_id", "space_id", "user_id", "blackout_id", "key_id",
           "webhook_id", "promo_id", "plan_ref", "pass_id")  # fmt: skip
    return {str(body[name]) for name in ids if body.get(name)}


def test_every_route_that_makes_what_has_an_address_says_it() -> None:
    assert {path for path, route in CREATING.items() if not route.located} == WITHOUT


@pytest.mark.parametrize(
    "path", sorted(CREATING.keys() - WITHOUT - ONLINE - {"/api/auth/register"})
)
def test_what_was_made_is_at_its_location(
    client: Client, world: World, clock: Clock, path: str
) -> None:
    asked = a_path(path, world, clock)
    admin = client.by(world.admin)
    made = admin.post(asked, ONCE[path])
    assert made.status == 201
    found = followed(admin, world, made)
    assert found.status == 200
    assert names(made.body.get("booking", made.body)) & names(found.body)


def test_a_new_account_is_at_me(client: Client, world: World) -> None:
    made = client.post("/api/auth/register", ONCE["/api/auth/register"])
    assert made.headers["Location"] == f"{world.deps.settings.base_url}/api/me"


def test_a_group_is_at_its_list(client: Client, world: World) -> None:
    admin = client.by(world.admin)
    made = admin.post("/api/bookings", GROUP)
    listed = followed(admin, world, made).body["items"]
    assert {each["booking_id"] for each in listed} == {
        each["booking_id"] for each in made.body["bookings"]
    }


def test_a_repeated_answer_has_the_same_location(client: Client, world: World) -> None:
    keyed = client.by(world.admin).sending(Idempotency_Key="k1")
    first, second = (keyed.post("/api/bookings", GROUP) for _ in range(2))
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.headers["Location"] == first.headers["Location"]


def test_only_what_is_made_has_a_location(client: Client, world: World) -> None:
    admin = client.by(world.admin)
    refused = admin.post("/api/bookings", {"zone_id": "zone-a", "minutes": 0})
    assert refused.status == 400
    assert "Location" not in refused.headers
    assert "Location" not in admin.get("/api/me").headers


@pytest.mark.parametrize("path", sorted(CREATING))
def test_the_contract_says_which_answers_have_a_location(path: str) -> None:
    made = routes.contract()["paths"][path]["post"]["responses"]["201"]
    assert ("Location" in made.get("headers", {})) is (path not in WITHOUT)
