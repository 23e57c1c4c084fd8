"""What comes in and goes out over the wire: headers, CORS, methods, types, sizes, and the whole way
through the gateway."""

from __future__ import annotations

import json
import re

import pytest

from chalicelib import routes
from local.gateway import Gateway
from tests.client import Client
from tests.gateway import header, through
from tests.world import World

APP = "https://app.example.com"
"""The one origin that the settings of the tests allow."""

PARK = {"zone_id": "zone-a", "vehicle_number": "KA01AB1234", "owner_name": "Asha Rao"}


@pytest.fixture
def user(client: Client, world: World) -> Client:
    return client.by(world.user)


# -- headers


def test_answers_are_not_kept_and_not_sniffed(user: Client) -> None:
    answer = user.get("/api/me")
    assert answer.headers["Content-Type"] == "application/json"
    assert answer.headers["Cache-Control"] == "private, no-cache"
    assert user.post("/api/auth/logout").headers["Cache-Control"] == "no-store"
    assert answer.headers["X-Content-Type-Options"] == "nosniff"


@pytest.mark.parametrize(("path", "status"), [("/api/me", 200), ("/api/bookings/BK1", 404)])
def test_a_page_of_an_allowed_origin_may_read_answers_and_refusals(
    user: Client, path: str, status: int
) -> None:
    answer = user.sending(Origin=APP).get(path)
    assert answer.status == status
    assert answer.headers["Access-Control-Allow-Origin"] == APP
    language = "" if status == 200 else ", Accept-Language"
    assert answer.headers["Vary"] == f"Accept-Encoding, Origin{language}"
    assert "X-Request-Id" in answer.headers["Access-Control-Expose-Headers"]


@pytest.mark.parametrize(
    "origin", ["https://evil.example", "null", "https://app.example.com.evil.example"]
)
def test_a_page_of_another_origin_may_not(user: Client, origin: str) -> None:
    assert "Access-Control-Allow-Origin" not in user.sending(Origin=origin).get("/api/me").headers


def test_a_browser_is_told_beforehand_what_it_may_send(client: Client) -> None:
    answer = client.sending(Origin=APP).call("OPTIONS", "/api/bookings/BK1")
    assert (answer.status, answer.body) == (204, b"")
    assert answer.headers["Access-Control-Allow-Methods"] == "GET,OPTIONS,PATCH"
    assert "Idempotency-Key" in answer.headers["Access-Control-Allow-Headers"]
    assert answer.headers["Access-Control-Allow-Origin"] == APP


def test_a_browser_of_another_origin_is_told_nothing(client: Client) -> None:
    answer = client.sending(Origin="https://evil.example").call("OPTIONS", "/api/bookings")
    assert not [name for name in answer.headers if name.startswith("Access-Control")]


@pytest.mark.parametrize("path", sorted({route.path for route in routes.declared()}))
def test_every_path_answers_a_preflight(client: Client, path: str) -> None:
    answer = client.sending(Origin=APP).call("OPTIONS", re.sub(r"{\w+}", "x1", path))
    assert answer.status == 204
    assert answer.headers["Access-Control-Allow-Origin"] == APP


# -- types, sizes


@pytest.mark.parametrize(
    "content_type",
    [
        "text/plain",
        "application/x-www-form-urlencoded",
        "multipart/form-data",
        "application/xml",
        "nonsense",
    ],
)
def test_another_type_than_json_is_415(user: Client, content_type: str) -> None:
    answer = user.sending(Content_Type=content_type).call(
        "POST", "/api/user/book-slot", b"zone_id=zone-a"
    )
    assert (answer.status, answer.code) == (415, "UNSUPPORTED_MEDIA_TYPE")


@pytest.mark.parametrize(
    "content_type",
    ["application/json; charset=utf-8", "application/json;charset=UTF-8", "Application/JSON"],
)
def test_json_may_say_its_charset(user: Client, content_type: str) -> None:
    assert user.sending(Content_Type=content_type).post("/api/user/book-slot", PARK).status == 201


@pytest.mark.parametrize("size", [64 * 1024 + 1, 10 * 1024 * 1024])
def test_a_body_without_end_is_413(user: Client, size: int) -> None:
    answer = user.call("POST", "/api/user/book-slot", b" " * size)
    assert (answer.status, answer.code) == (413, "PAYLOAD_TOO_LARGE")


def test_a_get_that_brings_a_body_and_a_type_is_answered_all_the_same(user: Client) -> None:
    assert user.sending(Content_Type="text/plain").call("GET", "/api/me", b"hello").status == 200


# -- the way through the gateway


WITHOUT_ID = sorted(
    {r.path for r in routes.declared() if r.method == "GET" and "{" not in r.path}
    - {"/", "/api/staff/exit-quote"}  # the latter needs a pass: tests/contract
)

NEEDS = {
    "/api/admin/spaces": "?zone_id=zone-a",
    "/api/admin/api-keys": "?site=central",
    "/api/admin/passes/plans": "?site=central",
    "/api/public/passes/plans": "?site=central",
    "/api/staff/passes": "?site=central&vehicle_number=KA01AB1234",
    "/api/admin/webhooks": "?site=central",
    "/api/events": "?site=central",
    "/api/staff/auto-checkouts": "?site=central",
    "/api/staff/incidents": "?site=central",
    "/api/staff/shifts": "?site=central",
}
"""What some lists cannot do without."""


@pytest.mark.parametrize("path", WITHOUT_ID)
def test_a_path_may_end_in_a_slash(
    client: Client, world: World, gateway: Gateway, path: str
) -> None:
    admin = client.by(world.admin)
    query = NEEDS.get(path, "")
    bare, slashed = (through(gateway, admin, f"{path}{slash}{query}") for slash in ("", "/"))
    assert bare.status == slashed.status == 200
    assert header(bare, "Content-Type") == header(slashed, "Content-Type")


@pytest.mark.parametrize(
    "accept",
    [None, "*/*", "image/*", "image/png", "text/html,application/xhtml+xml", "application/json"],
)
def test_the_picture_of_a_pass_is_a_png_whatever_the_client_accepts(
    client: Client, world: World, gateway: Gateway, accept: str | None
) -> None:
    path = f"/api/bookings/{world.book().booking_id}/qr.png"
    wish = {"Accept": accept} if accept else {}
    answer = through(gateway, client.by(world.user), path, **wish)
    assert answer.status == 200
    assert header(answer, "Content-Type") == "image/png"
    assert answer.body.startswith(b"\x89PNG\r\n\x1a\n")


@pytest.mark.parametrize("accept", ["image/png", "text/html"])
def test_a_refused_picture_is_json_whatever_the_client_accepts(
    client: Client, world: World, gateway: Gateway, accept: str
) -> None:
    answer = through(gateway, client.by(world.user), "/api/bookings/BK1/qr.png", Accept=accept)
    assert answer.status == 404
    assert json.loads(answer.body)["error"]["code"] == "BOOKING_NOT_FOUND"


def test_text_beyond_ascii_goes_out_as_utf8(client: Client, world: World, gateway: Gateway) -> None:
    client.by(world.user).patch("/api/me", {"name": "आशा Ré 🚗"})
    answer = through(gateway, client.by(world.user), "/api/me")
    assert json.loads(answer.body.decode("utf-8"))["name"] == "आशा Ré 🚗"
