from __future__ import annotations

from datetime import timedelta

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.store.booking_item import BookingItem
from local.metering import Meter
from tests import builders
from tests.clock import NOON, Clock
from tests.world import World

HOUR = timedelta(hours=1)


@pytest.fixture
def parked(world: World) -> World:
    world.add_zone("zone-b", builders.TIMED, spaces=5)
    world.add_zone("zone-t", builders.TIMER, spaces=5, tariff=builders.FREE)
    return world


def test_a_forgotten_stay_ends_exactly_at_its_limit_however_late_the_sweep_comes(
    parked: World, clock: Clock
) -> None:
    booking = parked.enter(parked.book(zone="zone-b"))
    clock.move(hours=4)
    summary = sweeps.run(parked.deps, "auto-checkout")
    assert (summary.due, summary.done) == (1, 1)
    ended = parked.read(booking)
    assert (ended.status, ended.actual_end, ended.auto_checkout) == (
        Status.COMPLETED,
        NOON + HOUR,
        True,
    )
    assert ended.timeline[-1].source == "auto_checkout"


def test_a_deadline_is_due_at_its_very_second_and_not_before(parked: World, clock: Clock) -> None:
    parked.enter(parked.book(zone="zone-b"))
    clock.move(minutes=59, seconds=59)
    assert sweeps.run(parked.deps, "auto-checkout").due == 0
    clock.move(seconds=1)
    assert sweeps.run(parked.deps, "auto-checkout").done == 1


def test_a_dry_run_counts_and_changes_nothing(parked: World, clock: Clock) -> None:
    booking = parked.enter(parked.book(zone="zone-b"))
    clock.move(hours=2)
    summary = sweeps.run(parked.deps, "auto-checkout", dry_run=True)
    assert (summary.due, summary.done, summary.dry_run) == (1, 0, True)
    assert parked.read(booking).status is Status.ACTIVE


def test_nothing_due_is_one_empty_query(parked: World, meter: Meter) -> None:
    meter.reset()
    assert sweeps.run(parked.deps, "auto-checkout").due == 0
    assert dict(meter.snapshot().requests) == {"Query": 1}


def test_a_no_show_expires_and_its_space_is_free(parked: World, clock: Clock) -> None:
    booking = parked.book(number="A-001")
    clock.move(minutes=60)
    assert sweeps.run(parked.deps, "expire-bookings").done == 1
    expired = parked.read(booking)
    assert (expired.status, expired.timeline[-1].at) == (Status.EXPIRED, NOON + HOUR)
    assert parked.book(number="A-001").status is Status.BOOKED


def test_a_booking_starts_and_ends_by_itself_in_one_late_run(parked: World, clock: Clock) -> None:
    booking = parked.book(zone="zone-t", start=NOON + HOUR)
    clock.move(hours=5)
    sweeps.run(parked.deps, "auto-checkout")
    ended = parked.read(booking)
    assert (ended.actual_start, ended.actual_end) == (NOON + HOUR, NOON + 2 * HOUR)


def test_a_sweep_run_twice_does_its_work_once(parked: World, clock: Clock) -> None:
    booking = parked.enter(parked.book(zone="zone-b"))
    clock.move(hours=2)
    sweeps.run(parked.deps, "auto-checkout")
    before = parked.read(booking)
    assert sweeps.run(parked.deps, "auto-checkout").due == 0
    assert parked.read(booking) == before


def _poison(parked: World, zone: str) -> None:
    """Break a stored booking so that it cannot be read."""
    booking = parked.enter(parked.book(zone=zone))
    item = BookingItem.get(booking.locator, booking.booking_id[10:])
    item.update([BookingItem.tariff.set("{")])


def test_a_poisoned_booking_stops_nobody_and_is_parked_after_five_tries(
    parked: World, clock: Clock
) -> None:
    _poison(parked, "zone-b")
    healthy = parked.enter(parked.book(zone="zone-b"))
    clock.move(hours=2)
    first = sweeps.run(parked.deps, "auto-checkout")
    assert (first.done, first.failed, first.parked) == (1, 1, 0)
    assert parked.read(healthy).status is Status.COMPLETED
    later = [sweeps.run(parked.deps, "auto-checkout") for _ in range(5)]
    assert [(s.failed, s.parked) for s in later] == [(1, 0), (1, 0), (1, 0), (1, 1), (0, 0)]


def test_a_run_out_of_time_leaves_the_rest_to_the_next(parked: World, clock: Clock) -> None:
    for _ in range(4):
        parked.enter(parked.book(zone="zone-b"))
    clock.move(hours=2)
    ticks = iter([0, 0, 0, 99, 99])
    first = sweeps.run(parked.deps, "auto-checkout", budget=45, timer=lambda: next(ticks))
    assert (first.done, first.more) == (2, True)
    rest = sweeps.run(parked.deps, "auto-checkout")
    assert (rest.done, rest.more) == (2, False)


def test_an_unknown_sweep_is_refused_by_name(parked: World) -> None:
    with pytest.raises(errors.SweepNotFound):
        sweeps.run(parked.deps, "spring-cleaning")


def test_a_page_of_more_than_a_hundred_is_worked_off_in_one_run(world: World, clock: Clock) -> None:
    world.add_zone("zone-big", builders.TIMER, spaces=130, tariff=builders.FREE)
    for _ in range(130):
        world.book(zone="zone-big")
    clock.move(hours=2)
    assert sweeps.run(world.deps, "auto-checkout").done == 130
