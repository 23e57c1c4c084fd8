"""What clients and strangers send that is not theirs to say: amounts, currencies, bookings of
others, card numbers, messages that are too large."""

from __future__ import annotations

from typing import Any

import pytest

from chalicelib import sweeps
from chalicelib.domain.core.access import Role
from tests.client import Client
from tests.clock import Clock
from tests.payments import agreement
from tests.payments.car_park import PayingCarPark

CARD = "my card is 4111 1111 1111 1111"
AHEAD = {"zone_id": "zone-a", "start": "2026-11-21T09:00:00Z", "payment_method": "ONLINE"}


@pytest.fixture
def booking_id(client: Client) -> str:
    """A booking that waits for its fee."""
    return str(client.post("/api/bookings", AHEAD).body["booking_id"])


@pytest.mark.parametrize(
    ("path", "field"),
    [
        ("/api/payments/orders", "amount"),
        ("/api/payments/orders", "currency"),
        ("/api/payments/orders", "gateway"),
        ("/api/payments/verify", "amount"),
        ("/api/payments/verify", "status"),
    ],
)
def test_what_only_berth_says_is_refused_by_name(
    client: Client, booking_id: str, path: str, field: str
) -> None:
    refused = client.post(path, {"booking_id": booking_id, field: "1.00"})

    assert (refused.status, refused.fields) == (400, {field: "is not a known field"})


@pytest.mark.parametrize(
    "amount", ["20.00 USD", {"amount": "20.00", "currency": "USD"}, "0.001", "-1.00", "1e2", "0.00"]
)
def test_a_refund_of_another_currency_or_of_no_money_is_refused(
    client: Client, paying: PayingCarPark, booking_id: str, amount: Any
) -> None:
    paid = paying.pay(paying.deps.bookings.get(booking_id))
    asked = {"reason": "goodwill", "amount": amount}
    refused = client.by(paying.owner).post(f"/api/bookings/{booking_id}/refund", asked)

    assert refused.code in ("VALIDATION_FAILED", "REFUND_TOO_HIGH")
    assert paying.read(paid) == paid
    agreement.assert_agree(paying, paid)


def test_the_owner_of_another_site_neither_pays_back_nor_learns_of_it(
    client: Client, paying: PayingCarPark, booking_id: str
) -> None:
    paying.add_site("elsewhere")
    stranger = client.by(paying.add_account("stranger", Role.OWNER, "elsewhere"))
    paid = paying.pay(paying.deps.bookings.get(booking_id))
    refund = stranger.post(f"/api/bookings/{booking_id}/refund", {"reason": "goodwill"})
    asked = stranger.post("/api/payments/verify", {"booking_id": booking_id})

    assert {refund.status, asked.status} <= {403, 404}
    assert paying.read(paid) == paid


def test_the_answer_of_one_order_pays_no_other(
    client: Client, paying: PayingCarPark, booking_id: str
) -> None:
    other = client.post("/api/bookings", AHEAD).body["booking_id"]
    attempt_id = paying.gateway.attempt("order_1")
    answer = {
        "razorpay_order_id": "order_2",
        "razorpay_payment_id": attempt_id,
        "razorpay_signature": paying.gateway.checkout("order_1", attempt_id),
    }
    refused = client.post("/api/payments/verify", answer)

    assert (refused.status, refused.code) == (400, "PAYMENT_NOT_VERIFIED")
    assert {paying.deps.bookings.get(each).status for each in (booking_id, other)} == {"pending"}


def test_a_card_number_is_refused_where_people_write(
    client: Client, paying: PayingCarPark, booking_id: str
) -> None:
    word = "must not contain a card number"
    booked = client.post("/api/bookings", AHEAD | {"purpose": CARD, "owner_name": CARD})
    cancelled = client.post(f"/api/bookings/{booking_id}/cancel", {"reason": CARD})
    refunded = client.by(paying.owner).post(f"/api/bookings/{booking_id}/refund", {"reason": CARD})

    assert booked.fields == {"purpose": word, "owner_name": word}
    assert refunded.fields == cancelled.fields == {"reason": word}
    for answer in (booked, cancelled, refunded):
        assert "4111" not in str(answer.body)


def test_a_message_of_a_megabyte_is_refused_and_its_payment_is_found_all_the_same(
    client: Client, paying: PayingCarPark, clock: Clock, booking_id: str
) -> None:
    paying.gateway.attempt("order_1")
    message = paying.gateway.message("order.paid", "order_1")
    large = message.body[:-1] + b" " * 1_000_000 + b"}"
    refused = client.sending(**message.headers).call(
        "POST", "/api/payments/webhooks/razorpay", large
    )
    assert (refused.status, refused.code) == (413, "PAYLOAD_TOO_LARGE")
    assert paying.deps.bookings.get(booking_id).status == "pending"
    clock.move(minutes=26)
    sweeps.run(paying.deps, "reconcile")

    assert paying.deps.bookings.get(booking_id).status == "booked"
