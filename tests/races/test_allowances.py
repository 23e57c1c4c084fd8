"""One customer books, moves and cancels at the same moment; the allowances hold."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.recurrence import Repeat
from chalicelib.services.bookings import book_group, bookings, reschedule
from chalicelib.services.bookings.reschedule import BookingEdit
from tests import builders
from tests.clock import NOON, Clock
from tests.model import invariants
from tests.races.crowd import rush
from tests.world import World

pytestmark = pytest.mark.engine2

DAY = timedelta(days=1)
MONDAY = NOON + 2 * DAY


def courts(world: World, **limits: Any) -> None:
    policy = replace(builders.VENUE, advance_window=400, **limits)
    world.add_zone("courts", policy, kind="venue", tariff=builders.FREE, spaces=20)


def book(world: World, days: int = 0) -> Booking:
    start = MONDAY + days * DAY
    return world.book(zone="courts", start=start, minutes=60, vehicle_number=None)


def test_bookings_in_parallel_never_exceed_a_day_or_a_week(world: World, clock: Clock) -> None:
    courts(world, max_bookings_per_day=3, max_hours_per_week=5)

    outcome = rush(partial(book, world, nth % 2) for nth in range(16))

    assert len(outcome.answers) == 5
    assert outcome.codes == {"QUOTA_REACHED": 11}
    invariants.check(clock.now())


def test_moves_and_cancellations_in_parallel_leave_the_tallies_right(
    world: World, clock: Clock
) -> None:
    courts(world, max_bookings_per_day=2)
    made = [book(world, days) for days in (0, 0, 1, 1)]
    to_wednesday = [
        partial(
            reschedule.modify, world.deps, world.user, each.booking_id,
            BookingEdit(start=MONDAY + 2 * DAY),
        )
        for each in made
    ]  # fmt: skip
    gone = partial(bookings.cancel, world.deps, world.user, made[0].booking_id)

    outcome = rush([*to_wednesday, gone])

    assert set(outcome.codes) <= {
        "QUOTA_REACHED", "SPACE_TAKEN", "ALREADY_ENDED", "CHANGED_MEANWHILE",
    }  # fmt: skip
    stored = invariants.check(clock.now())
    locator = world.user.locator
    assert stored.tallies.get((locator, "day.courts.2026-11-25"), 0) <= 2


def test_series_in_parallel_are_booked_whole_or_not_at_all(world: World, clock: Clock) -> None:
    courts(world, max_bookings_per_day=1, max_hours_per_week=7)
    series = Order("courts", start=MONDAY, minutes=60, repeat=Repeat("week", times=52))

    outcome = rush([partial(book_group.book, world.deps, world.user, series)] * 3)

    assert len(outcome.answers) == 1
    stored = invariants.check(clock.now())
    assert sum(booking.is_live for booking in stored.bookings.values()) == 52
