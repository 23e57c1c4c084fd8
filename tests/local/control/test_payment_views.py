"""The emulated gateways behind the control surface: their APIs, the payer's acts, faults."""

from __future__ import annotations

import base64
import json
from typing import Any

import pytest

from local.gateway import HttpRequest, HttpResponse
from local.payments.deliveries import Plan
from local.payments.faults import HungUp
from local.payments.keys import SECRETS
from tests.local.control.conftest import Product

AMOUNT = {"amount": "150.00", "currency": "INR"}
KEY = f"{SECRETS['razorpay']['key_id']}:{SECRETS['razorpay']['key_secret']}"
AUTH = (("Authorization", f"Basic {base64.b64encode(KEY.encode()).decode()}"),)


def razorpay(product: Product, method: str, path: str, body: Any = None) -> HttpResponse:
    """The answer of the emulated API."""
    sent = json.dumps(body).encode() if body else b""
    return product.control.handle(HttpRequest(method, f"/_local/razorpay/v1/{path}", AUTH, sent))


def ordered(product: Product) -> str:
    """The id of a new order at Razorpay."""
    answer = razorpay(
        product, "POST", "orders", {"amount": 15000, "currency": "INR", "receipt": "PY_1"}
    )
    assert answer.status == 200, answer
    return str(json.loads(answer.body)["id"])


def ordered_at_phonepe(product: Product) -> str:
    """The id of a new order at PhonePe."""
    secret = SECRETS["phonepe"]
    form = "&".join(
        f"{name}={secret[name]}" for name in ("client_id", "client_version", "client_secret")
    )
    token = product.ask(
        "POST",
        "/_local/phonepe/apis/identity-manager/v1/oauth/token",
        f"{form}&grant_type=client_credentials".encode(),
    )
    sent = {
        "merchantOrderId": "PY_2",
        "amount": 15000,
        "paymentFlow": {
            "type": "PG_CHECKOUT",
            "merchantUrls": {"redirectUrl": "http://127.0.0.1/b"},
        },
    }
    signed_in = (("Authorization", f"O-Bearer {json.loads(token.body)['access_token']}"),)
    path = "/_local/phonepe/apis/pg/checkout/v2/pay"
    answer = product.control.handle(HttpRequest("POST", path, signed_in, json.dumps(sent).encode()))
    assert answer.status == 200, answer
    return str(json.loads(answer.body)["orderId"])


def post(product: Product, path: str, body: Any = None) -> tuple[int, Any]:
    sent = b"" if body is None else json.dumps(body).encode()
    answer = product.ask("POST", f"/_local/{path}", sent)
    return answer.status, json.loads(answer.body)


def test_a_capture_pays_the_order_and_sends_the_signed_messages(product: Product) -> None:
    order_id = ordered(product)
    status, answer = post(product, f"payments/{order_id}/capture")
    assert (status, answer["paid"], answer["reference"]) == (200, True, "PY_1")
    [attempt] = answer["attempts"]
    assert (attempt["state"], answer["amount"]) == ("paid", AMOUNT)
    signed = product.gateways.razorpay.signed_by_checkout(order_id, attempt["payment_id"])
    assert attempt["signature"] == signed
    assert [json.loads(each.body)["event"] for each in product.heard] == [
        "payment.authorized", "payment.captured", "order.paid",
    ]  # fmt: skip
    assert {each.path for each in product.heard} == {"/api/payments/webhooks/razorpay"}
    assert all(each.header("x-razorpay-signature") for each in product.heard)


def test_a_failure_leaves_the_order_open(product: Product) -> None:
    order_id = ordered(product)
    _, answer = post(product, f"payments/{order_id}/fail")
    assert (answer["paid"], [each["state"] for each in answer["attempts"]]) == (False, ["failed"])
    assert answer["attempts"][0]["signature"] is None
    assert [json.loads(each.body)["event"] for each in product.heard] == ["payment.failed"]


def test_a_late_payment_waits_for_the_bank(product: Product) -> None:
    order_id = ordered(product)
    _, answer = post(product, f"payments/{order_id}/wait")
    assert answer["attempts"][0]["state"] == "waits at the bank"
    product.clock.advance(660)
    _, answer = post(product, f"payments/{order_id}/bank-pays")
    assert answer["paid"]
    refused, problem = post(product, f"payments/{order_id}/bank-fails")
    assert (refused, problem["error"]["code"]) == (409, "NOT_POSSIBLE")


