"""What the daily proof of the books costs in requests to DynamoDB (docs/costs.md)."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib import sweeps
from chalicelib.gateways.payment_gateways import Gateways
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import settlements
from local.metering import Meter
from tests.clock import Clock
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway


@pytest.mark.parametrize(
    ("stays", "requests"),
    [
        # the sites, the day proved last; of two days: two days of the ledger, the bookings, the shifts
        (0, {"Query": 10, "TransactWriteItems": 1}),
        # and the entries of the bookings of one day, up to now
        (9, {"Query": 12, "BatchGetItem": 2, "TransactWriteItems": 1}),
    ],
)
def test_the_proof_of_a_day_costs_what_the_page_says(
    deps: Deps, clock: Clock, meter: Meter, stays: int, requests: dict[str, int]
) -> None:
    gateway = MemoryGateway(clock.now)
    paying = PayingCarPark(replace(deps, gateways=Gateways(razorpay=lambda: gateway)), gateway)
    for number in range(stays):
        stay = paying.book(paying.add_account(f"guest{number}"), minutes=10 + number)
        paying.enter(stay)
        paying.leave(stay)
    clock.move(days=1)
    meter.reset()
    sweeps.run(paying.deps, "books")

    assert dict(meter.snapshot().requests) == requests


@pytest.mark.parametrize(("rows", "requests"), [(0, {}), (3, {"TransactWriteItems": 3})])
def test_settled_rows_cost_two_batch_reads_and_a_transaction_each(
    deps: Deps, clock: Clock, meter: Meter, rows: int, requests: dict[str, int]
) -> None:
    gateway = MemoryGateway(clock.now)
    paying = PayingCarPark(replace(deps, gateways=Gateways(razorpay=lambda: gateway)), gateway)
    for number in range(rows):
        paying.book_and_pay(start=clock.now() + timedelta(hours=2 * number))
    today = clock.now().date()
    gateway.settle(today)
    meter.reset()
    settlements.compare(paying.deps, gateway, today)
    first = dict(meter.snapshot().requests)
    meter.reset()
    settlements.compare(paying.deps, gateway, today)

    assert first == (requests | {"BatchGetItem": 2} if rows else {})
    assert dict(meter.snapshot().requests) == ({"BatchGetItem": 1} if rows else {})
