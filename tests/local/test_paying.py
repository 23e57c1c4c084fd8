"""A booking that is paid online in the running server: the real SDK, the emulated Razorpay, its
signed messages, and the refund of a cancellation."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from tests.local_server import LocalServer

SLOT = {
    "zone_id": "zone-a",
    "vehicle_number": "KA01AB1234",
    "owner_name": "Asha Rao",
    "payment_method": "ONLINE",
}


@pytest.fixture(scope="module")
def running() -> Iterator[LocalServer]:
    with LocalServer() as berth:
        yield berth


@pytest.fixture
def berth(running: LocalServer) -> LocalServer:
    """The server with fresh demo data."""
    running.reset()
    return running


def booked_online(berth: LocalServer) -> str:
    """The id of a booking that waits for its payment."""
    answer = berth.done("POST", "/api/user/book-slot", SLOT, berth.signed_in("user1"))
    assert answer["status"] == "pending"
    return str(answer["booking_id"])


def seen(berth: LocalServer, booking_id: str) -> dict[str, Any]:
    """The booking after everything that waits was delivered."""
    berth.mails("user1@example.com")
    token = berth.signed_in("user1")
    return dict(berth.done("GET", f"/api/bookings/{booking_id}", None, token))


def order_of(berth: LocalServer, booking_id: str) -> str:
    return str(seen(berth, booking_id)["payment"]["order_id"])


def test_a_capture_books_and_a_cancellation_pays_back(berth: LocalServer) -> None:
    booking_id = booked_online(berth)
    berth.done("POST", f"/_local/payments/{order_of(berth, booking_id)}/capture")
    assert seen(berth, booking_id)["status"] == "booked"
    berth.done("POST", f"/api/bookings/{booking_id}/cancel", {}, berth.signed_in("user1"))
    [refund] = seen(berth, booking_id)["payment"]["refunds"]
    assert (refund["amount"]["amount"], refund["status"]) == ("50.00", "pending")
    berth.advance(timedelta(hours=3))
    [refund] = seen(berth, booking_id)["payment"]["refunds"]
    assert refund["status"] == "processed"
    assert refund["trace"]


def test_messages_that_come_twice_and_late_book_once(berth: LocalServer) -> None:
    booking_id = booked_online(berth)
    order_id = order_of(berth, booking_id)
    plan = {"copies": 3, "delay_seconds": 30, "times": 3}
    berth.done("POST", "/_local/gateways/razorpay/messages", plan)
    berth.done("POST", f"/_local/payments/{order_id}/capture")
    berth.advance(timedelta(seconds=31))
    booked = seen(berth, booking_id)
    assert (booked["status"], booked["payment"]["order_id"]) == ("booked", order_id)
    assert booked["payment"]["refunds"] == []


def test_an_order_whose_answer_was_lost_is_found_and_paid(berth: LocalServer) -> None:
    lost = {"kind": "hang_up", "operation": "create_order", "after": True}
    berth.done("POST", "/_local/gateways/razorpay/faults", lost)
    answer = berth.done("POST", "/api/user/book-slot", SLOT, berth.signed_in("user1"))
    booking_id = str(answer["booking_id"])
    order = berth.done(
        "POST", "/api/payments/orders", {"booking_id": booking_id}, berth.signed_in("user1")
    )
    berth.done("POST", f"/_local/payments/{order['order_id']}/capture")
    assert seen(berth, booking_id)["status"] == "booked"


def test_an_exit_is_paid_online_and_opens_the_gate_once(berth: LocalServer) -> None:
    stay = berth.book("user1")
    scan = {"qr_code": stay["qr_code"], "payment_method": "ONLINE"}
    berth.done("POST", "/api/staff/entry", {"qr_code": stay["qr_code"]}, berth.signed_in("staff1"))
    berth.advance(timedelta(minutes=66))
    staff = berth.signed_in("staff1")
    awaited = berth.done("POST", "/api/staff/exit", scan, staff)
    assert (awaited["may_leave"], awaited["payment"]["amount"]["amount"]) == (False, "100.00")
    berth.done("POST", f"/_local/payments/{awaited['payment']['order_id']}/fail")
    assert berth.done("POST", "/api/staff/exit", scan, staff)["may_leave"] is False
    berth.done("POST", f"/_local/payments/{awaited['payment']['order_id']}/capture")

    assert seen(berth, stay["booking_id"])["status"] == "completed"
    assert berth.done("POST", "/api/staff/exit", scan, staff)["may_leave"] is True
    status, again = berth.ask("POST", "/api/staff/exit", scan, staff)
    assert (status, again["error"]["code"]) == (409, "ALREADY_ENDED")


def test_an_exit_is_paid_with_phonepe_by_an_old_app(berth: LocalServer) -> None:
    stay = berth.book("user1")
    scan = {"qr_code": stay["qr_code"], "payment_method": "ONLINE"}
    staff = berth.signed_in("staff1")
    berth.done("POST", "/api/staff/entry", {"qr_code": stay["qr_code"]}, staff)
    berth.done("POST", "/parking/exit-qr-scan/", scan, staff)
    session, user = {"session_id": stay["booking_id"]}, berth.signed_in("user1")
    order = berth.done("POST", "/api/payment/phonepe/create/", session, user)
    berth.done("POST", f"/_local/payments/{order['transaction_id']}/capture")
    asked = {"merchant_txn_id": order["merchant_txn_id"]}
    assert berth.done("POST", "/api/payment/phonepe/verify/", asked, user)["verified"] is True

    left = berth.done("POST", "/parking/exit-qr-scan/", scan, staff)
    assert left["message"] == "Exit processed successfully"
    assert left["data"]["payment_status"] == "PAID"
