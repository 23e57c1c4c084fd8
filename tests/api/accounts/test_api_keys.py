from __future__ import annotations

from typing import Any

import pytest

from tests.client import Client
from tests.world import World

NEW = {"site": "central", "name": "North gate", "scope": "scans"}


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    return client.by(world.owner)


def test_a_key_is_shown_once(owner: Client) -> None:
    made = owner.post("/api/admin/api-keys", NEW)
    assert made.status == 201
    shown = {name: value for name, value in made.body.items() if name != "api_key"}
    assert (shown["name"], shown["scope"], shown["revoked_at"]) == ("North gate", "scans", None)
    assert made.body["api_key"].startswith(f"berth_{shown['key_id']}_")
    assert owner.get(f"/api/admin/api-keys/{shown['key_id']}").body == shown
    assert owner.get("/api/admin/api-keys?site=central").body["items"] == [shown]


def test_a_repeated_request_makes_no_second_key_and_shows_no_secret(owner: Client) -> None:
    once = owner.sending(Idempotency_Key="k1")
    first, second = (once.post("/api/admin/api-keys", NEW) for _ in range(2))
    assert second.body == first.body | {"api_key": None}
    assert len(owner.get("/api/admin/api-keys?site=central").body["items"]) == 1


@pytest.mark.parametrize(
    ("change", "field"),
    [({"scope": "admin"}, "scope"), ({"name": ""}, "name"), ({"site": None}, "site")],
)
def test_a_faulty_key_names_the_field(owner: Client, change: dict[str, Any], field: str) -> None:
    answer = owner.post("/api/admin/api-keys", NEW | change)
    assert (answer.status, set(answer.fields)) == (400, {field})


def test_a_gate_scans_with_its_key_until_it_is_revoked(
    client: Client, owner: Client, world: World
) -> None:
    made = owner.post("/api/admin/api-keys", NEW).body
    gate = client.sending(X_API_Key=made["api_key"])
    booking = world.book()
    scan = {"qr_code": world.deps.tokens.qr(booking)}
    assert gate.post("/api/staff/entry", scan).status == 200
    entered = owner.get(f"/api/bookings/{booking.booking_id}").body["timeline"][-1]
    assert (entered["actor"], entered["note"]) == (made["key_id"], "North gate")
    again = gate.post("/api/staff/entry", scan)
    assert (again.status, again.code) == (409, "ALREADY_CHECKED_IN")
    trail = owner.get("/api/admin/audit?site=central").body["items"]
    refused = next(event for event in trail if event["action"] == "staff_entry")
    assert (refused["actor"], refused["detail"]) == (made["key_id"], "North gate")
    assert owner.delete(f"/api/admin/api-keys/{made['key_id']}").status == 204
    void = gate.post("/api/staff/exit", scan)
    assert (void.status, void.code) == (401, "NOT_AUTHENTICATED")


def test_a_board_reads_its_site_and_nothing_of_another(
    client: Client, owner: Client, world: World
) -> None:
    world.add_site("elsewhere")
    world.enter(world.book())
    key = owner.post("/api/admin/api-keys", NEW | {"scope": "reads"}).body["api_key"]
    board = client.sending(X_API_Key=key)
    assert len(board.get("/api/bookings").body["items"]) == 1
    assert board.get("/api/staff/slot-status").status == 200
    assert board.get("/api/bookings?site=elsewhere").status == 403


def test_a_key_decides_even_where_its_sender_is_signed_in(owner: Client) -> None:
    key = owner.post("/api/admin/api-keys", NEW).body["api_key"]
    both = owner.sending(X_API_Key=key)
    assert both.get("/api/me").status == 403
    assert owner.sending(X_API_Key="nonsense").get("/api/me").status == 401


def test_a_key_is_no_token_to_sign_in_with(client: Client, owner: Client) -> None:
    key = owner.post("/api/admin/api-keys", NEW).body["api_key"]
    assert client.sending(Authorization=f"Bearer {key}").get("/api/me").status == 401


def test_the_contract_says_which_routes_take_a_key(client: Client) -> None:
    contract = client.get("/api/openapi.json").body
    scheme = contract["components"]["securitySchemes"]["apiKey"]
    assert (scheme["type"], scheme["in"], scheme["name"]) == ("apiKey", "header", "X-API-Key")
    entry = contract["paths"]["/api/staff/entry"]["post"]
    assert entry["security"] == [{"bearer": []}, {"apiKey": []}]
    assert entry["x-api-key-scope"] == "scans"
    assert contract["paths"]["/api/me"]["get"]["security"] == [{"bearer": []}]
    page = client.get("/api/docs").body.decode()
    assert page.count("Takes an API key for scans as well.") == 8
