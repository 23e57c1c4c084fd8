"""The payment gateways of a deployment. Each is loaded when it is first needed, so that a start and
a booking in cash load none."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime

from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.gateways.payments.protocol import CheckoutGateway, PaymentGateway
from chalicelib.settings import Settings


class Gateways:
    """The gateways by name, from functions that load them."""

    def __init__(
        self,
        razorpay: Callable[[], CheckoutGateway] | None = None,
        phonepe: Callable[[], PaymentGateway] | None = None,
    ) -> None:
        given: Mapping[GatewayName, Callable[[], PaymentGateway] | None]
        given = {"razorpay": razorpay, "phonepe": phonepe}
        self._load = {name: load for name, load in given.items() if load is not None}
        self._razorpay = razorpay
        self._loaded: dict[GatewayName, PaymentGateway] = {}
        self._checkout: CheckoutGateway | None = None

    @property
    def names(self) -> frozenset[GatewayName]:
        """The gateways that there are; nothing of one is loaded."""
        return frozenset(self._load)

    @property
    def default(self) -> GatewayName | None:
        """The gateway of new payments: the first that there is."""
        return next(iter(self._load), None)

    def find(self, name: GatewayName) -> PaymentGateway | None:
        """The gateway of that name, or None where this deployment has none."""
        if name == "razorpay":
            return self.checkout()
        if name not in self._loaded and name in self._load:
            self._loaded[name] = self._load[name]()
        return self._loaded.get(name)

    def checkout(self) -> CheckoutGateway | None:
        """The gateway whose checkout signs its answers, or None."""
        if self._checkout is None and self._razorpay is not None:
            self._checkout = self._razorpay()
        return self._checkout


def configured(settings: Settings, now: Callable[[], datetime]) -> Gateways:
    """The gateways whose keys the settings name; no module of one is loaded yet."""

    def razorpay() -> CheckoutGateway:
        from chalicelib.gateways.payments import razorpay

        found = razorpay.connect(settings, now)
        assert found is not None
        return found

    def phonepe() -> PaymentGateway:
        from chalicelib.gateways.payments import phonepe_connect

        found = phonepe_connect.connect(settings, now)
        assert found is not None
        return found

    named = settings.payment_gateways
    return Gateways(
        razorpay=razorpay if "razorpay" in named else None,
        phonepe=phonepe if "phonepe" in named else None,
    )