def test_an_order_of_phonepe_is_paid_in_the_same_way(product: Product) -> None:
    order_id = ordered_at_phonepe(product)
    _, answer = post(product, f"payments/{order_id}/capture")
    assert (answer["gateway"], answer["paid"], answer["amount"]) == ("phonepe", True, AMOUNT)
    assert [each.path for each in product.heard] == ["/api/payments/webhooks/phonepe"]


def test_an_order_that_nobody_made_is_not_found(product: Product) -> None:
    status, answer = post(product, "payments/order_none/capture")
    assert (status, answer["error"]["code"]) == (404, "ORDER_NOT_FOUND")


# -- what goes wrong on request


def test_the_next_calls_fail_on_request(product: Product) -> None:
    asked = {"kind": "html", "operation": "orders", "times": 2}
    assert post(product, "gateways/razorpay/faults", asked) == (200, asked)
    statuses = [razorpay(product, "GET", "orders").status for _ in range(3)]
    assert statuses == [502, 502, 200]


def test_a_connection_ends_without_an_answer_on_request_after_the_effect(product: Product) -> None:
    post(product, "gateways/razorpay/faults", {"kind": "hang_up", "after": True})
    with pytest.raises(HungUp):
        ordered(product)
    assert len(product.gateways.razorpay.book.orders) == 1


def test_messages_come_several_times_and_late_on_request(product: Product) -> None:
    order_id = ordered(product)
    asked = {"copies": 2, "delay_seconds": 60}
    assert post(product, "gateways/razorpay/messages", asked) == (200, asked)
    assert product.gateways.razorpay.deliveries._plans == [Plan(2, 60)]
    post(product, f"payments/{order_id}/fail")
    assert product.heard == []
    product.clock.advance(60)
    product.gateways.tick()
    assert len(product.heard) == 2
    assert product.heard[0].body == product.heard[1].body


@pytest.mark.parametrize("name", ["razorpay", "phonepe"])
def test_the_next_refunds_fail_on_request(product: Product, name: str) -> None:
    assert post(product, f"gateways/{name}/refunds", {"failing": 2})[0] == 200
    failing = {
        "razorpay": product.gateways.razorpay.book.failing_refunds,
        "phonepe": product.gateways.phonepe.book.failing_refunds,
    }
    assert failing == {"razorpay": 0, "phonepe": 0, name: 2}


def test_the_second_payment_of_an_order_is_kept_on_request(product: Product) -> None:
    order_id = ordered(product)
    post(product, "gateways/razorpay/second-payments", {"kept": True})
    for act in ("wait", "capture", "bank-pays"):
        _, answer = post(product, f"payments/{order_id}/{act}")
    assert [each["state"] for each in answer["attempts"]] == ["paid", "paid"]


@pytest.mark.parametrize(
    ("path", "body", "fields"),
    [
        ("razorpay/faults", {}, {"kind"}),
        ("razorpay/faults", {"kind": "flood"}, {"kind"}),
        ("razorpay/faults", {"kind": ["html"]}, {"kind"}),
        ("phonepe/faults", {"kind": "html", "operation": 7}, {"operation"}),
        ("phonepe/faults", {"kind": "html", "after": 1}, {"after"}),
        ("razorpay/faults", {"kind": "html", "times": 101}, {"times"}),
        ("razorpay/faults", {"kind": "silent", "seconds": -1}, {"seconds"}),
        ("razorpay/messages", {"copies": "2"}, {"copies"}),
        ("razorpay/messages", {"delay_seconds": True}, {"delay_seconds"}),
        ("razorpay/messages", {"delay": 1}, {"delay"}),
        ("razorpay/refunds", {"failing": 1.5}, {"failing"}),
        ("razorpay/second-payments", {}, {"kept"}),
    ],
)
def test_a_wrong_wish_is_refused(product: Product, path: str, body: Any, fields: set[str]) -> None:
    status, answer = post(product, f"gateways/{path}", body)
    assert (status, set(answer["error"]["fields"])) == (400, fields)


def test_other_gateways_are_not_there(product: Product) -> None:
    for path in ("gateways/stripe/faults", "razorpay/v2/orders", "phonepe/v1/orders"):
        assert product.ask("POST", f"/_local/{path}", b"{}").status == 404
