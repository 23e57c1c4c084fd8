"""What every route has in common: the shape of a no, who is asking, and what is logged of it."""

from __future__ import annotations

import dataclasses
import json
import logging
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib import settings, wiring
from chalicelib.domain.core import errors
from chalicelib.domain.core.change import saving
from chalicelib.domain.sites.site import Zone
from chalicelib.services.core import rate_limits
from chalicelib.services.core.deps import Deps
from chalicelib.store.catalogue import Catalogue
from local.gateway import Gateway, HttpRequest
from tests.backend import ENVIRONMENT
from tests.client import Client
from tests.clock import Clock
from tests.gateway import header, through
from tests.world import World

APP = "https://app.example.com"
"""The one origin that the settings of the tests allow."""

PARK = {"zone_id": "zone-a", "vehicle_number": "KA01AB1234", "owner_name": "Asha Rao"}


@pytest.fixture
def user(client: Client, world: World) -> Client:
    return client.by(world.user)


class Keeping(logging.Handler):
    """Keeps what is logged."""

    def __init__(self) -> None:
        super().__init__()
        self.records: list[dict[str, Any]] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.records.append({"event": record.getMessage(), **vars(record)})


@pytest.fixture
def logged() -> Iterator[list[dict[str, Any]]]:
    """What Berth logs in the course of a test."""
    log, keeping = logging.getLogger("berth"), Keeping()
    log.addHandler(keeping)
    yield keeping.records
    log.removeHandler(keeping)


class Broken:
    """A store with a bug: every use of it raises an error of its own."""

    def __getattr__(self, name: str) -> Any:
        raise RuntimeError("secret: the connection string")


# -- the shape of a no


def test_a_refusal_has_a_code_a_sentence_its_fields_and_the_id_of_the_request(user: Client) -> None:
    answer = user.post("/api/user/book-slot", {"zone_id": "zone-a", "colour": "red"})
    assert answer.status == 400
    assert answer.body == {
        "error": {
            "code": "VALIDATION_FAILED",
            "message": "Some fields are invalid.",
            "fields": {
                "colour": "is not a known field",
                "owner_name": "is required",
                "vehicle_number": "is required",
            },
        },
        "request_id": answer.headers["X-Request-Id"],
    }


def test_a_refusal_without_faulty_fields_names_none(user: Client) -> None:
    answer = user.get("/api/bookings/BK1")
    assert set(answer.body["error"]) == {"code", "message"}


def test_the_request_id_is_that_of_the_gateway(gateway: Gateway, deps: Deps) -> None:
    first, second = (gateway.handle(HttpRequest("GET", "/api/public/health")) for _ in "12")
    ids = {header(answer, "X-Request-Id") for answer in (first, second)}
    assert len(ids) == 2
    assert all(len(each) == 36 for each in ids)


def test_a_bug_is_a_500_that_says_nothing_but_where_to_look_it_up(
    user: Client, gateway: Gateway, deps: Deps, logged: list[dict[str, Any]]
) -> None:
    wiring.use(dataclasses.replace(deps, catalogue=Broken()))  # type: ignore[arg-type]
    answer = through(gateway, user, "/api/user/zones", Origin=APP)
    told = json.loads(answer.body)
    assert answer.status == 500
    assert told["error"] == {
        "code": "INTERNAL",
        "message": "Something went wrong on our side. Try again. "
        "If it happens again, contact us and quote the request id.",
    }
    assert told["request_id"] == header(answer, "X-Request-Id")
    assert header(answer, "Access-Control-Allow-Origin") == APP
    (bug,) = [record for record in logged if record["event"] == "bug"]
    assert bug["request_id"] == told["request_id"]


def test_a_busy_backend_is_a_503_that_says_when_to_come_back(user: Client, deps: Deps) -> None:
    class Busy(Catalogue):
        def zone(self, zone_id: str) -> Zone:
            raise errors.Unavailable(retry_after=2)

    wiring.use(dataclasses.replace(deps, catalogue=Busy(0)))
    answer = user.post("/api/user/book-slot", PARK)
    assert (answer.status, answer.code) == (503, "UNAVAILABLE")
    assert answer.headers["Retry-After"] == "2"


def test_whoever_asks_too_often_is_told_when_to_come_back(user: Client, deps: Deps) -> None:
    strict = settings.read({**ENVIRONMENT, "LIMITS_FACTOR": "1"})
    wiring.use(dataclasses.replace(deps, settings=strict))
    answers = [
        user.post("/api/user/book-slot", {}) for _ in range(rate_limits.BOOK.per_account + 1)
    ]
    assert {answer.status for answer in answers[:-1]} == {400}
    assert (answers[-1].status, answers[-1].code) == (429, "TOO_MANY_REQUESTS")
    assert int(answers[-1].headers["Retry-After"]) >= 1


