"""Two requests that open the order of one payment at once, as a double click and two tabs do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.payments.gateway import GatewayOrder, NewOrder
from chalicelib.gateways.payments.protocol import GatewayRefused
from chalicelib.services.bookings import settle
from chalicelib.services.payments import orders
from tests.builders import TIMED
from tests.clock import Clock
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway

pytestmark = pytest.mark.engine2


@dataclass
class SlowGateway(MemoryGateway):
    """A gateway that lets something happen `meanwhile`, before it creates an order. One that is
    `strict` takes a reference once, as PhonePe does."""

    meanwhile: list[Callable[[], object]] = field(default_factory=list)
    strict: bool = False

    def create_order(self, order: NewOrder) -> GatewayOrder:
        if self.meanwhile:
            self.meanwhile.pop()()
        if self.strict and any(o.reference == order.reference for o in self.orders.values()):
            raise GatewayRefused("DUPLICATE", "this order exists")
        return super().create_order(order)


@pytest.fixture(params=[False, True], ids=["takes both", "takes a reference once"])
def gateway(request: pytest.FixtureRequest, clock: Clock) -> SlowGateway:
    page = "https://pay.example.com" if request.param else None
    return SlowGateway(clock.now, strict=request.param, page=page)


@pytest.fixture
def debt(paying: PayingCarPark, clock: Clock) -> Booking:
    paying.change_zone(paying.zone_a, policy=TIMED)
    booking = paying.enter(paying.book())
    clock.move(minutes=61)
    return settle.read(paying.deps, booking.booking_id)


def test_both_are_led_to_one_order_and_no_person_has_to_look(
    paying: PayingCarPark, gateway: SlowGateway, debt: Booking
) -> None:
    def opened() -> orders.OpenOrder:
        return orders.open_order(paying.deps, paying.user, debt.booking_id)

    other: list[orders.OpenOrder] = []
    gateway.meanwhile.append(lambda: other.append(opened()))
    mine = opened()

    assert mine.payment.order_id == other[0].payment.order_id
    assert mine.payment.pay_url == other[0].payment.pay_url
    assert len(paying.read(debt).payments) == 1
    assert paying.deps.reviews.of_site("central", limit=10, after=None).records == ()
    assert mine.payment.order_id is not None
    gateway.attempt(mine.payment.order_id)
    paying.hear(debt)
    assert paying.read(debt).payment_status == "paid"
