"""The OpenAPI document describes what gateways send: the body, its proof, the answers."""

from __future__ import annotations

import json
from typing import Any

import pytest

from chalicelib import routes
from chalicelib.api.web.answers import JSON
from tests.clock import Clock
from tests.payments import in_process
from tests.razorpay import SECRET, with_key

CONTRACT = routes.contract()
RAZORPAY = ["/api/payments/webhooks/razorpay", "/api/payment/webhook"]
PHONEPE = ["/api/payments/webhooks/phonepe", "/api/payment/callback/phonepe"]
REFERENCE = "BK7Q2M9X4T1NG1QR00005_1"


def operation(path: str) -> dict[str, Any]:
    found: dict[str, Any] = CONTRACT["paths"][path]["post"]
    return found


def headers(path: str) -> dict[str, bool]:
    """The names of the headers, and whether they are needed."""
    known = CONTRACT["components"]["parameters"]
    named = (each["$ref"].rpartition("/")[2] for each in operation(path)["parameters"])
    return {known[name]["name"]: known[name].get("required", False) for name in named}


@pytest.mark.parametrize("path", [*RAZORPAY, *PHONEPE])
def test_a_message_has_a_body_and_answers(path: str) -> None:
    body, answers = operation(path)["requestBody"], operation(path)["responses"]

    assert body["required"]
    assert body["content"][JSON]["schema"] == {"type": "object"}
    assert {"200", "400", "404", "413"} <= answers.keys()


@pytest.mark.parametrize("path", RAZORPAY)
def test_the_example_of_razorpay_is_read_as_it_is(path: str) -> None:
    sent = json.dumps(operation(path)["requestBody"]["content"][JSON]["example"]).encode()
    clock = Clock()
    with in_process.razorpay(clock, lambda call: call()) as (_, gateway):
        (secret, *_) = with_key(SECRET).webhook_secrets
        signature = in_process.signed(secret, sent)
        event = gateway.read_event({"x-razorpay-signature": signature}, sent)

    assert (event.name, event.reference) == ("order.paid", REFERENCE)
    assert headers(path) == {
        "X-Razorpay-Signature": True,
        "X-Razorpay-Event-Id": False,
        "Accept-Language": False,
    }


@pytest.mark.parametrize("path", PHONEPE)
def test_the_example_of_phonepe_is_read_as_it_is(path: str) -> None:
    sent = json.dumps(operation(path)["requestBody"]["content"][JSON]["example"]).encode()
    with in_process.phonepe(Clock(), lambda call: call()) as (_, gateway):
        event = gateway.read_event({"authorization": in_process.PHONEPE_PROOF}, sent)

    assert (event.name, event.reference) == ("checkout.order.completed", REFERENCE)
    assert headers(path) == {"X-VERIFY": False, "Accept-Language": False}
    assert "Authorization" in operation(path)["requestBody"]["description"]
