"""The URLs of the replaced parking system, beside what its document says (tests/contract): whose a
booking is, further fields of ours, and forms that are none."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

import pytest

from tests.client import Client, Reply
from tests.clock import Clock
from tests.world import World

PARK = {"zone_id": "zone-a", "vehicle_number": "KA01AB1234", "owner_name": "Asha Rao"}
ENTRIES = ("/parking/entry-qr-scan", "/api/parking/scan-entry")
PAID = {"payment_method": "CASH"}
EXITS = ("/parking/exit-qr-scan", "/api/parking/scan-exit")
BOOKINGS = ("/parking/entry", "/api/parking/book")
FORM = "application/x-www-form-urlencoded"


@pytest.fixture
def gate(client: Client, world: World) -> Client:
    return client.by(world.staff)


@pytest.fixture
def user(client: Client, world: World) -> Client:
    return client.by(world.user)


def data(answer: Reply) -> dict[str, Any]:
    """What a success says; it has the old shape and no other field."""
    assert (answer.status, set(answer.body)) == (200, {"success", "message", "data"})
    assert answer.body["success"] is True
    assert answer.body["message"]
    found: dict[str, Any] = answer.body["data"]
    return found


def assert_refused(answer: Reply, status: int) -> str:
    """Assert a refusal in the old shape, without another field; returns its message."""
    assert (answer.status, set(answer.body)) == (status, {"success", "message"})
    assert answer.body["success"] is False
    return str(answer.body["message"])


def form(client: Client, path: str, fields: dict[str, str]) -> Reply:
    return client.sending(Content_Type=FORM).call("POST", path, urlencode(fields).encode())


def a_pass(world: World) -> str:
    return world.deps.tokens.qr(world.book())


def test_a_walk_in_is_nobodys_account(gate: Client) -> None:
    booking_id = data(gate.post("/parking/entry", PARK))["booking_id"]
    booking = gate.get(f"/api/bookings/{booking_id}").body
    assert (booking["user_id"], booking["guests"][0]["name"]) == (None, "Asha Rao")


def test_what_a_customer_books_is_theirs(user: Client, world: World) -> None:
    booking_id = data(user.post("/api/parking/book", PARK))["booking_id"]
    assert user.get(f"/api/bookings/{booking_id}").body["user_id"] == world.user.account_id


@pytest.mark.parametrize("path", BOOKINGS)
def test_paying_online_is_a_400(gate: Client, path: str) -> None:
    assert "CASH" in assert_refused(gate.post(path, PARK | {"payment_method": "ONLINE"}), 400)


@pytest.mark.parametrize(("entry", "exit_"), list(zip(ENTRIES, EXITS, strict=True)))
def test_a_stay_from_scan_to_scan(
    gate: Client, world: World, clock: Clock, entry: str, exit_: str
) -> None:
    booking = world.book(number="A-002")
    code = world.deps.tokens.qr(booking)
    assert data(gate.post(entry, {"qr_code": code})) == {
        "session_id": booking.booking_id,
        "booking_id": booking.booking_id,
        "slot_number": "A-002",
        "vehicle_number": "KA01AB1234",
        "entry_time": "2026-11-21T06:30:00Z",
        "status": "ACTIVE",
    }
    clock.move(minutes=66)
    assert data(gate.post(exit_, PAID | {"qr_code": code, "amount_received": 150})) == {
        "session_id": booking.booking_id,
        "booking_id": booking.booking_id,
        "slot_number": "A-002",
        "vehicle_number": "KA01AB1234",
        "entry_time": "2026-11-21T06:30:00Z",
        "exit_time": "2026-11-21T07:36:00Z",
        "duration_minutes": 66,
        "amount_charged": 100.0,
        "total_amount": 100.0,
        "booking_fee": 50.0,
        "amount_due": 100.0,
        "amount_received": 150.0,
        "change": 50.0,
        "payment_method": "CASH",
        "status": "COMPLETED",
        "payment_status": "PAID",
        "order_id": None,
        "pay_url": None,
    }


def test_the_old_forms_are_taken_too(gate: Client, user: Client, world: World) -> None:
    code = data(form(gate, "/parking/entry", PARK | {"minutes": "90"}))["qr_code"]
    scan = {"qr_code": code, "vehicle_number": "ka 01 ab 1234"}
    assert data(form(gate, "/parking/entry-qr-scan", scan))["status"] == "ACTIVE"
    paid = PAID | {"qr_code": code, "amount_received": "50"}
    assert data(form(gate, "/parking/exit-qr-scan", paid))["status"] == "COMPLETED"
    booking = {"booking_id": data(form(user, "/api/parking/book", PARK))["booking_id"]}
    assert data(form(user, "/parking/cancel-booking", booking)).items() >= booking.items()


@pytest.mark.parametrize(
    "raw",
    [b"", b"%", b"%ff%fe=%00", b"=", b"&&&", b"zone_id", b"zone_id=zone-a&minutes=1.5&vehicle_number=x&owner_name=%F0%9F%92%A5",
     b"zone_id=" + b"x" * 9000, b'{"zone_id": "zone-a"}'],
)  # fmt: skip
def test_a_form_that_is_none_is_a_400(user: Client, raw: bytes) -> None:
    assert_refused(user.sending(Content_Type=FORM).call("POST", "/api/parking/book", raw), 400)


@pytest.mark.parametrize("field", ["booking_id", "session_id"])
def test_a_cancellation_says_what_is_paid_back(user: Client, world: World, field: str) -> None:
    booking_id = world.book().booking_id
    told = data(user.post("/parking/cancel-booking", {field: booking_id}))
    assert told["booking_id"] == booking_id
    assert (told["refund_eligible"], told["refund_amount"]) == (True, 0.0)
    assert told["refund_reason"]
    assert_refused(user.post("/parking/cancel-booking", {field: booking_id}), 400)


def test_a_cancellation_of_nothing_is_refused(user: Client) -> None:
    assert "qr_code is required" in assert_refused(user.post("/parking/cancel-booking", {}), 400)
    assert_refused(user.post("/parking/cancel-booking", {"booking_id": "BK1"}), 404)
