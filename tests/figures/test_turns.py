"""What a decision reads does not depend on how many plans it tries, nor what leaving costs on how
often a customer has waited before (docs/quality.md)."""

from __future__ import annotations

import dataclasses
from datetime import timedelta

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.change import saving
from chalicelib.services.waitlist import leaving
from local.metering import Meter
from tests import builders
from tests.clock import NOON, Clock
from tests.hall import Hall
from tests.world import World

pytestmark = pytest.mark.engine2

HOUR = timedelta(hours=1)
TEN = NOON + 22 * HOUR
FEW, MANY = 2, 8


def hold(world: World, booking: Booking) -> None:
    """Turn a booking into the hold of a group that is being made: it cannot move."""
    held = dataclasses.replace(booking, status=Status.PENDING, version=booking.version + 1)
    world.deps.commit(saving(held))


def reads(world: World, meter: Meter, pairs: int) -> int:
    """The batch reads of a booking for two hours, in a zone where in each space one of them is
    taken: `pairs` of holds, and one pair of bookings of which one can move."""
    zone, count = f"lot-{pairs}", 2 * pairs + 2
    world.add_zone(zone, builders.METERED, spaces=count)
    for nth in range(count):
        at = TEN + HOUR * (nth % 2)
        made = world.book_by_lot(f"A-{nth + 1:03}", zone, start=at, end=at + HOUR)
        if nth < 2 * pairs:
            hold(world, made)
    meter.reset()
    assert world.book(zone=zone, start=TEN, minutes=120).number in (
        f"A-{count - 1:03}", f"A-{count:03}",
    )  # fmt: skip
    return meter.snapshot().requests["BatchGetItem"]


def test_a_booking_reads_the_same_however_many_that_seem_to_be_movable_are_not(
    world: World, meter: Meter
) -> None:
    assert reads(world, meter, FEW) == reads(world, meter, MANY) == 3


def test_leaving_all_waitlists_reads_the_entries_of_a_customer_once(
    world: World, clock: Clock, meter: Meter
) -> None:
    """However many of them are live."""
    costs = []
    for count in (FEW, MANY):
        hall = Hall(world, clock, zone_id=f"hall-{count}", max_entries_per_day=MANY)
        someone = world.add_account(f"someone-{count}")
        for nth in range(count):
            hall.book(nth, nth + 1)
            hall.join(someone, nth, nth + 1)
        account = world.deps.accounts.get(someone.account_id)
        meter.reset()
        leaving.leave_all(world.deps, account)
        costs.append(meter.snapshot().requests)
        assert world.deps.waitlist.waiting(hall.zone_id, since=clock.now(), limit=5) == ()
    assert costs[0]["Query"] == costs[1]["Query"] == 1
