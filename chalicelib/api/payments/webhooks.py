"""Messages of payment gateways, each as it came: its signature is over its bytes."""

from __future__ import annotations

from typing import Final

from chalicelib.api.payments.views import ReceivedView
from chalicelib.api.web.http import PUBLIC, Answer, Call, Routes, ok
from chalicelib.api.web.route import SignedBody
from chalicelib.domain.core import serialize
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.services.payments import webhooks

routes = Routes(__name__)

RAZORPAY: Final = SignedBody(
    "A message of Razorpay about an order, a payment or a refund, as Razorpay documents it. Only "
    "its order is read: Razorpay is asked what has happened to it. At most 64 KB.",
    "RazorpayMessage",
    ("RazorpaySignature", "RazorpayEventId"),
)
PHONEPE: Final = SignedBody(
    "A message of PhonePe about an order or a refund, as PhonePe documents it. API v2 proves "
    "itself by the header `Authorization`: the SHA-256 of `user:password` of the webhook, in small "
    "hexadecimal digits. API v1 sends one text, `response`, and X-VERIFY. Only the order is read: "
    "PhonePe is asked what has happened to it. At most 64 KB.",
    "PhonePeMessage",
    ("PhonePeVerify",),
)


def receive(call: Call, gateway: GatewayName) -> Answer:
    """Take a message of a gateway."""
    webhooks.receive(call.deps, gateway, call.body.headers, call.body.content)
    return ok(serialize.fields(ReceivedView()))


@routes.post("/api/payments/webhooks/razorpay", who=PUBLIC, signed=RAZORPAY, gives=ReceivedView)
def razorpay_webhook(call: Call) -> Answer:
    """Take a message of Razorpay. A copy of one that has come before changes nothing."""
    return receive(call, "razorpay")


@routes.post("/api/payments/webhooks/phonepe", who=PUBLIC, signed=PHONEPE, gives=ReceivedView)
def phonepe_webhook(call: Call) -> Answer:
    """Take a message of PhonePe. A copy of one that has come before changes nothing."""
    return receive(call, "phonepe")
