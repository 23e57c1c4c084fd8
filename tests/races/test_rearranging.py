"""Requests that need others to move, at the same moment as these do something themselves."""

from __future__ import annotations

import dataclasses
import threading
from collections.abc import Callable
from datetime import datetime, timedelta
from functools import partial

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.change import Change
from chalicelib.services.bookings import bookings, reschedule
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.core.deps import Deps
from tests import builders
from tests.clock import NOON, Clock
from tests.model import invariants
from tests.races.crowd import rush
from tests.world import World

pytestmark = pytest.mark.engine2

HOUR = timedelta(hours=1)
TEN = NOON + 22 * HOUR
"""Ten o'clock tomorrow."""


def _fragments(world: World, spaces: int = 2) -> tuple[Booking, Booking]:
    """Two hours in two spaces by lot: whoever wants both hours needs one of them to move."""
    world.add_zone("lot", builders.METERED, spaces=spaces)
    first = world.book_by_lot("A-001", "lot", start=TEN, end=TEN + HOUR)
    second = world.book_by_lot("A-002", "lot", start=TEN + HOUR, end=TEN + 2 * HOUR)
    return first, second


def _both_hours(deps: Deps, world: World, start: datetime = TEN) -> Booking:
    order = Order("lot", start=start, end=start + 2 * HOUR)
    return bookings.book(deps, world.other, order)


def test_of_twenty_that_need_the_same_rearranging_one_wins(world: World) -> None:
    _fragments(world)
    outcome = rush(partial(_both_hours, world.deps, world) for _ in range(20))
    assert len(outcome.answers) == 1
    assert outcome.codes == {"ZONE_FULL": 19}
    invariants.check(world.deps.now())


def test_two_rearrangings_that_need_the_same_booking_both_succeed(world: World) -> None:
    world.add_zone("lot", builders.METERED, spaces=3)
    for number, first in (("A-001", 0), ("A-002", 1), ("A-003", 0), ("A-003", 1)):
        start = TEN + first * HOUR
        world.book_by_lot(number, "lot", start=start, end=start + HOUR)
    early = Order("lot", start=TEN - HOUR, end=TEN + HOUR)
    late = Order("lot", start=TEN + HOUR, end=TEN + 3 * HOUR)
    outcome = rush(
        partial(bookings.book, world.deps, who, order)
        for who, order in ((world.user, early), (world.other, late))
    )
    assert outcome.refusals == ()
    invariants.check(world.deps.now())


def _meanwhile(deps: Deps, act: Callable[[], object]) -> Deps:
    """Deps whose first commit waits until `act` is done: the step has read, and not yet written."""
    first = threading.Event()

    def commit(change: Change) -> None:
        if not first.is_set():
            first.set()
            act()
        deps.commit(change)

    return dataclasses.replace(deps, commit=commit)


def test_one_that_is_cancelled_while_it_is_moved_leaves_its_space(world: World) -> None:
    first, second = _fragments(world)
    deps = _meanwhile(
        world.deps,
        lambda: [bookings.cancel(world.deps, world.user, b.booking_id) for b in (first, second)],
    )
    made = _both_hours(deps, world)
    assert made.status is Status.BOOKED
    assert {world.read(b).status for b in (first, second)} == {Status.CANCELLED}
    assert all(len(world.read(b).timeline) == 2 for b in (first, second))
    invariants.check(world.deps.now())


def test_one_that_is_given_another_time_while_it_is_moved_keeps_that(world: World) -> None:
    made = _fragments(world)

    def later() -> None:
        for nth, booking in enumerate(made):
            edit = BookingEdit(start=TEN + (4 + nth) * HOUR)
            reschedule.modify(world.deps, world.user, booking.booking_id, edit)

    assert _both_hours(_meanwhile(world.deps, later), world).status is Status.BOOKED
    assert [world.read(b).booked.start for b in made] == [TEN + 4 * HOUR, TEN + 5 * HOUR]
    invariants.check(world.deps.now())


def test_one_that_is_entered_while_it_is_moved_keeps_the_space_it_is_in(
    world: World, clock: Clock
) -> None:
    """Entered ten minutes early, after the sheets were read; the other one moves instead."""
    first, second = _fragments(world)
    clock.set(TEN - timedelta(minutes=10))
    deps = _meanwhile(world.deps, lambda: world.enter(first))
    assert _both_hours(deps, world).number == "A-002"
    assert (world.read(first).number, world.read(first).status) == ("A-001", Status.ACTIVE)
    assert world.read(second).number == "A-001"
    invariants.check(world.deps.now())


def test_where_all_that_could_move_are_taken_meanwhile_it_is_refused(world: World) -> None:
    _fragments(world)
    taken = partial(world.book, zone="lot", start=TEN, end=TEN + HOUR)
    with pytest.raises(errors.ZoneFull):
        _both_hours(_meanwhile(world.deps, taken), world)
    invariants.check(world.deps.now())


def test_cars_that_enter_and_requests_that_move_them_agree_on_their_spaces(
    world: World, clock: Clock
) -> None:
    world.add_zone("lot", builders.METERED, spaces=6)
    made = [world.book(zone="lot", start=TEN + n % 2 * HOUR, end=TEN + (1 + n % 2) * HOUR)
            for n in range(8)]  # fmt: skip
    cars = [booking for booking in made if booking.booked.start == TEN]
    clock.set(TEN - timedelta(minutes=5))
    outcome = rush(
        [
            *(partial(world.enter, car) for car in cars),
            *(partial(_both_hours, world.deps, world) for _ in range(4)),
        ]
    )
    assert {world.read(car).status for car in cars} == {Status.ACTIVE}
    assert outcome.codes == {"ZONE_FULL": 2}
    invariants.check(world.deps.now())
