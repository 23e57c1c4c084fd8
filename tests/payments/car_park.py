"""The small world of the tests with a gateway: what a customer does to pay, and what Berth does
when a message comes."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Self

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.core.access import Actor
from chalicelib.domain.payments.ledger import LedgerEntry
from chalicelib.domain.payments.payment import Payment
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.gateways.payment_gateways import Gateways
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import advance, asking
from tests import builders
from tests.clock import NOON
from tests.payments.gateway import MemoryGateway
from tests.world import World

ONLINE = PaymentMethod.ONLINE


class PayingCarPark(World):
    """The small world, with a gateway."""

    def __init__(self, deps: Deps, gateway: MemoryGateway) -> None:
        super().__init__(deps)
        self.gateway = gateway

    @classmethod
    def of(cls, world: World, gateway: MemoryGateway) -> Self:
        """That world, where a fee can be paid online."""
        deps = replace(world.deps, gateways=Gateways(razorpay=lambda: gateway))
        paying = cls.__new__(cls)
        paying.__dict__.update(vars(world), deps=deps, gateway=gateway)
        return paying

    def book_online(
        self, actor: Actor | None = None, zone: str = "zone-a", **wishes: Any
    ) -> Booking:
        """Book with the fee to be paid online."""
        wishes = {"vehicle_number": "KA01AB1234", "payment_method": ONLINE} | wishes
        order = Order(zone, **builders.with_details(wishes))
        return advance.book(self.deps, actor or self.user, order)

    def pay(self, booking: Booking) -> Booking:
        """Pay the open order of a booking, and let Berth hear of it."""
        order_id = self.payment(booking).order_id
        assert order_id is not None
        self.gateway.attempt(order_id)
        return self.hear(booking)

    def hear(self, booking: Booking) -> Booking:
        """Ask the gateway about each payment of a booking."""
        for payment in self.read(booking).payments:
            asking.ask(self.deps, payment.reference)
        return self.read(booking)

    def book_and_pay(self, actor: Actor | None = None, **wishes: Any) -> Booking:
        return self.pay(self.book_online(actor, **wishes))

    def payment(self, booking: Booking) -> Payment:
        """The last payment of a booking."""
        return self.read(booking).payments[-1]

    def ledger(self) -> list[LedgerEntry]:
        """All ledger entries of the site, of the first day to the present one."""
        days = (self.deps.now().date() - NOON.date()).days + 1
        return [
            entry
            for day in range(days)
            for entry in self.deps.ledger.of_day("central", NOON.date() + timedelta(days=day))
        ]

    def deliver(self) -> None:
        """Deliver the effects that wait."""
        sweeps.run(self.deps, "outbox")
