from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib import wiring
from chalicelib.services.core.deps import Deps
from tests.client import Client, Reply
from tests.clock import Clock

PASSWORD, OTHER = "correct horse 7", "battery staple 8"
ASHA = {"email": "Asha@example.com", "password": PASSWORD, "name": "Asha Rao"}


@pytest.fixture
def asha(client: Client) -> dict[str, Any]:
    made = client.post("/api/auth/register", ASHA)
    assert made.status == 201
    account: dict[str, Any] = made.body
    return account


def login(client: Client, password: str = PASSWORD, **who: str) -> Reply:
    return client.post(
        "/api/auth/login", {"password": password, **(who or {"email": "asha@example.com"})}
    )


def bearing(client: Client, reply: Reply) -> Client:
    return client.sending(Authorization=f"Bearer {reply.body['access']}")


def test_registering_answers_with_the_account(asha: dict[str, Any]) -> None:
    assert asha == {
        "user_id": asha["user_id"],
        "email": "asha@example.com",
        "pending_email": None,
        "username": None,
        "name": "Asha Rao",
        "phone": None,
        "language": None,
        "payment_method": None,
        "role": "user",
        "sites": [],
        "verified": False,
        "active": True,
        "unpaid_stays": 0,
        "created_at": "2026-11-21T06:30:00Z",
        "version": 1,
    }
    assert re.fullmatch(r"US[0-9A-Z]{8}", asha["user_id"])


def test_an_address_that_has_an_account_is_answered_like_a_new_one(
    client: Client, asha: dict[str, Any], deliver: Callable[[], list[Any]]
) -> None:
    again = client.post("/api/auth/register", ASHA)
    assert again.status == 201
    assert again.body == asha | {"user_id": again.body["user_id"]}
    assert again.body["user_id"] != asha["user_id"]
    mail = next(mail for mail in deliver() if mail.subject == "You already have an account")
    assert mail.to == ("asha@example.com",)
    body = {"token": _token_in(mail), "password": OTHER}
    assert client.post("/api/auth/password/reset", body).status == 200
    assert login(client, OTHER).body["user"]["user_id"] == asha["user_id"]


def test_a_repeated_registration_answers_as_the_first_did(client: Client) -> None:
    once = client.sending(Idempotency_Key="k1")
    first, second = (once.post("/api/auth/register", ASHA) for _ in range(2))
    assert (second.status, second.body) == (201, first.body)
    assert second.headers["Idempotency-Replayed"] == "true"


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"email": "asha"}, {"email"}),
        ({"email": "a@b"}, {"email"}),
        ({"email": "a" * 250 + "@example.com"}, {"email"}),
        ({"email": None, "password": 1, "name": ""}, {"email", "password", "name"}),
        ({"password": "short"}, {"password"}),
        ({"password": "password123"}, {"password"}),
        ({"password": "x" * 129}, {"password"}),
        ({"phone": "call me"}, {"phone"}),
        ({"role": "admin"}, {"role"}),
        ({"name": "\ud800"}, {"name"}),
    ],
)
def test_a_faulty_registration_names_every_field(
    client: Client, change: dict[str, Any], fields: set[str]
) -> None:
    answer = client.post("/api/auth/register", ASHA | change)
    assert (answer.status, answer.code, set(answer.fields)) == (400, "VALIDATION_FAILED", fields)


@pytest.mark.parametrize(
    "who",
    [
        {"email": "asha@example.com"},
        {"username": "asha@example.com"},
        {"email": "ASHA@EXAMPLE.COM"},
    ],
)
def test_signing_in_gives_tokens_and_the_account(
    client: Client, asha: dict[str, Any], who: dict[str, str]
) -> None:
    answer = login(client, **who)
    assert answer.status == 200
    assert set(answer.body) == {"access", "refresh", "user"}
    assert answer.body["user"]["user_id"] == asha["user_id"]
    assert bearing(client, answer).get("/api/me").body["user_id"] == asha["user_id"]


@pytest.mark.parametrize("who", [{}, {"username": "a", "email": "b"}])
def test_signing_in_takes_one_name(client: Client, who: dict[str, str]) -> None:
    answer = client.post("/api/auth/login", {"password": PASSWORD, **who})
    assert (answer.status, set(answer.fields)) == (400, {"username"})


def test_a_wrong_password_answers_401_and_the_sixth_429(
    client: Client, asha: dict[str, Any]
) -> None:
    for _ in range(5):
        answer = login(client, OTHER)
        assert (answer.status, answer.code) == (401, "BAD_CREDENTIALS")
    answer = login(client)
    assert (answer.status, answer.code) == (429, "LOCKED_OUT")
    assert answer.headers["Retry-After"] == "900"


