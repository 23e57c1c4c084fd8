"""A stay renews by itself while others act."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Final

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.services.bookings import settle
from chalicelib.services.stays import check_out
from tests import builders
from tests.clock import NOON, Clock
from tests.model import invariants
from tests.races.crowd import rush
from tests.world import World

pytestmark = pytest.mark.engine2

HOUR: Final = timedelta(hours=1)


@pytest.fixture
def stay(world: World, clock: Clock) -> Booking:
    """A stay in A-001 that is due to renew."""
    entered = world.enter(world.book(number="A-001", auto_renew=True))
    clock.move(minutes=45)
    return entered


def _words(booking: Booking) -> list[str]:
    return [entry.what for entry in booking.timeline]


def test_two_sweeps_and_many_reads_renew_once(world: World, stay: Booking) -> None:
    sweep = partial(sweeps.run, world.deps, "auto-checkout")
    read = partial(settle.read, world.deps, stay.booking_id)
    outcome = rush([sweep, sweep, *[read] * 8])
    assert outcome.refusals == ()
    after = world.read(stay)
    assert (after.renewals, after.booked.end) == (1, NOON + 2 * HOUR)
    assert _words(after).count("renewed") == 1
    invariants.check(world.deps.now())


def test_of_a_renewal_and_a_booking_of_the_space_one_has_it(world: World, stay: Booking) -> None:
    book = partial(world.book, world.other, number="A-001", start=NOON + HOUR)
    outcome = rush([partial(settle.read, world.deps, stay.booking_id), book, book])
    after = world.read(stay)
    booked = [each for each in outcome.answers if each.user_id == world.other.account_id]
    assert (after.renewals, after.details.auto_renew, len(booked)) in {
        (1, True, 0),
        (0, False, 1),
    }
    assert all(isinstance(each, errors.SpaceTaken) for each in outcome.refusals)
    invariants.check(world.deps.now())


def test_an_exit_scan_ends_the_stay_whether_it_has_renewed_or_not(
    world: World, stay: Booking
) -> None:
    outcome = rush(
        [
            partial(settle.read, world.deps, stay.booking_id),
            partial(sweeps.run, world.deps, "auto-checkout"),
            partial(
                check_out.scan_exit,
                world.deps,
                world.staff,
                world.deps.tokens.qr(stay),
                tender=builders.cash("500"),
            ),
        ]
    )
    assert outcome.refusals == ()
    after = world.read(stay)
    assert (after.status, after.actual_end) == (Status.COMPLETED, world.deps.now())
    assert after.deadline is None
    world.book(world.other, number="A-001", start=NOON + HOUR)
    invariants.check(world.deps.now())


def test_turned_off_at_the_same_moment_it_renews_once_at_most(world: World, stay: Booking) -> None:
    from chalicelib.domain.bookings.details import DetailsEdit
    from chalicelib.services.bookings import reschedule
    from chalicelib.services.bookings.reschedule import BookingEdit

    off = BookingEdit(DetailsEdit(auto_renew=False))
    turn = partial(reschedule.modify, world.deps, world.user, stay.booking_id, off)
    outcome = rush([turn, partial(sweeps.run, world.deps, "auto-checkout")])
    assert outcome.refusals == ()
    after = world.read(stay)
    assert not after.details.auto_renew
    assert after.booked.end == NOON + (1 + after.renewals) * HOUR
    assert after.renewals <= 1
    invariants.check(world.deps.now())
