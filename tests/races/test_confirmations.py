"""Answers, sweeps and cancellations at the same booking at the same moment: one effect each."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.services.bookings import bookings, confirmations, links
from tests.clock import NOON, Clock
from tests.model import invariants
from tests.races.crowd import rush
from tests.world import World

pytestmark = pytest.mark.engine2

HOUR = timedelta(hours=1)
START = NOON + 48 * HOUR


def _asked(world: World, clock: Clock) -> Booking:
    """A hall whose reminder left in time; it is the very instant at which it is given up."""
    booking = world.book_hall(number="A-001")
    clock.move(hours=24)
    sweeps.run(world.deps, "reminders")
    confirmations.reminder_left(world.deps, booking.booking_id)
    clock.move(hours=22)
    return booking


@pytest.mark.parametrize("round", range(4))
def test_of_a_confirmation_in_the_last_second_and_the_auto_cancel_exactly_one_wins(
    world: World, clock: Clock, round: int
) -> None:
    booking = _asked(world, clock)
    just_in_time = dataclasses.replace(world.deps, now=lambda: START - 2 * HOUR - SECOND)

    outcome = rush([
        partial(confirmations.confirm, just_in_time, world.user, booking.booking_id),
        partial(sweeps.run, world.deps, "auto-cancel"),
    ])  # fmt: skip

    stored = invariants.check(clock.now()).bookings[booking.booking_id]
    if stored.status is Status.BOOKED:
        assert stored.confirmed_at is not None
        assert outcome.codes == {}
    else:
        assert stored.auto_cancel is not None
        assert outcome.codes == {"ALREADY_ENDED": 1}


SECOND = timedelta(seconds=1)


@pytest.mark.parametrize("round", range(4))
def test_a_confirmation_and_a_cancellation_leave_a_cancelled_booking_that_says_both_or_one(
    world: World, clock: Clock, round: int
) -> None:
    booking = world.book_hall(number="A-001")
    clock.move(hours=24)
    sweeps.run(world.deps, "reminders")
    confirm, cancel = (_token(world, booking, purpose) for purpose in ("confirm", "cancel"))

    outcome = rush([
        partial(links.confirm, world.deps, confirm),
        partial(links.cancel, world.deps, cancel),
    ])  # fmt: skip

    assert outcome.codes in ({}, {"ALREADY_ENDED": 1})
    stored = invariants.check(clock.now()).bookings[booking.booking_id]
    assert stored.status is Status.CANCELLED
    assert (stored.confirmed_at is not None) == (not outcome.refusals)


def _token(world: World, booking: Booking, purpose: Any) -> str:
    return links.make(world.deps, booking, purpose, to="user1@example.com").rpartition("/")[2]


def test_ten_confirmations_at_once_are_one(world: World, clock: Clock) -> None:
    booking = world.book_hall()

    outcome = rush(
        [partial(confirmations.confirm, world.deps, world.user, booking.booking_id)] * 10
    )

    assert len(outcome.answers) == 10
    stored = invariants.check(clock.now()).bookings[booking.booking_id]
    assert [entry.what for entry in stored.timeline] == ["created", "confirmed"]


def test_sweeps_and_readers_at_once_send_each_reminder_once(world: World, clock: Clock) -> None:
    halls = [world.book_hall(number=n) for n in ("A-001", "A-002")]
    clock.move(hours=24)
    readers: list[Callable[[], Any]] = [
        partial(bookings.get, world.deps, world.user, hall.booking_id) for hall in halls
    ]

    outcome = rush([*[partial(sweeps.run, world.deps, "reminders")] * 4, *readers * 2])

    assert outcome.refusals == ()
    stored = invariants.check(clock.now())
    assert [name for name, _ in stored.effects].count("reminder") == 2


def test_sweeps_at_once_give_a_booking_up_once_and_its_time_is_had_by_one(
    world: World, clock: Clock
) -> None:
    booking = _asked(world, clock)

    outcome = rush([partial(sweeps.run, world.deps, "auto-cancel")] * 4)
    wanted = rush([partial(world.book_hall, world.other, number="A-001", start=START)] * 5)

    assert outcome.refusals == ()
    assert sum(summary.done for summary in outcome.answers) == 1
    assert (len(wanted.answers), wanted.codes) == (1, {"SPACE_TAKEN": 4})
    assert invariants.check(clock.now()).bookings[booking.booking_id].auto_cancel is not None
