"""What an operation costs in DynamoDB, warm: requests and capacity units, counted, not timed."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from chalicelib import wiring
from chalicelib.services.bookings import bookings
from local.capacity_units import TABLE
from local.metering import Reading
from tests import builders
from tests.backend import Backend
from tests.clock import Clock
from tests.world import World

Step = Callable[[], object]


@dataclass(frozen=True)
class Operation:
    """`arrange` prepares what is measured. `share` is among how many the cost is divided."""

    name: str
    arrange: Callable[[World, Clock], Step]
    share: int = 1


def measured(backend: Backend, operation: Operation) -> Reading:
    """What an operation costs in a world of its own: a car park with 30 metered bays, the `lot`."""
    backend.reset()
    wiring.use(backend.deps)
    try:
        world = World(backend.deps)
        world.add_zone("lot", builders.METERED, spaces=30)
        step = operation.arrange(world, backend.clock)
        assert backend.aws.meter is not None
        backend.aws.meter.reset()
        step()
        return backend.aws.meter.snapshot()
    finally:
        wiring.use(None)


def warm(world: World) -> World:
    """The world, once an instance has read everything that it keeps: nearly every request finds it
    so."""
    for actor in (world.user, world.other, world.staff):
        world.deps.accounts.known(actor.account_id)
    bookings.cancel(world.deps, world.user, world.book(zone="lot").booking_id)
    return world


def units(reading: Reading, *, mail: bool = True) -> tuple[float, float]:
    """Write units in tables and in indexes; without those of the outbox, if so wished."""
    in_tables = in_indexes = 0.0
    for name, table in reading.tables.items():
        if mail or not name.endswith("outbox"):
            in_tables += table.writes.get(TABLE, 0.0)
            in_indexes += sum(n for part, n in table.writes.items() if part != TABLE)
    return in_tables, in_indexes
