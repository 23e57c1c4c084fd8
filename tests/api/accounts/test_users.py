from __future__ import annotations

from typing import Any

import pytest

from tests.client import Client
from tests.world import World

PASSWORD = "correct horse 7"
NEW = {"email": "new@example.com", "name": "New", "role": "staff", "sites": ["central"]}


@pytest.fixture
def admin(client: Client, world: World) -> Client:
    return client.by(world.admin)


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    return client.by(world.owner)


def test_a_list_goes_on_where_its_cursor_says(admin: Client) -> None:
    first = admin.get("/api/admin/users?limit=3").body
    second = admin.get(f"/api/admin/users?limit=3&cursor={first['next_cursor']}").body
    names = [user["username"] for page in (first, second) for user in page["items"]]
    assert names == ["user1", "user2", "staff1", "owner", "admin"]
    assert second["next_cursor"] is None


def test_a_cursor_belongs_to_one_list_of_one_person(admin: Client, owner: Client) -> None:
    cursor = admin.get("/api/admin/users?limit=1").body["next_cursor"]
    for answer in (
        owner.get(f"/api/admin/users?cursor={cursor}"),
        admin.get(f"/api/admin/users?role=staff&cursor={cursor}"),
        admin.get("/api/admin/users?cursor=nonsense"),
    ):
        assert (answer.status, set(answer.fields)) == (400, {"cursor"})


@pytest.mark.parametrize(
    ("query", "names"),
    [
        ("role=staff", ["staff1"]),
        ("site=central", ["staff1", "owner"]),
        ("email=user2@example.com", ["user2"]),
        ("role=owner&limit=1", ["owner"]),
    ],
)
def test_a_list_is_narrowed(admin: Client, query: str, names: list[str]) -> None:
    items = admin.get(f"/api/admin/users?{query}").body["items"]
    assert [user["username"] for user in items] == names


def test_an_owner_sees_their_own_people(owner: Client) -> None:
    items = owner.get("/api/admin/users").body["items"]
    assert [user["username"] for user in items] == ["staff1", "owner"]


def test_somebody_taken_on_can_sign_in(owner: Client, client: Client) -> None:
    made = owner.post("/api/admin/users", NEW | {"username": "new1", "password": PASSWORD})
    assert (made.status, made.body["role"], made.body["sites"]) == (201, "staff", ["central"])
    signed_in = client.post("/api/auth/login", {"username": "new1", "password": PASSWORD})
    assert signed_in.body["user"]["user_id"] == made.body["user_id"]


def test_a_repeated_request_takes_on_one_person(admin: Client) -> None:
    once = admin.sending(Idempotency_Key="k1")
    first, second = (once.post("/api/admin/users", NEW) for _ in range(2))
    assert (first.status, second.status, second.body) == (201, 201, first.body)


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"role": "king"}, {"role"}),
        ({"sites": "central"}, {"sites"}),
        ({"sites": ["nowhere"]}, {"sites"}),
        ({"sites": []}, {"sites"}),
        ({"username": "With Blanks"}, {"username"}),
        ({"username": "a@b"}, {"username"}),
        ({"password": "short"}, {"password"}),
        ({"verified": True}, {"verified"}),
    ],
)
def test_a_faulty_wish_names_the_field(
    admin: Client, change: dict[str, Any], fields: set[str]
) -> None:
    answer = admin.post("/api/admin/users", NEW | change)
    assert (answer.status, set(answer.fields)) == (400, fields)


def test_an_owner_gives_no_role_but_staff(owner: Client) -> None:
    answer = owner.post("/api/admin/users", NEW | {"role": "owner"})
    assert (answer.status, answer.code) == (403, "FORBIDDEN")


def test_a_taken_address_answers_409(admin: Client) -> None:
    answer = admin.post("/api/admin/users", NEW | {"email": "user1@example.com"})
    assert (answer.status, answer.code) == (409, "EMAIL_TAKEN")


def test_an_account_is_read_edited_and_erased(admin: Client, world: World) -> None:
    path = f"/api/admin/users/{world.staff.account_id}"
    assert admin.get(path).body["username"] == "staff1"
    edited = admin.patch(path, {"name": "Sam", "role": "user", "phone": None})
    assert (edited.status, edited.body["role"], edited.body["sites"]) == (200, "user", [])
    assert admin.delete(path).status == 204
    assert (admin.get(path).status, admin.get(path).code) == (404, "ACCOUNT_NOT_FOUND")


def test_an_account_that_is_switched_off_is_signed_out(
    admin: Client, client: Client, world: World
) -> None:
    staff = client.by(world.staff)
    path = f"/api/admin/users/{world.staff.account_id}"
    assert admin.patch(path, {"active": False}).body["active"] is False
    assert staff.get("/api/me").status == 401


def test_nobody_raises_their_own_role(admin: Client, owner: Client, world: World) -> None:
    own = f"/api/admin/users/{world.owner.account_id}"
    assert owner.patch(own, {"role": "admin"}).status == 403
    own = f"/api/admin/users/{world.admin.account_id}"
    assert admin.patch(own, {"role": "user"}).status == 403


@pytest.mark.parametrize("user_id", ["US00000000", "nobody", "US" + "A" * 300])
def test_an_unknown_account_answers_404(admin: Client, user_id: str) -> None:
    for answer in (
        admin.get(f"/api/admin/users/{user_id}"),
        admin.patch(f"/api/admin/users/{user_id}", {"name": "Sam"}),
        admin.delete(f"/api/admin/users/{user_id}"),
    ):
        assert (answer.status, answer.code) == (404, "ACCOUNT_NOT_FOUND")


def test_others_have_no_business_here(client: Client, world: World) -> None:
    for actor in (world.user, world.staff):
        answer = client.by(actor).get("/api/admin/users")
        assert (answer.status, answer.code) == (403, "FORBIDDEN")