def test_a_name_nobody_has_answers_as_a_wrong_password_does(
    client: Client, asha: dict[str, Any]
) -> None:
    known, unknown = login(client, OTHER), login(client, email="nobody@example.com")
    assert (known.status, known.body["error"]) == (unknown.status, unknown.body["error"])


def test_one_address_signs_in_thirty_times_in_five_minutes(
    client: Client, asha: dict[str, Any], deps: Deps
) -> None:
    wiring.use(replace(deps, settings=replace(deps.settings, limits_factor=1)))
    answers = [login(client).status for _ in range(31)]
    assert answers == [200] * 30 + [429]


def test_a_refresh_token_is_good_once(client: Client, asha: dict[str, Any], clock: Clock) -> None:
    first = login(client).body["refresh"]
    second = client.post("/api/auth/refresh", {"refresh": first})
    assert (second.status, set(second.body)) == (200, {"access", "refresh", "user"})
    other_tab = client.post("/api/auth/refresh", {"refresh": first})
    assert (other_tab.status, other_tab.body) == (200, second.body)
    clock.move(seconds=20)
    again = client.post("/api/auth/refresh", {"refresh": first})
    assert (again.status, again.code) == (401, "REFRESH_REUSED")
    assert bearing(client, second).get("/api/me").status == 401
    dead = client.post("/api/auth/refresh", {"refresh": second.body["refresh"]})
    assert (dead.status, dead.code) == (401, "NOT_AUTHENTICATED")


def test_tokens_run_out(client: Client, asha: dict[str, Any], clock: Clock) -> None:
    made = login(client)
    clock.move(hours=24)
    expired = bearing(client, made).get("/api/me")
    assert (expired.status, expired.code) == (401, "TOKEN_EXPIRED")
    clock.move(days=6)
    expired = client.post("/api/auth/refresh", {"refresh": made.body["refresh"]})
    assert (expired.status, expired.code) == (401, "TOKEN_EXPIRED")


@pytest.mark.parametrize("body", [None, {}, "refresh"])
def test_signing_out_ends_the_session(client: Client, asha: dict[str, Any], body: Any) -> None:
    made = login(client)
    sent = {"refresh": made.body["refresh"]} if body == "refresh" else body
    assert bearing(client, made).post("/api/auth/logout", sent).status == 200
    assert bearing(client, made).get("/api/me").status == 401
    assert client.post("/api/auth/refresh", {"refresh": made.body["refresh"]}).status == 401


@pytest.mark.parametrize(
    "header", ["", "Bearer", "Bearer ", "Basic dTpw", "Bearer nonsense", "Bearer a.b.c", "Token x"]
)
def test_nobody_gets_in_without_a_token(client: Client, header: str) -> None:
    answer = client.sending(Authorization=header).get("/api/me")
    assert (answer.status, answer.code) == (401, "NOT_AUTHENTICATED")


def _token_in(mail: Any) -> str:
    found = re.search(r"https://berth\.example\.com/l/([A-Za-z0-9_-]+)", str(mail))
    assert found is not None
    return found[1]


def test_the_mailed_link_proves_the_address(
    client: Client, asha: dict[str, Any], deliver: Callable[[], list[Any]]
) -> None:
    (mail,) = deliver()
    body = {"token": _token_in(mail)}
    for _ in range(2):
        answer = client.post("/api/auth/verify-email", body)
        assert (answer.status, answer.body["verified"]) == (200, True)


def test_a_forgotten_password_is_replaced_by_mail(
    client: Client, asha: dict[str, Any], deliver: Callable[[], list[Any]]
) -> None:
    asked = client.post("/api/auth/password/forgot", {"email": "asha@example.com"})
    stranger = client.post("/api/auth/password/forgot", {"email": "nobody@example.com"})
    assert (asked.status, asked.body) == (stranger.status, stranger.body)
    reset = next(mail for mail in deliver() if "password" in str(mail).lower())
    body = {"token": _token_in(reset), "password": OTHER}
    assert client.post("/api/auth/password/reset", body).status == 200
    assert login(client, OTHER).status == 200
    assert client.post("/api/auth/password/reset", body).status == 200
    other = client.post("/api/auth/password/reset", {**body, "password": "a third river"})
    assert (other.status, other.code) == (410, "LINK_EXPIRED")


@pytest.mark.parametrize("token", ["nonsense", "x" * 500])
def test_a_link_of_somebody_s_own_making_answers_410(client: Client, token: str) -> None:
    answer = client.post("/api/auth/verify-email", {"token": token})
    assert (answer.status, answer.code) == (410, "LINK_EXPIRED")
