"""Promo codes over HTTP (docs/rules/promos.md)."""

from __future__ import annotations

from typing import Any

import pytest

from tests.client import Client
from tests.clock import NOON
from tests.world import World

PATH = "/api/admin/promos"
NEW: dict[str, Any] = {"site": "central", "code": "summer20", "percent": 20, "per_person": 1}
START = f"{NOON:%Y-%m-%d}T18:00:00Z"
WANTED = {"zone_id": "zone-a", "start": START, "minutes": 120, "promo_code": "Summer20"}


@pytest.fixture
def owner(client: Client, world: World) -> Client:
    return client.by(world.owner)


def inr(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "INR"}


def test_an_owner_makes_reads_changes_and_deletes_a_code(owner: Client) -> None:
    made = owner.post(PATH, NEW)
    assert made.status == 201
    assert made.headers["Location"].endswith("/api/admin/promos/central.SUMMER20")
    code = made.body
    assert {name: value for name, value in code.items() if name != "created_at"} == {
        "promo_id": "central.SUMMER20", "code": "SUMMER20", "site": "central", "percent": 20,
        "amount": None, "minimum": None, "description": None, "active": True, "first": None,
        "last": None, "zones": [], "kinds": [], "total": None, "per_person": 1, "per_site": None,
        "per_day": None, "per_week": None, "per_month": None, "used": 0, "version": 1,
    }  # fmt: skip
    one = f"{PATH}/central.SUMMER20"
    changed = owner.patch(one, {"total": 5, "per_person": None, "last": "2026-12-31"}).body
    assert (changed["total"], changed["per_person"], changed["last"]) == (5, None, "2026-12-31")
    assert owner.get(one).body == changed
    assert owner.get(f"{PATH}?site=central").body["items"] == [changed]
    assert owner.delete(one).status == 204
    assert (owner.get(one).status, owner.get(one).code) == (404, "PROMO_NOT_FOUND")


def test_a_booking_with_a_code_says_so_and_counts(
    owner: Client, client: Client, world: World
) -> None:
    owner.post(PATH, NEW)
    user = client.by(world.user)
    quoted = user.post("/api/quotes", WANTED).body
    assert (quoted["promo_code"], quoted["total"], quoted["booking_fee"]) == (
        "SUMMER20", inr("80.00"), inr("50.00"),
    )  # fmt: skip
    assert [line["amount"] for line in quoted["lines"]] == [inr("100.00"), inr("-20.00")]
    booked = user.post("/api/bookings", WANTED | {"max_total": "80.00"})
    assert (booked.status, booked.body["promo_code"]) == (201, "SUMMER20")
    assert owner.get(f"{PATH}/central.SUMMER20").body["used"] == 1
    again = user.post("/api/bookings", WANTED)
    assert (again.status, again.code, list(again.fields)) == (409, "PROMO_USED_UP", ["promo_code"])
    user.post(f"/api/bookings/{booked.body['booking_id']}/cancel", {})
    assert owner.get(f"{PATH}/central.SUMMER20").body["used"] == 0


def test_park_now_takes_a_code(owner: Client, client: Client, world: World) -> None:
    owner.post(PATH, NEW)
    park = {"zone_id": "zone-a", "vehicle_number": "KA01AB1234", "owner_name": "Asha Rao"}
    booked = client.by(world.user).post("/api/user/book-slot", park | {"promo_code": "summer20"})
    assert (booked.status, booked.body["promo_code"]) == (201, "SUMMER20")
    assert booked.body["booking_fee"] == inr("40.00")


def test_a_replayed_booking_uses_its_code_once(owner: Client, client: Client, world: World) -> None:
    owner.post(PATH, NEW)
    user = client.by(world.user)
    user = user.sending(Idempotency_Key="one")
    first, again = user.post("/api/bookings", WANTED), user.post("/api/bookings", WANTED)
    assert first.body["booking_id"] == again.body["booking_id"]
    assert owner.get(f"{PATH}/central.SUMMER20").body["used"] == 1


@pytest.mark.parametrize(
    ("change", "status", "code"),
    [
        ({"promo_code": "WINTER20"}, 404, "PROMO_NOT_FOUND"),
        ({"promo_code": "%%%"}, 404, "PROMO_NOT_FOUND"),
        ({"promo_code": "ß" * 50}, 404, "PROMO_NOT_FOUND"),
        ({"promo_code": ""}, 400, "VALIDATION_FAILED"),
        ({"promo_code": "x" * 61}, 400, "VALIDATION_FAILED"),
        ({"promo_code": 7}, 400, "VALIDATION_FAILED"),
        ({"quantity": 2}, 400, "VALIDATION_FAILED"),
        ({"repeat": {"every": "day", "times": 2}}, 400, "VALIDATION_FAILED"),
    ],
)
def test_a_code_that_cannot_be_used_is_named(
    owner: Client, client: Client, world: World, change: dict[str, Any], status: int, code: str
) -> None:
    owner.post(PATH, NEW)
    answer = client.by(world.user).post("/api/bookings", WANTED | change)
    assert (answer.status, answer.code, list(answer.fields)) == (status, code, ["promo_code"])


