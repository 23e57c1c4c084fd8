"""What a customer owes and has paid, over the API: dues are paid online, in cash, or waived."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib import wiring
from chalicelib.domain.bookings.booking import Booking
from chalicelib.gateways.payment_gateways import Gateways
from chalicelib.services.bookings import settle
from chalicelib.services.payments import asking
from chalicelib.services.stays import online_exits
from tests import builders
from tests.client import Client, Reply
from tests.clock import Clock
from tests.gateway import Browser
from tests.payments.agreement import assert_agree
from tests.payments.car_park import PayingCarPark

FORM = {"Content-Type": "application/x-www-form-urlencoded"}


def overstayed(paying: PayingCarPark, clock: Clock) -> Booking:
    """A stay that an auto-checkout has ended unpaid."""
    paying.change_zone(paying.zone_a, policy=builders.TIMED)
    booking = paying.enter(paying.book())
    clock.move(minutes=61)
    return settle.read(paying.deps, booking.booking_id)


def not_come(paying: PayingCarPark, clock: Clock) -> Booking:
    """A booking without an entry, with a fee for that."""
    priced = replace(builders.HOURLY, booking_fee=0, no_show_fee=5000)
    paying.change_zone(paying.zone_a, tariff=priced)
    booking = paying.book()
    clock.move(hours=3)
    return settle.read(paying.deps, booking.booking_id)


def let_out(paying: PayingCarPark, clock: Clock) -> Booking:
    """A car that left unpaid, because the gateway did not answer."""
    booking = paying.enter(paying.book())
    clock.move(minutes=30)
    code = paying.deps.tokens.qr(booking)
    online_exits.let_out(paying.deps, paying.staff, code, reason="the gateway is down")
    return paying.read(booking)


Owe = Callable[[PayingCarPark, Clock], Booking]
each_debt = pytest.mark.parametrize("owe", [overstayed, not_come, let_out])


def online(client: Client, paying: PayingCarPark, debt: Booking) -> None:
    order = client.by(paying.user).post("/api/payments/orders", {"booking_id": debt.booking_id})
    paying.gateway.attempt(order.body["order_id"])
    asking.ask(paying.deps, paying.payment(debt).reference)


def by_link(client: Client, paying: PayingCarPark, debt: Booking) -> None:
    url = client.by(paying.user).get("/api/me/dues").body["items"][0]["pay_url"]
    path = url.removeprefix("https://berth.example.com")
    leading = Browser().post(path, headers=FORM, body=b"").body.decode()
    [order_id] = re.findall(r'name="order_id" value="(\w+)"', leading)
    paying.gateway.attempt(order_id)
    Browser().post(f"{path}/result", headers=FORM, body=b"")


def in_cash(client: Client, paying: PayingCarPark, debt: Booking) -> None:
    paid = client.by(paying.staff).post(
        "/api/staff/exit", {"qr_code": paying.deps.tokens.qr(debt), "payment_method": "CASH"}
    )
    assert paid.status == 200


def waived(client: Client, paying: PayingCarPark, debt: Booking) -> None:
    path, why = f"/api/bookings/{debt.booking_id}/waive", {"reason": "goodwill"}
    assert client.by(paying.staff).post(path, why).status == 403
    assert client.by(paying.owner).post(path, {}).fields == {"reason": "is required"}
    assert client.by(paying.owner).post(path, why).status == 200


def book(client: Client, paying: PayingCarPark) -> Reply:
    return client.by(paying.user).post("/api/bookings", {"zone_id": "zone-a", "minutes": 60})


@each_debt
@pytest.mark.parametrize("settled", [online, by_link, in_cash, waived])
def test_a_debt_stands_in_the_way_until_it_is_paid_or_waived(
    client: Client,
    paying: PayingCarPark,
    clock: Clock,
    owe: Owe,
    settled: Callable[[Client, PayingCarPark, Booking], None],
) -> None:
    debt = owe(paying, clock)
    [item] = client.get("/api/me/dues").body["items"]
    assert (item["booking_id"], item["amount_due"]) == (
        debt.booking_id,
        {"amount": "50.00", "currency": "INR"},
    )
    assert client.by(paying.other).get("/api/me/dues").body == {"items": []}
    refused = book(client, paying)
    assert (refused.status, refused.code) == (409, "PAYMENT_DUE")
    error = refused.body["error"]
    assert (error["amount_due"]["amount"], error["booking_id"]) == ("50.00", debt.booking_id)
    assert error["pay_url"].startswith("https://berth.example.com/pay/")
    assert "Pay online, at the gate or at the desk of" in error["message"]

    settled(client, paying, debt)

    assert client.by(paying.user).get("/api/me/dues").body == {"items": []}
    assert_agree(paying, debt)
    assert book(client, paying).status == 201


@each_debt
@pytest.mark.parametrize("settled", [in_cash, waived])
def test_a_payment_that_comes_after_the_debt_was_settled_goes_back_in_full(
    client: Client,
    paying: PayingCarPark,
    clock: Clock,
    owe: Owe,
    settled: Callable[[Client, PayingCarPark, Booking], None],
) -> None:
    debt = owe(paying, clock)
    order = client.post("/api/payments/orders", {"booking_id": debt.booking_id}).body
    settled(client, paying, debt)
    paying.gateway.attempt(order["order_id"])
    assert_agree(paying, debt)
    assert paying.gateway.balance == 0


def test_without_a_gateway_a_debt_has_no_page(
    client: Client, paying: PayingCarPark, clock: Clock
) -> None:
    overstayed(paying, clock)
    wiring.use(replace(paying.deps, gateways=Gateways()))
    assert [item["pay_url"] for item in client.get("/api/me/dues").body["items"]] == [None]
    assert "pay_url" not in book(client, paying).body["error"]


def test_a_booking_shows_its_payments_its_refunds_and_the_number_of_the_bank(
    client: Client, paying: PayingCarPark
) -> None:
    booking = paying.book_online()
    order = paying.payment(booking)
    paying.gateway.attempt("order_1", "failed")
    paying.pay(booking)
    path = f"/api/bookings/{booking.booking_id}"
    client.by(paying.owner).post(f"{path}/refund", {"reason": "rain", "amount": "20.00"})
    paying.hear(booking)
    shown = client.by(paying.user).get(f"{path}/payments").body

    assert (shown["amount_paid"]["amount"], shown["amount_refunded"]["amount"]) == (
        "50.00",
        "20.00",
    )
    [payment] = shown["payments"]
    assert (payment["reference"], payment["state"], payment["method"], payment["attempts"]) == (
        order.reference,
        "captured",
        "upi",
        2,
    )
    [refund] = payment["refunds"]
    assert (refund["amount"]["amount"], refund["status"]) == ("20.00", "processed")


def test_an_order_that_has_run_out_is_replaced_and_both_are_shown(
    client: Client, paying: PayingCarPark, clock: Clock
) -> None:
    debt = overstayed(paying, clock)
    asked = {"booking_id": debt.booking_id}
    first = client.post("/api/payments/orders", asked).body
    clock.move(minutes=16)
    second = client.post("/api/payments/orders", asked).body
    assert first["order_id"] != second["order_id"]
    paying.gateway.attempt(second["order_id"])
    paying.hear(debt)
    shown = client.get(f"/api/bookings/{debt.booking_id}/payments").body["payments"]
    assert [each["state"] for each in shown] == ["closed", "captured"]


def test_the_history_has_what_was_paid_online_and_by_hand_page_by_page(
    client: Client, paying: PayingCarPark, clock: Clock
) -> None:
    paid_online = paying.book_and_pay()
    clock.move(minutes=1)
    stay = paying.enter(paying.book(number="A-002"))
    clock.move(minutes=30)
    paying.leave(stay, "50.00")
    paying.book(number="A-003")  # nothing is paid for it yet
    pages = [client.get("/api/me/payments?limit=1").body]
    while cursor := pages[-1]["next_cursor"]:
        pages.append(client.get(f"/api/me/payments?limit=1&cursor={cursor}").body)
    items = [item for page in pages for item in page["items"]]
    assert {item["booking_id"]: item["paid_by_hand"]["amount"] for item in items} == {
        paid_online.booking_id: "0.00",
        stay.booking_id: "50.00",
    }
    assert [item["booking_id"] for item in client.get("/api/me/payments").body["items"]] == [
        item["booking_id"] for item in items
    ]
    assert client.by(paying.other).get("/api/me/payments").body["items"] == []