# -- who is asking


@pytest.mark.parametrize(
    "header",
    [
        "",
        "Bearer",
        "Bearer ",
        "Basic dXNlcjpwYXNz",
        "Bearer nonsense",
        "Bearer a.b.c",
        "Bearer ..",
        "Bearer " + "a" * 5000,
        "Bearer eyJhbGciOiJub25lIiwidHlwIjoiSldUIn0.eyJzdWIiOiJVUzEifQ.",  # {"alg": "none"}
        "Bearer \u00e9\u00e9.\u00e9.\u00e9",
    ],
)
def test_whoever_shows_no_token_of_ours_is_nobody(client: Client, header: str) -> None:
    answer = client.sending(Authorization=header).get("/api/me")
    assert (answer.status, answer.code) == (401, "NOT_AUTHENTICATED")


@pytest.mark.parametrize("position", range(3))
def test_a_token_with_one_letter_changed_is_nobodys(
    client: Client, world: World, position: int
) -> None:
    parts = world.token(world.admin).split(".")
    middle = len(parts[position]) // 2
    letter = parts[position][middle]
    other = "A" if letter != "A" else "B"
    parts[position] = parts[position][:middle] + other + parts[position][middle + 1 :]
    forged = client.sending(Authorization=f"Bearer {'.'.join(parts)}")
    assert forged.get("/api/me").code == "NOT_AUTHENTICATED"


def test_the_word_bearer_may_be_written_anyhow(client: Client, world: World) -> None:
    token = world.token(world.user)
    assert client.sending(Authorization=f"bearer {token}").get("/api/me").status == 200
    assert client.sending(authorization=f"BEARER  {token} ").get("/api/me").status == 200


def test_a_token_ends_after_its_day_and_says_so(user: Client, clock: Clock) -> None:
    clock.move(hours=23, minutes=59, seconds=59)
    assert user.get("/api/me").status == 200
    clock.move(seconds=1)
    answer = user.get("/api/me")
    assert (answer.status, answer.code) == (401, "TOKEN_EXPIRED")


def test_a_refresh_token_opens_no_route(client: Client, world: World) -> None:
    from chalicelib.services.accounts import sign_in

    made = sign_in.open_session(world.deps, world.deps.accounts.get(world.user.account_id))
    answer = client.sending(Authorization=f"Bearer {made.refresh}").get("/api/me")
    assert (answer.status, answer.code) == (401, "NOT_AUTHENTICATED")


def test_an_account_that_is_switched_off_is_out_at_once(user: Client, world: World) -> None:
    account = world.deps.accounts.get(world.user.account_id)
    world.deps.commit(saving(account.evolve(active=False)))
    world.deps.accounts.forget_all()
    assert user.get("/api/me").code == "NOT_AUTHENTICATED"


def test_a_role_taken_away_counts_though_the_token_says_otherwise(
    client: Client, world: World
) -> None:
    staff = client.by(world.staff)
    account = world.deps.accounts.get(world.staff.account_id)
    world.deps.commit(saving(account.evolve(sites=frozenset())))
    world.deps.accounts.forget_all()
    assert staff.get("/api/staff/slot-status?site=central").code == "FORBIDDEN"


def test_whoever_may_not_is_told_before_the_body_is_read(user: Client) -> None:
    answer = user.post("/api/staff/entry", b"{ not json")
    assert (answer.status, answer.code) == (403, "FORBIDDEN")


def test_every_refusal_of_a_role_is_audited_and_nothing_secret_is(
    client: Client, world: World
) -> None:
    client.by(world.user).post("/api/staff/entry", {"qr_code": "x"})
    events = world.deps.audit.list_day(None, world.deps.now().date(), 10).events
    (refused,) = [event for event in events if event.outcome == "FORBIDDEN"]
    assert (refused.action, refused.actor) == ("staff_entry", world.user.account_id)


def test_the_log_of_a_request_names_route_and_account_but_no_token_and_no_path(
    user: Client, world: World, logged: list[dict[str, Any]]
) -> None:
    booking = world.book()
    user.get(f"/api/bookings/{booking.booking_id}")
    (record,) = [each for each in logged if each["event"] == "request"]
    assert record["route"] == "/api/bookings/{booking_id}"
    assert (record["status"], record["account"]) == (200, world.user.account_id)
    assert "Bearer" not in str(record)
    assert booking.booking_id not in str(record)