@pytest.mark.parametrize(
    ("change", "fields"),
    [
        ({"code": "x"}, ["code"]),
        ({"code": "sümmer"}, ["code"]),
        ({"percent": None}, ["percent"]),
        ({"percent": 0}, ["percent"]),
        ({"percent": 101}, ["percent"]),
        ({"amount": "5.00"}, ["percent"]),
        ({"percent": None, "amount": "0"}, ["amount"]),
        ({"percent": None, "amount": "-5"}, ["amount"]),
        ({"percent": None, "amount": "5.001"}, ["amount"]),
        ({"percent": None, "amount": "5.00 USD"}, ["amount"]),
        ({"minimum": "much"}, ["minimum"]),
        ({"currency": "EUR"}, ["currency"]),
        ({"first": "2026-12-31", "last": "2026-12-01"}, ["last"]),
        ({"zones": ["zone-x"]}, ["zones"]),
        ({"total": 0}, ["total"]),
        ({"per_day": 1.5}, ["per_day"]),
        ({"other": 1}, ["other"]),
        ({"percent": None, "minimum": "0", "zones": ["zone-x"]}, ["minimum", "percent", "zones"]),
    ],
)
def test_each_fault_of_a_new_code_is_named(
    owner: Client, change: dict[str, Any], fields: list[str]
) -> None:
    answer = owner.post(PATH, NEW | change)
    assert (answer.status, sorted(answer.fields)) == (400, fields)


def test_a_faulty_edit_changes_nothing(owner: Client) -> None:
    made = owner.post(PATH, NEW | {"first": "2026-12-01"}).body
    one = f"{PATH}/{made['promo_id']}"
    assert list(owner.patch(one, {"last": "2026-11-30"}).fields) == ["last"]
    assert list(owner.patch(one, {"zones": ["zone-x"]}).fields) == ["zones"]
    assert list(owner.patch(one, {"percent": 30}).fields) == ["percent"]
    assert owner.get(one).body == made


def test_a_code_exists_once_at_a_site(owner: Client) -> None:
    owner.post(PATH, NEW)
    again = owner.post(PATH, NEW | {"code": "SUMMER20", "percent": 90})
    assert (again.status, again.code) == (409, "ALREADY_EXISTS")


def test_only_admins_have_codes_of_all_sites(client: Client, world: World, owner: Client) -> None:
    everywhere = {"code": "ALL5", "amount": "5.00", "currency": "INR"}
    assert owner.post(PATH, everywhere).status == 403
    assert owner.get(PATH).status == 403
    admin = client.by(world.admin)
    made = admin.post(PATH, everywhere)
    assert (made.status, made.body["promo_id"], made.body["site"]) == (201, "-.ALL5", None)
    assert owner.get(f"{PATH}/-.ALL5").status == 403
    assert [each["code"] for each in admin.get(PATH).body["items"]] == ["ALL5"]
    assert admin.patch(f"{PATH}/-.ALL5", {"active": False}).body["active"] is False
    assert list(admin.post(PATH, everywhere | {"zones": ["zone-a"]}).fields) == ["zones"]
    no_currency = {"code": "ALL6", "amount": "5.00"}
    assert list(admin.post(PATH, no_currency).fields) == ["currency"]
    odd = {"code": "ALL6", "amount": "5.00", "currency": "XXX"}
    assert list(admin.post(PATH, odd).fields) == ["currency"]


def test_an_owner_does_not_learn_the_codes_of_another_site(
    owner: Client, client: Client, world: World
) -> None:
    world.add_site("north")
    admin = client.by(world.admin)
    assert admin.post(PATH, NEW | {"site": "north"}).status == 201
    for promo_id in ("north.SUMMER20", "north.OTHER", "-.ALL5"):
        for answer in (
            owner.get(f"{PATH}/{promo_id}"),
            owner.patch(f"{PATH}/{promo_id}", {"active": False}),
            owner.delete(f"{PATH}/{promo_id}"),
        ):
            assert answer.status == 403


def test_a_list_goes_on_where_the_page_ended(owner: Client) -> None:
    for code in ("AAA", "BBB", "CCC"):
        owner.post(PATH, NEW | {"code": code})
    first = owner.get(f"{PATH}?site=central&limit=2").body
    rest = owner.get(f"{PATH}?site=central&limit=2&cursor={first['next_cursor']}").body
    codes = [each["code"] for each in (*first["items"], *rest["items"])]
    assert (codes, rest["next_cursor"]) == (["AAA", "BBB", "CCC"], None)


def test_every_change_of_a_code_is_audited(owner: Client, client: Client, world: World) -> None:
    owner.post(PATH, NEW)
    owner.patch(f"{PATH}/central.SUMMER20", {"active": False})
    owner.delete(f"{PATH}/central.SUMMER20")
    events = world.deps.audit.list_day("central", NOON.date(), limit=9).events
    done = [event.action for event in events if event.subject == "central.SUMMER20"]
    assert sorted(done) == ["create_promo", "delete_promo", "edit_promo"]
