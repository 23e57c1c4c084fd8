"""The payment gateways that a running local server emulates, asked by the real adapters."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta

from chalicelib import settings
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.gateway import GatewayOrder, NewOrder
from chalicelib.gateways.payments import phonepe_connect, razorpay
from chalicelib.gateways.payments.protocol import PaymentGateway
from local.payments import keys
from tests.backend import ENVIRONMENT
from tests.local_server import LocalServer

Connect = Callable[[settings.Settings, Callable[[], datetime]], PaymentGateway | None]
CONNECTS: dict[str, Connect] = {
    "razorpay": razorpay.connect,
    "phonepe": phonepe_connect.connect,
}


def gateway(berth: LocalServer, name: str) -> PaymentGateway:
    """The real adapter with the settings of the local runtime."""
    env = {**ENVIRONMENT, "STAGE": "local", **keys.variables(berth.address, {})}
    found = CONNECTS[name](settings.read(env), lambda: datetime.now(UTC))
    assert found is not None
    return found


def ordered(berth: LocalServer, name: str = "razorpay") -> GatewayOrder:
    """A new order of 150 rupees, for ten minutes."""
    expires_at = berth.now() + timedelta(minutes=10)
    order = NewOrder("PY_1", Money(15000, "INR"), expires_at, "Bay", "http://127.0.0.1/back")
    return gateway(berth, name).create_order(order)
