from __future__ import annotations

from typing import Any

import pytest

from chalicelib.domain.bookings.details import Guest
from tests.builders import FREE, TIMER
from tests.client import Client
from tests.clock import Clock
from tests.world import World


@pytest.fixture
def user(client: Client, world: World) -> Client:
    return client.by(world.user)


@pytest.fixture
def staff(client: Client, world: World) -> Client:
    return client.by(world.staff)


def inr(amount: str) -> dict[str, str]:
    return {"amount": amount, "currency": "INR"}


# -- coming, staying, going


def test_the_desk_checks_in_and_out_once_each(staff: Client, world: World, clock: Clock) -> None:
    path = f"/api/bookings/{world.book().booking_id}"
    early = staff.post(f"{path}/check-out")
    assert (early.status, early.code) == (409, "NOT_CHECKED_IN")
    assert staff.post(f"{path}/check-in").body["status"] == "active"
    twice = staff.post(f"{path}/check-in")
    assert (twice.status, twice.code) == (409, "ALREADY_CHECKED_IN")
    clock.move(minutes=30)
    first = staff.post(f"{path}/check-out", {"amount_received": "60.00"})
    assert (first.body["status"], first.body["payment_status"]) == ("completed", "paid")
    assert first.body["checked_out_by"] == world.staff.account_id
    bill = first.body["bill"]
    assert [line["amount"] for line in bill["lines"]] == [inr("50.00")]
    assert (bill["total"], bill["amount_due"]) == (inr("50.00"), inr("50.00"))
    assert (bill["amount_received"], bill["change"]) == (inr("60.00"), inr("10.00"))
    clock.move(minutes=30)
    again = staff.post(f"{path}/check-out")
    assert again.status == 200
    assert again.body["actual_end_time"] == first.body["actual_end_time"]
    assert again.body["bill"] == bill | {"amount_received": None, "change": None}


def test_too_little_cash_is_refused_and_says_what_is_missing(staff: Client, world: World) -> None:
    booking = world.enter(world.book())
    answer = staff.post(f"/api/bookings/{booking.booking_id}/check-out", {"amount_received": 20})
    assert (answer.status, answer.code) == (409, "NOT_ENOUGH_CASH")
    assert "30.00" in answer.body["error"]["message"]


@pytest.mark.parametrize(
    "amount", ["-1", "1e3", "50.001", "", "abc", True, [], 1e308, "999999999999999"]
)
def test_an_amount_is_money(staff: Client, world: World, amount: Any) -> None:
    booking = world.enter(world.book())
    answer = staff.post(
        f"/api/bookings/{booking.booking_id}/check-out", {"amount_received": amount}
    )
    assert answer.status == 400
    assert set(answer.fields) == {"amount_received"}


def test_a_stay_is_renewed_near_its_end(user: Client, world: World, clock: Clock) -> None:
    world.add_zone("zone-t", TIMER, tariff=FREE)
    booking = world.book(zone="zone-t")
    path = f"/api/bookings/{booking.booking_id}/renew"
    early = user.post(path)
    assert (early.status, early.code) == (409, "RENEW_TOO_EARLY")
    clock.move(minutes=56)
    renewed = user.post(path)
    assert renewed.status == 201
    assert renewed.body["booking_id"] != booking.booking_id
    assert renewed.body["slot_number"] == booking.number


def test_only_the_customer_renews(staff: Client, user: Client, world: World, clock: Clock) -> None:
    booking = world.enter(world.book())
    guests = world.enter(world.book(world.staff, guests=(Guest("Ravi"),)))
    clock.move(minutes=57)
    for each in (booking, guests):
        refused = staff.post(f"/api/bookings/{each.booking_id}/renew")
        assert (refused.status, refused.code) == (403, "FORBIDDEN")
    pressed = [user.post(f"/api/bookings/{booking.booking_id}/renew") for _ in range(2)]
    assert [answer.status for answer in pressed] == [201, 201]
    assert pressed[0].body["booking_id"] == pressed[1].body["booking_id"] != booking.booking_id


# -- what owners and admins end otherwise


def test_a_debt_is_waived_once_and_with_a_reason(client: Client, world: World, unpaid: str) -> None:
    owner, path = client.by(world.owner), f"/api/bookings/{unpaid}/waive"
    assert owner.post(path).fields == {"reason": "is required"}
    waived = owner.post(path, {"reason": "goodwill"})
    assert (waived.status, waived.body["amount_due"]) == (200, inr("0.00"))
    again = owner.post(path, {"reason": "goodwill"})
    assert (again.status, again.code) == (409, "NOTHING_DUE")


def test_an_admin_ends_a_stay_without_a_bill(client: Client, world: World) -> None:
    admin = client.by(world.admin)
    booked, inside = world.book(), world.enter(world.book())
    ended = admin.post(f"/api/bookings/{inside.booking_id}/terminate", {"reason": "fire"})
    assert (ended.body["status"], ended.body["amount_due"]) == ("cancelled", inr("0.00"))
    assert ended.body["timeline"][-1]["note"] == "fire"
    not_inside = admin.post(f"/api/bookings/{booked.booking_id}/terminate", {"reason": "fire"})
    assert (not_inside.status, not_inside.code) == (409, "ILLEGAL_TRANSITION")
