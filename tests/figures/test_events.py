"""What events cost a site that publishes them (docs/decisions/realtime.md)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from typing import TypeVar

from chalicelib.services.delivery import outbox
from chalicelib.store.outbox import LANES
from local.metering import Meter, Reading
from tests.batches import waiting, waiting_in
from tests.clock import Clock
from tests.fake_sockets import listen, with_realtime
from tests.fake_webhook_client import add_webhook
from tests.world import World

T = TypeVar("T")

LOGGED = 2
"""Write units of an event in its log: one item, in a transaction."""

OUTBOX_ITEM = 3
"""Two to write it in a transaction, one to delete it."""

LINE = 1


class Life:
    """The life of a booking at the car park, metered: the steps, and the delivery of their events."""

    def __init__(self, world: World, meter: Meter) -> None:
        self._world, self._meter = world, meter
        self.steps, self.told = Counter[str](), Counter[str]()

    def live(self) -> None:
        self._deliver()
        world = self._world
        booking = self._step(world.book)
        self._step(lambda: world.enter(booking))
        self._step(lambda: world.leave(booking))

    def _step(self, act: Callable[[], T]) -> T:
        self._meter.reset()
        result = act()
        _add(self.steps, self._meter.snapshot())
        self._meter.reset()
        self._deliver()
        _add(self.told, self._meter.snapshot())
        return result

    def _deliver(self) -> None:
        deps = self._world.deps
        while waiting(deps):
            for lane in LANES:
                for batch_id in waiting_in(deps, lane):
                    outbox.from_stream(deps, batch_id, lane=lane)


def _add(counts: Counter[str], reading: Reading) -> None:
    counts.update(reading.requests)
    counts["write units"] += int(reading.write_units)


def _units(world: World, meter: Meter) -> int:
    """Write units of a booking's life, with everything it causes."""
    life = Life(world, meter)
    life.live()
    return life.steps["write units"] + life.told["write units"]


def test_events_cost_two_units_each_and_an_entry_an_outbox_item(world: World, meter: Meter) -> None:
    silent = _units(world, meter)
    with_realtime(world)
    listen(world, world.staff, "desk")
    extra = _units(world, meter) - silent
    assert extra == 6 * LOGGED + OUTBOX_ITEM


def test_a_call_costs_an_outbox_item_and_a_line_in_its_log(world: World, meter: Meter) -> None:
    with_realtime(world)
    without = _units(world, meter)
    add_webhook(world, "booking-updated")
    extra = _units(world, meter) - without
    assert extra == 3 * (OUTBOX_ITEM + LINE)


def test_how_far_a_log_goes_back_costs_nothing(world: World, meter: Meter, clock: Clock) -> None:
    with_realtime(world)
    first = Life(world, meter)
    first.live()
    for _ in range(20):
        Life(world, meter).live()
        clock.move(seconds=10)
    last = Life(world, meter)
    last.live()
    assert last.told == first.told
