"""What a sweep costs depends on what is due, not on how many bookings there are
(docs/quality.md)."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from itertools import islice

import pytest

from chalicelib import sweeps
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.interval import Interval
from chalicelib.services.bookings import bookings, lists
from chalicelib.services.bookings.lists import Filters
from chalicelib.store import booking_item
from chalicelib.store.booking_item import BookingItem
from local.engine import Embedded
from local.metering import Meter, Reading
from tests import builders
from tests.clock import NOON, Clock
from tests.world import World

pytestmark = pytest.mark.engine2

FEW = 1_000
MANY = {True: 3_000, False: 20_000}
DUE = {True: 25, False: 100}
"""By whether the engine is in process: moto walks the whole table for each query of an index."""

BATCH = 25
LEAN = ("pk", "sk", "site", "start", "due_kind", "due_shard", "due_at")
"""What decides where a booking lies in the indexes. Nobody reads the rest of these."""

HOUR = timedelta(hours=1)


def _fill(aws: Embedded, world: World, count: int, first: int = 0) -> None:
    """`count` more bookings of many customers, waiting for a time that has not come."""
    later = NOON + 48 * HOUR
    pattern = booking_item.to_item(
        builders.a_booking(world.zone_a, interval=Interval(later, later + HOUR)),
        world.deps.deadlines.shards,
    ).to_dynamodb_dict()
    lean = {name: pattern[name] for name in LEAN}
    rows = (
        {"PutRequest": {"Item": lean | {"pk": {"S": f"F{number:07}"}}}}
        for number in range(first, first + count)
    )
    client, name = aws.client("dynamodb"), BookingItem.Meta.table_name
    while batch := list(islice(rows, BATCH)):
        client.batch_write_item(RequestItems={name: batch})


def _due(world: World, someone: Actor, count: int) -> None:
    zone = f"zone-of-{someone.locator.lower()}"
    world.add_zone(zone, builders.TIMED, spaces=count)
    for _ in range(count):
        world.enter(world.book(someone, zone))


def _cost(meter: Meter, step: Callable[[], object]) -> Reading:
    meter.reset()
    step()
    return meter.snapshot()


def test_a_sweep_with_a_hundred_due_costs_the_same_however_many_bookings_there_are(
    aws: Embedded, world: World, clock: Clock, meter: Meter
) -> None:
    costs = []
    due = DUE[aws.in_process]
    many_more = MANY[aws.in_process] - FEW
    for someone, there, more in ((world.user, 0, FEW), (world.other, FEW, many_more)):
        _fill(aws, world, more, there)
        _due(world, someone, due)
        clock.move(hours=2)
        costs.append(_cost(meter, lambda: sweeps.run(world.deps, "auto-checkout")))
    few, many = costs
    assert few.requests == many.requests
    assert few.requests["TransactWriteItems"] == due
    assert (few.read_units, few.write_units) == (many.read_units, many.write_units)


def test_nothing_a_customer_does_grows_with_the_bookings_of_others(
    aws: Embedded, world: World, clock: Clock, meter: Meter
) -> None:
    costs = []
    for there, more in ((0, FEW), (FEW, FEW)):
        _fill(aws, world, more, there)
        world.leave(world.enter(world.book(start=clock.now())))
        clock.move(hours=24)
        costs.append(_cost(meter, lambda: _a_day(world)))
    assert costs[0] == costs[1]


def _a_day(world: World) -> None:
    kept = world.book()
    bookings.cancel(world.deps, world.user, world.book().booking_id)
    lists.own(world.deps, world.user, Filters(), limit=1, after=None)
    world.leave(world.enter(kept))
    sweeps.run(world.deps, "expire-bookings")
