"""Word of a bounce at the same moment as an answer, a sweep, or the same word once more."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from chalicelib import sweeps
from chalicelib.domain.accounts.mailbox import id_of
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.effect import id_in, mail
from chalicelib.services.accounts import mailboxes
from chalicelib.services.bookings import confirmations
from chalicelib.services.mail import bounces
from tests.clock import NOON, Clock
from tests.model import invariants
from tests.races.crowd import rush
from tests.ses import ADDRESS, bounce, complaint
from tests.world import World

pytestmark = pytest.mark.engine2

HOUR = timedelta(hours=1)
START = NOON + 48 * HOUR


def _asked(world: World, clock: Clock) -> tuple[Booking, str]:
    """A hall whose reminder left a day before its start, and the word that it bounced."""
    booking = world.book_hall(number="A-001")
    clock.set(START - 24 * HOUR)
    sweeps.run(world.deps, "reminders")
    confirmations.reminder_left(world.deps, booking.booking_id)
    return booking, bounce(id_in("EF1", mail("reminder", booking.booking_id)))


@pytest.mark.parametrize("round", range(4))
def test_a_bounce_and_a_confirmation_both_leave_a_booking_that_is_confirmed(
    world: World, clock: Clock, round: int
) -> None:
    booking, word = _asked(world, clock)

    outcome = rush([
        partial(bounces.receive, world.deps, word),
        partial(confirmations.confirm, world.deps, world.user, booking.booking_id),
    ])  # fmt: skip

    assert outcome.refusals == ()
    stored = invariants.check(clock.now()).bookings[booking.booking_id]
    assert stored.confirmed_at is not None
    told = [entry.what for entry in stored.timeline]
    assert told in (
        ["created", "reminded", "confirmed"],
        ["created", "reminded", "reminder_failed", "confirmed"],
    )


@pytest.mark.parametrize("round", range(4))
def test_of_a_bounce_and_the_auto_cancel_exactly_one_wins(
    world: World, clock: Clock, round: int
) -> None:
    booking, word = _asked(world, clock)
    clock.set(START - 2 * HOUR)

    outcome = rush([
        partial(bounces.receive, world.deps, word),
        partial(sweeps.run, world.deps, "auto-cancel"),
    ])  # fmt: skip

    assert outcome.refusals == ()
    stored = invariants.check(clock.now()).bookings[booking.booking_id]
    failed = "reminder_failed" in [entry.what for entry in stored.timeline]
    assert (stored.status is Status.BOOKED) == failed
    assert (stored.auto_cancel is None) == failed


def test_the_same_word_many_times_at_once_counts_once(world: World, clock: Clock) -> None:
    booking, word = _asked(world, clock)

    outcome = rush([partial(bounces.receive, world.deps, word)] * 6)

    assert outcome.refusals == ()
    stored = invariants.check(clock.now()).bookings[booking.booking_id]
    assert [entry.what for entry in stored.timeline].count("reminder_failed") == 1
    assert world.deps.mailboxes.get(id_of(ADDRESS)).version == 1


@pytest.mark.parametrize("round", range(4))
def test_a_first_bounce_and_a_first_complaint_are_both_remembered(world: World, round: int) -> None:
    link = mailboxes.unsubscribe_link(world.deps, ADDRESS).rpartition("/")[2]

    outcome = rush([
        partial(bounces.receive, world.deps, bounce()),
        partial(bounces.receive, world.deps, complaint()),
        partial(mailboxes.unsubscribe, world.deps, link),
    ])  # fmt: skip

    assert outcome.refusals == ()
    box = world.deps.mailboxes.get(id_of(ADDRESS))
    assert box.bounced_at is not None
    assert box.unsubscribed_at is not None
    assert box.version == 2
