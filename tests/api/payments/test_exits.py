"""An exit that is paid online, over the API: what the attendant, the app and an old app read."""

from __future__ import annotations

import pytest

from chalicelib.domain.bookings.booking import Booking
from tests.client import Client, Reply
from tests.clock import Clock
from tests.payments.car_park import PayingCarPark


@pytest.fixture
def gate(client: Client, paying: PayingCarPark) -> Client:
    return client.by(paying.staff)


@pytest.fixture
def stay(paying: PayingCarPark, clock: Clock) -> Booking:
    """A stay of 66 minutes, which costs 100.00."""
    booking = paying.enter(paying.book())
    clock.move(minutes=66)
    return booking


def scan(
    gate: Client, paying: PayingCarPark, stay: Booking, path: str = "/api/staff/exit"
) -> Reply:
    code = paying.deps.tokens.qr(stay)
    return gate.post(path, {"qr_code": code, "payment_method": "ONLINE"})


def checkout(paying: PayingCarPark) -> dict[str, str]:
    """What the checkout of a client answers for the open order."""
    attempt_id = paying.gateway.attempt("order_1")
    return {
        "razorpay_order_id": "order_1",
        "razorpay_payment_id": attempt_id,
        "razorpay_signature": paying.gateway.checkout("order_1", attempt_id),
    }


def test_the_gate_reads_what_is_awaited_and_then_that_the_car_may_leave(
    gate: Client, paying: PayingCarPark, stay: Booking
) -> None:
    awaited = scan(gate, paying, stay)
    assert (awaited.status, awaited.body["may_leave"]) == (200, False)
    assert awaited.body["message"] == (
        "100.00 INR to be paid online. The gate opens once the payment has arrived."
    )
    assert awaited.body["amount_due"] == {"amount": "100.00", "currency": "INR"}
    assert awaited.body["payment"]["order_id"] == "order_1"
    assert awaited.body["quote_until"] == awaited.body["payment"]["pay_until"]
    assert (awaited.body["booking"]["status"], awaited.body["change"]["amount"]) == (
        "active",
        "0.00",
    )
    paying.pay(stay)
    polled = gate.post("/api/staff/exit-quote", {"qr_code": paying.deps.tokens.qr(stay)})
    assert (polled.body["may_leave"], polled.body["message"]) == (
        True,
        "Paid online. The car may leave.",
    )

    left = scan(gate, paying, stay)
    assert (left.status, left.body["may_leave"], left.body["message"]) == (200, True, "Goodbye.")
    assert left.body["booking"]["payment_status"] == "paid"
    assert scan(gate, paying, stay).code == "ALREADY_ENDED"


def test_an_app_reads_all_it_needs_for_the_exit_timer_and_pays(
    client: Client, gate: Client, paying: PayingCarPark, stay: Booking
) -> None:
    path = f"/api/bookings/{stay.booking_id}"
    early = client.post("/api/payments/orders", {"booking_id": stay.booking_id})
    assert (early.status, early.code) == (409, "EXIT_NOT_SCANNED")
    assert client.get(path).body["quote_until"] is None

    presented = gate.post("/api/staff/exit-quote", {"qr_code": paying.deps.tokens.qr(stay)}).body
    shown = client.get(path).body
    assert shown["quote_until"] == presented["quote_until"]
    assert shown["amount_due"] == presented["amount_due"]
    order = client.post("/api/payments/orders", {"booking_id": stay.booking_id})
    assert (order.status, order.body["amount"], order.body["key_id"]) == (201, 10000, "rzp_test_1")
    awaited = client.get(path).body
    assert awaited["payment"]["amount"] == {"amount": "100.00", "currency": "INR"}
    assert awaited["payment"]["order_id"] == order.body["order_id"]
    assert awaited["payment"]["pay_until"] == awaited["quote_until"]

    paid = client.post("/api/payments/verify", checkout(paying))
    assert (paid.body["status"], paid.body["payment_status"]) == ("completed", "paid")
    assert (paid.body["quote_until"], paid.body["payment"]["amount"]) == (None, None)


def test_a_gate_whose_payment_service_is_down_lets_the_car_out(
    gate: Client, paying: PayingCarPark, stay: Booking
) -> None:
    paying.gateway.breaks = [("create_order", "before")]
    failing = scan(gate, paying, stay)
    assert (failing.status, failing.body["may_leave"]) == (200, False)
    assert failing.body["message"].startswith("The payment service does not answer.")
    code = paying.deps.tokens.qr(stay)
    unexplained = gate.post("/api/staff/let-out", {"qr_code": code})
    assert (unexplained.status, set(unexplained.fields)) == (400, {"reason"})

    left = gate.post("/api/staff/let-out", {"qr_code": code, "reason": "no network"})
    assert (left.status, left.body["may_leave"]) == (200, True)
    assert left.body["message"] == "The car may leave. 100.00 INR is due."
    assert left.body["booking"]["payment_status"] == "due"
    detail = gate.get(f"/api/bookings/{stay.booking_id}").body
    step = detail["timeline"][-1]
    assert (step["label"], step["note"], step["actor"]) == (
        "Let Out Unpaid",
        "no network",
        paying.staff.account_id,
    )
    audited = gate.by(paying.owner).get("/api/admin/audit?site=central").body["items"]
    assert (audited[0]["action"], audited[0]["detail"]) == ("let_out", "no network")


def test_an_old_gate_and_an_old_app_pay_online_at_the_exit(
    client: Client, gate: Client, paying: PayingCarPark, stay: Booking
) -> None:
    awaited = scan(gate, paying, stay, "/parking/exit-qr-scan/").body
    assert (awaited["success"], awaited["data"]["status"]) == (True, "ACTIVE")
    assert awaited["message"] == "Payment awaited. The exit opens once it has arrived."
    assert (awaited["data"]["amount_charged"], awaited["data"]["payment_method"]) == (
        100.0,
        "ONLINE",
    )
    assert awaited["data"]["order_id"] == "order_1"
    order = client.post("/api/payment/create-order/", {"amount": 100.0, "currency": "INR"}).body
    assert (order["order_id"], order["amount"]) == ("order_1", 10000)
    paid = client.post("/api/payment/verify/", checkout(paying)).body
    assert (paid["status"], paid["is_paid"]) == ("PAID", True)

    left = scan(gate, paying, stay, "/parking/exit-qr-scan/").body
    assert left["message"] == "Exit processed successfully"
    data = left["data"]
    assert (data["amount_charged"], data["payment_method"], data["status"]) == (
        100.0,
        "ONLINE",
        "COMPLETED",
    )
    assert data["payment_status"] == "PAID"
    again = scan(gate, paying, stay, "/parking/exit-qr-scan/")
    assert (again.status, again.body["message"]) == (
        400,
        "Exit already scanned. Cannot scan twice!",
    )


def test_an_old_app_that_pays_before_the_exit_scan_reads_why_it_cannot(
    client: Client, stay: Booking
) -> None:
    refused = client.post("/api/payment/create-order/", {"session_id": stay.booking_id})

    assert (refused.status, refused.body["message"]) == (400, "Exit QR not scanned yet")
