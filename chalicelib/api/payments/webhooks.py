"""Messages of payment gateways. They are signed over their raw body."""

from __future__ import annotations

from chalicelib.api.payments.views import ReceivedView
from chalicelib.api.web.http import PUBLIC, Answer, Call, Routes, ok
from chalicelib.domain.core import serialize
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.services.payments import webhooks

routes = Routes(__name__)


def receive(call: Call, gateway: GatewayName) -> Answer:
    """Take a message of a gateway."""
    webhooks.receive(call.deps, gateway, call.body.headers, call.body.content)
    return ok(serialize.fields(ReceivedView()))


@routes.post("/api/payments/webhooks/razorpay", who=PUBLIC, raw=True, gives=ReceivedView)
def razorpay_webhook(call: Call) -> Answer:
    """Take a message of Razorpay. A copy of one that has come before changes nothing."""
    return receive(call, "razorpay")


@routes.post("/api/payments/webhooks/phonepe", who=PUBLIC, raw=True, gives=ReceivedView)
def phonepe_webhook(call: Call) -> Answer:
    """Take a message of PhonePe. A copy of one that has come before changes nothing."""
    return receive(call, "phonepe")
