"""The page on which a person pays an order of an emulated gateway, or does not."""

from __future__ import annotations

import re
from typing import Final

from local.control import answers, bodies
from local.control.controlled import Call, View
from local.gateway import HttpResponse
from local.payments.gateways import Act, LocalGateways, Method, NotPossible
from local.payments.keys import SECRETS

UPI_IDS: Final[dict[str, Act]] = {"success@razorpay": "pay", "failure@razorpay": "fail"}
"""https://razorpay.com/docs/payments/payments/test-upi-details/"""

CARDS: Final[dict[str, Act]] = {"4111111111111111": "pay", "4000000000000002": "fail"}
"""Numbers of no real card."""

_WITHOUT_MEANS: Final[dict[str, Act]] = {
    "fail": "fail",
    "wait": "wait",
    "bank_pays": "bank_pays",
    "bank_fails": "bank_fails",
}


def show(call: Call, order_id: str) -> HttpResponse:
    """The order, and what its payer may do."""
    return _page(call, order_id)


def open_checkout(call: Call) -> HttpResponse:
    """The Hosted Checkout of Razorpay: takes the form that a page of Berth posts, and shows the
    order. https://razorpay.com/docs/payments/payment-gateway/web-integration/hosted/"""
    fields = bodies.form(call.request)
    order_id = fields.get("order_id", "")
    if fields.get("key_id") != SECRETS["razorpay"]["key_id"]:
        return answers.page("no_order.html", status=400, order_id=order_id)
    call.product.gateways.razorpay.come_back(order_id, fields.get("callback_url"))
    return answers.see_other(f"/_local/pay/{order_id}")


def act(call: Call, order_id: str) -> HttpResponse:
    """Do what a button says, and show the order again. What stands in the form is not kept."""
    fields = bodies.form(call.request)
    if call.product.gateways.find(order_id) is None:
        return _page(call, order_id)
    try:
        _do(call.product.gateways, order_id, fields)
    except NotPossible as problem:
        return _page(call, order_id, str(problem))
    call.product.settle_stream()
    return answers.see_other(call.request.path)


def _do(gateways: LocalGateways, order_id: str, fields: dict[str, str]) -> None:
    """Raises NotPossible."""
    button = fields.get("do", "")
    if button in _WITHOUT_MEANS:
        gateways.act(order_id, _WITHOUT_MEANS[button])
    elif button == "twice":
        for step in ("wait", "pay", "bank_pays"):
            gateways.act(order_id, step)
    else:
        outcome, method = _means(fields)
        gateways.act(order_id, outcome, method)


def _means(fields: dict[str, str]) -> tuple[Act, Method]:
    """What comes of the UPI ID or the card. Raises NotPossible for one that is not for tests."""
    if fields.get("do") == "card":
        number = re.sub(r"[ -]", "", fields.get("card", ""))
        if number not in CARDS:
            raise NotPossible("Use one of the card numbers that are shown.")
        return CARDS[number], "card"
    upi_id = fields.get("upi_id", "").strip().lower()
    if upi_id not in UPI_IDS:
        raise NotPossible("Use one of the UPI IDs that are shown.")
    return UPI_IDS[upi_id], "upi"


def _page(call: Call, order_id: str, fault: str = "") -> HttpResponse:
    order = call.product.gateways.find(order_id)
    if order is None:
        return answers.page("no_order.html", status=404, order_id=order_id)
    status = 400 if fault else 200
    return answers.page("pay.html", status=status, order=order, fault=fault, path=call.request.path)


ROUTES: Final[dict[str, dict[str, View]]] = {
    "/_local/razorpay/v1/checkout/embedded": {"POST": open_checkout},
    "/_local/(?:phonepe/)?pay/([^/]+)": {"GET": show, "POST": act},
}
