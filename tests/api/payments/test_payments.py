"""Online payments over the API, from the booking to the refund."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib.services.payments import asking
from tests.client import Client, Reply
from tests.payments.car_park import PayingCarPark

SLOT = {
    "zone_id": "zone-a",
    "vehicle_number": "KA01AB1234",
    "owner_name": "Asha Rao",
    "payment_method": "ONLINE",
}
AHEAD = {"zone_id": "zone-a", "start": "2026-11-21T09:00:00Z", "payment_method": "ONLINE"}


def verify(client: Client, paying: PayingCarPark, **changes: str) -> Reply:
    """The client sends what its checkout has answered."""
    attempt_id = paying.gateway.attempt("order_1")
    signed = paying.gateway.checkout("order_1", attempt_id)
    answer = {
        "razorpay_order_id": "order_1",
        "razorpay_payment_id": attempt_id,
        "razorpay_signature": signed,
    }
    return client.post("/api/payments/verify", answer | changes)


@pytest.mark.parametrize(
    ("path", "body"), [("/api/user/book-slot", SLOT), ("/api/bookings", AHEAD)]
)
def test_a_booking_that_is_paid_online_answers_with_its_order(
    client: Client, path: str, body: dict[str, Any]
) -> None:
    booked = client.post(path, body)

    assert (booked.status, booked.body["status"]) == (201, "pending")
    payment = booked.body["payment"]
    assert (payment["order_id"], payment["status"], payment["gateway"]) == (
        "order_1",
        "pending",
        "razorpay",
    )
    assert payment["pay_until"] == "2026-11-21T06:45:00Z"
    assert booked.body["amount_due"] == {"amount": "50.00", "currency": "INR"}


def test_a_fee_is_paid_and_verified(client: Client, paying: PayingCarPark) -> None:
    booking_id = client.post("/api/user/book-slot", SLOT).body["booking_id"]
    order = client.post("/api/payments/orders", {"booking_id": booking_id})
    assert order.status == 201
    assert order.headers["Location"].endswith(f"/api/bookings/{booking_id}")
    assert client.post("/api/payments/orders", {"booking_id": booking_id}).body == order.body
    assert (order.body["order_id"], order.body["amount"], order.body["key_id"]) == (
        "order_1",
        5000,
        "rzp_test_1",
    )
    paid = verify(client, paying)

    assert (paid.status, paid.body["status"]) == (200, "booked")
    assert paid.body["payment_status"] == "partial"
    assert paid.body["amount_paid"]["amount"] == "50.00"


def test_the_amount_is_ours_and_not_the_clients(client: Client) -> None:
    booking_id = client.post("/api/user/book-slot", SLOT).body["booking_id"]
    order = client.post("/api/payments/orders", {"booking_id": booking_id, "amount": "1.00"})

    assert (order.status, order.code) == (400, "VALIDATION_FAILED")


def test_a_forged_answer_of_the_checkout_is_refused(client: Client, paying: PayingCarPark) -> None:
    booking_id = client.post("/api/user/book-slot", SLOT).body["booking_id"]
    forged = verify(client, paying, razorpay_signature="0" * 64)

    assert (forged.status, forged.code) == (400, "PAYMENT_NOT_VERIFIED")
    assert client.get(f"/api/bookings/{booking_id}").body["status"] == "pending"


def test_an_order_of_another_customer_does_not_exist(client: Client, paying: PayingCarPark) -> None:
    booking_id = client.post("/api/user/book-slot", SLOT).body["booking_id"]
    other = client.by(paying.other)

    assert other.post("/api/payments/orders", {"booking_id": booking_id}).status == 404
    assert verify(other, paying).status == 404


def test_the_booking_alone_is_enough_to_ask(client: Client, paying: PayingCarPark) -> None:
    booking_id = client.post("/api/user/book-slot", SLOT).body["booking_id"]
    paying.gateway.attempt("order_1")
    asked = client.post("/api/payments/verify", {"booking_id": booking_id})

    assert asked.body["status"] == "booked"


def test_a_message_books(client: Client, paying: PayingCarPark) -> None:
    booking_id = client.post("/api/user/book-slot", SLOT).body["booking_id"]
    paying.gateway.attempt("order_1")
    for _ in range(2):
        assert send(client, paying, "order.paid") == (200, {"received": True})
    paying.hear(paying.deps.bookings.get(booking_id))

    assert client.get(f"/api/bookings/{booking_id}").body["status"] == "booked"


def send(client: Client, paying: PayingCarPark, name: str, **headers: str) -> tuple[int, Any]:
    message = paying.gateway.message(name, "order_1")
    answer = client.sending(**message.headers, **headers).call(
        "POST", "/api/payments/webhooks/razorpay", message.body
    )
    return answer.status, answer.body


def test_a_message_that_is_not_signed_is_refused(client: Client, paying: PayingCarPark) -> None:
    message = paying.gateway.message("order.paid", "order_1")
    signed = client.sending(**message.headers)
    for body in (message.body + b" ", message.body[:-1], b"", "ü".encode()):
        refused = signed.call("POST", "/api/payments/webhooks/razorpay", body)
        assert (refused.status, refused.code) == (400, "BAD_SIGNATURE")


def test_a_message_of_a_megabyte_is_refused_by_name(client: Client) -> None:
    refused = client.call("POST", "/api/payments/webhooks/razorpay", b"x" * 1_000_000)

    assert (refused.status, refused.code) == (413, "PAYLOAD_TOO_LARGE")


def test_a_message_for_a_gateway_that_is_not_there_is_refused(client: Client) -> None:
    refused = client.call("POST", "/api/payments/webhooks/phonepe", b"{}")

    assert (refused.status, refused.code) == (404, "PAYMENT_NOT_FOUND")


def test_an_owner_pays_back_a_part(client: Client, paying: PayingCarPark) -> None:
    booking = paying.book_and_pay()
    owner = client.by(paying.owner)
    path = f"/api/bookings/{booking.booking_id}/refund"
    back = owner.post(path, {"reason": "The barrier was broken.", "amount": "20.00"})

    assert back.body["payment"]["amount_refunded"]["amount"] == "20.00"
    assert [refund["status"] for refund in back.body["payment"]["refunds"]] == ["pending"]
    too_much = owner.post(path, {"reason": "again", "amount": "30.01"})
    assert (too_much.status, too_much.code) == (409, "REFUND_TOO_HIGH")


def test_a_refund_that_is_sent_twice_under_one_key_is_paid_once(
    client: Client, paying: PayingCarPark
) -> None:
    booking = paying.book_online()
    paying.gateway.attempt("order_1")
    paying.hear(booking)
    owner = client.by(paying.owner).sending(Idempotency_Key="once")
    path = f"/api/bookings/{booking.booking_id}/refund"
    body = {"reason": "The barrier was broken.", "amount": "20.00"}
    first, again = owner.post(path, body), owner.post(path, body)

    assert (first.status, again.body) == (200, first.body)
    assert again.body["payment"]["amount_refunded"]["amount"] == "20.00"


def test_what_does_not_fit_is_listed_for_the_owner(client: Client, paying: PayingCarPark) -> None:
    booking = paying.book_online()
    paying.gateway.attempt("order_1", amount=booking.tariff.money(1))
    paying.hear(booking)
    listed = client.by(paying.owner).get("/api/admin/payment-reviews?site=central")

    assert [(case["order"], case["reason"]) for case in listed.body["items"]] == [
        ("order_1", "the amount is 0.01 INR")
    ]
    assert client.by(paying.owner).get("/api/admin/payment-reviews").status == 403
    assert client.by(paying.admin).get("/api/admin/payment-reviews").body["items"] == []


def test_what_does_not_fit_is_listed_page_by_page(client: Client, paying: PayingCarPark) -> None:
    for order in ("order_8", "order_9"):
        asking.ask(paying.deps, f"razorpay/{order}")
    admin = client.by(paying.admin)
    first = admin.get("/api/admin/payment-reviews?limit=1").body
    last = admin.get(f"/api/admin/payment-reviews?limit=1&cursor={first['next_cursor']}").body

    orders = [case["order"] for page in (first, last) for case in page["items"]]
    assert sorted(orders) == ["order_8", "order_9"]


def test_a_refund_that_has_failed_is_made_again_by_another_call(
    client: Client, paying: PayingCarPark
) -> None:
    paying.gateway.refunds_are = "pending"
    booking = paying.book_and_pay()
    owner = client.by(paying.owner)
    path = f"/api/bookings/{booking.booking_id}/refund"
    body = {"reason": "The barrier was broken."}
    owner.post(path, body)
    paying.hear(booking)
    assert owner.post(path, body).code == "REFUND_TOO_HIGH"
    paying.gateway.decide_refunds("failed")
    paying.hear(booking)
    shown = owner.get(f"/api/bookings/{booking.booking_id}").body["payment"]
    assert [refund["status"] for refund in shown["refunds"]] == ["failed"]
    paying.gateway.refunds_are = "processed"
    again = owner.post(path, body)
    paying.hear(booking)

    assert again.status == 200
    shown = owner.get(f"/api/bookings/{booking.booking_id}").body["payment"]
    assert [refund["status"] for refund in shown["refunds"]] == ["failed", "processed"]
    assert paying.gateway.balance == 0


def test_a_refund_has_a_reason_and_stands_in_the_audit_trail(
    client: Client, paying: PayingCarPark
) -> None:
    booking = paying.book_and_pay()
    owner = client.by(paying.owner)
    path = f"/api/bookings/{booking.booking_id}/refund"
    refused = owner.post(path, {"amount": "20.00"})
    owner.post(path, {"amount": "20.00", "reason": "The barrier was broken."})

    assert (refused.status, refused.code) == (400, "VALIDATION_FAILED")
    trail = client.by(paying.admin).get("/api/admin/audit?date=2026-11-21&site=central").body
    assert ("refund", booking.booking_id, "The barrier was broken.") in [
        (event["action"], event["subject"], event["detail"]) for event in trail["items"]
    ]
