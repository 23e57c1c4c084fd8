from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest

from chalicelib.domain.core.change import saving
from tests.client import Client
from tests.world import World

OLD, NEW = "correct horse 7", "battery staple 8"


@pytest.fixture
def me(client: Client, world: World) -> Client:
    """user1, signed in, whose password is OLD."""
    account = world.deps.accounts.get(world.user.account_id)
    world.deps.commit(saving(account.evolve(password=world.deps.passwords.hash(OLD))))
    return client.by(world.user)


def test_everybody_sees_their_own_account(client: Client, world: World) -> None:
    for actor in (world.user, world.staff, world.owner, world.admin):
        answer = client.by(actor).get("/api/me")
        assert (answer.status, answer.body["user_id"]) == (200, actor.account_id)
        assert "password" not in answer.body


def test_a_name_and_a_number_are_changed(me: Client) -> None:
    edited = me.patch("/api/me", {"name": "Asha", "phone": "+91 98450 12345"})
    assert (edited.status, edited.body["name"]) == (200, "Asha")
    assert me.patch("/api/me", {"phone": None}).body["phone"] is None
    assert me.get("/api/me").body["name"] == "Asha"


def test_an_empty_edit_changes_nothing(me: Client) -> None:
    before = me.get("/api/me").body
    assert me.patch("/api/me", {}).body == before


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ({"name": None}, "name"),
        ({"role": "admin"}, "role"),
        ({"email": "x@example.com"}, "current_password"),
        ({"email": "x", "current_password": OLD}, "email"),
        ({"email": "x@example.com", "current_password": "wrong"}, "current_password"),
        ({"sites": ["central"]}, "sites"),
        ({"password": NEW}, "current_password"),
        ({"current_password": OLD}, "password"),
        ({"password": NEW, "current_password": "wrong"}, "current_password"),
        ({"password": "qwertyuiop", "current_password": OLD}, "password"),
    ],
)
def test_a_faulty_edit_names_the_field(me: Client, body: dict[str, Any], field: str) -> None:
    answer = me.patch("/api/me", body)
    assert (answer.status, set(answer.fields)) == (400, {field})


def test_a_new_password_signs_everybody_out(me: Client, client: Client) -> None:
    assert me.patch("/api/me", {"password": NEW, "current_password": OLD}).status == 200
    assert me.get("/api/me").status == 401
    again = client.post("/api/auth/login", {"username": "user1", "password": NEW})
    assert again.status == 200


def test_a_name_and_a_password_are_changed_on_the_version_that_was_read(me: Client) -> None:
    tag = me.get("/api/me").headers["ETag"]
    edit = {"name": "Asha", "password": NEW, "current_password": OLD}
    edited = me.sending(If_Match=tag).patch("/api/me", edit)
    assert (edited.status, edited.body["name"]) == (200, "Asha")


def test_a_new_address_is_proved_by_the_link_in_its_mail(
    me: Client, client: Client, deliver: Callable[[], list[Any]]
) -> None:
    asked = me.patch("/api/me", {"email": "Asha@example.net", "current_password": OLD})
    assert asked.status == 200
    assert (asked.body["email"], asked.body["pending_email"]) == (
        "user1@example.com", "asha@example.net",
    )  # fmt: skip
    mail = next(mail for mail in deliver() if mail.to == ("asha@example.net",))
    found = re.search(r"/l/([A-Za-z0-9_-]+)", mail.text)
    assert found is not None
    proved = client.post("/api/auth/verify-email", {"token": found[1]})
    assert (proved.status, proved.body["email"]) == (200, "asha@example.net")
    assert me.get("/api/me").status == 401  # every sign-in so far has ended
    by_mail = {"email": "asha@example.net", "password": OLD}
    assert client.post("/api/auth/login", by_mail).status == 200


def test_the_page_of_a_link_to_an_address_that_is_taken_says_so(
    me: Client, client: Client, world: World, deliver: Callable[[], list[Any]]
) -> None:
    me.patch("/api/me", {"email": "user2@example.com", "current_password": OLD})
    mail = next(mail for mail in deliver() if "user2@example.com" in mail.to)
    found = re.search(r"/l/[A-Za-z0-9_-]+", mail.text)
    assert found is not None
    asked = client.get(found[0])
    assert (asked.status, b"Confirm your new address" in asked.body) == (200, True)
    refused = client.post(found[0])
    assert (refused.status, b"There is already an account with this address" in refused.body) == (
        409,
        True,
    )
    assert me.get("/api/me").body["email"] == "user1@example.com"


def test_guessing_one_s_own_password_ends_in_a_lock(me: Client) -> None:
    guess = {"password": NEW, "current_password": "wrong"}
    for _ in range(5):
        assert me.patch("/api/me", guess).status == 400
    answer = me.patch("/api/me", guess)
    assert (answer.status, answer.code) == (429, "LOCKED_OUT")


def test_an_account_is_erased_and_its_tokens_are_void(me: Client, client: Client) -> None:
    assert me.call("DELETE", "/api/me", {"current_password": OLD}).status == 204
    assert me.get("/api/me").status == 401
    answer = client.post("/api/auth/login", {"username": "user1", "password": OLD})
    assert (answer.status, answer.code) == (401, "BAD_CREDENTIALS")


def test_nobody_is_erased_with_a_booking_ahead(me: Client, world: World) -> None:
    world.book()
    answer = me.call("DELETE", "/api/me", {"current_password": OLD})
    assert (answer.status, answer.code) == (409, "IN_USE")


def test_an_admin_does_not_erase_themselves(client: Client, world: World) -> None:
    answer = client.by(world.admin).call("DELETE", "/api/me", {"current_password": OLD})
    assert (answer.status, answer.code) == (403, "FORBIDDEN")
