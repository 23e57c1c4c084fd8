"""What season passes cost in requests to DynamoDB: nothing where a site sells none; a query at the
entry where it does, and nothing at the exit."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.gateways.payment_gateways import Gateways
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import asking, verifying, webhooks
from chalicelib.services.season_passes import orders
from local.metering import Meter
from tests.clock import Clock
from tests.payments.gateway import MemoryGateway
from tests.season_passes.car_park import PLANS, SeasonCarPark

Step = Callable[[], object]


@pytest.fixture
def park(deps: Deps, clock: Clock, meter: Meter) -> SeasonCarPark:
    """The small world, warm, which sells season passes."""
    gateway = MemoryGateway(clock.now)
    car_park = SeasonCarPark(replace(deps, gateways=Gateways(razorpay=lambda: gateway)), gateway)
    car_park.make_known(car_park.user)
    car_park.deps.catalogue.site("central")
    car_park.deps.catalogue.zones_of("central")
    return car_park


def entered(park: SeasonCarPark) -> Step:
    booked = park.book()
    return lambda: park.enter(booked)


def entered_with_a_pass(park: SeasonCarPark) -> Step:
    park.buy_pass()
    return entered(park)


def entered_where_none_are_sold(park: SeasonCarPark) -> Step:
    park.change_site(season_plans=())
    park.deps.catalogue.site("central")
    return entered(park)


def _inside(park: SeasonCarPark) -> Booking:
    park.change_site(season_plans=PLANS)
    park.deps.catalogue.site("central")
    park.buy_pass()
    return park.park()


def left_with_a_pass(park: SeasonCarPark) -> Step:
    stay = _inside(park)
    return lambda: park.leave(stay)


def verified(park: SeasonCarPark) -> Step:
    park.order_pass()
    attempt_id = park.gateway.attempt("order_1")
    signed = park.gateway.checkout("order_1", attempt_id)
    return lambda: verifying.verify_pass(
        park.deps, park.user, order_id="order_1", payment_id=attempt_id, signature=signed
    )


def received(park: SeasonCarPark) -> Step:
    park.order_pass()
    message = park.gateway.message("order.paid", "order_1")
    return lambda: webhooks.receive(park.deps, "razorpay", message.headers, message.body)


def asked(park: SeasonCarPark) -> Step:
    park.order_pass()
    park.gateway.attempt("order_1")
    return lambda: asking.ask(park.deps, "razorpay/order_1")


def asked_about_a_renewal(park: SeasonCarPark) -> Step:
    held = park.buy_pass()
    orders.open_order(park.deps, park.user, held.pass_id)
    park.gateway.attempt("order_2")
    return lambda: asking.ask(park.deps, "razorpay/order_2")


READS = {"GetItem": 2, "TransactWriteItems": 1}
ENTRY = {"TransactGetItems": 1, "TransactWriteItems": 1}
COSTS: dict[str, tuple[Callable[[SeasonCarPark], Step], dict[str, int]]] = {
    "enter where none are sold": (entered_where_none_are_sold, ENTRY),
    "enter without a pass": (entered, ENTRY | {"Query": 1}),
    "enter with a pass": (entered_with_a_pass, ENTRY | {"Query": 1}),
    "leave with a pass": (left_with_a_pass, {"GetItem": 1, "TransactWriteItems": 1}),
    "book, in cash": (lambda park: park.book, {"Query": 1, "TransactWriteItems": 1}),
    "order a pass": (lambda park: park.order_pass, {"Query": 1, "TransactWriteItems": 2}),
    "sell a pass": (lambda park: park.sell_pass, {"Query": 1, "TransactWriteItems": 1}),
    "take a webhook": (received, {"TransactWriteItems": 1}),
    "ask, and sell": (asked, READS),
    "ask, and renew": (asked_about_a_renewal, READS),
    "verify, and sell": (verified, READS),
}


@pytest.mark.parametrize("name", COSTS)
def test_a_step_of_a_season_pass_costs_what_is_decided(
    park: SeasonCarPark, meter: Meter, name: str
) -> None:
    arrange, expected = COSTS[name]
    step = arrange(park)
    meter.reset()
    step()
    assert dict(meter.snapshot().requests) == expected
