"""Word of a bounce when something breaks: Lambda brings it again, and it counts once."""

from __future__ import annotations

import contextlib
from typing import Any

from chalicelib import sweeps
from chalicelib.domain.accounts.mailbox import id_of
from chalicelib.domain.core.effect import id_in, mail
from chalicelib.domain.core.errors import Unavailable
from chalicelib.services.bookings import confirmations
from chalicelib.services.core.deps import Deps
from chalicelib.services.mail import bounces
from tests.clock import Clock
from tests.faults.ground import Ground
from tests.faults.use_cases import Act, UseCase
from tests.faults.wire import Died, faults
from tests.model import invariants
from tests.ses import ADDRESS, bounce
from tests.world import World


def _a_reminder_bounces(world: World, clock: Clock) -> Act:
    booking = world.book_hall()
    clock.move(hours=24)
    sweeps.run(world.deps, "reminders")
    confirmations.reminder_left(world.deps, booking.booking_id)
    word = bounce(id_in("EF1", mail("reminder", booking.booking_id)))
    return lambda: bounces.receive(world.deps, word)


CASE = UseCase("a reminder bounces", _a_reminder_bounces, cold=True)


def test_whatever_breaks_at_whatever_call_the_same_word_again_counts_once(ground: Ground) -> None:
    act = ground.arranged(CASE)
    with ground.wire.breaking(0, None):
        act()
    calls, expected = list(ground.wire.calls), _outcome(ground.deps)
    assert calls.count("TransactWriteItems") == 2
    for at in range(len(calls)):
        for fault in faults(at):
            act = ground.arranged(CASE)
            with ground.wire.breaking(at, fault), contextlib.suppress(Died, Unavailable):
                act()
            assert len(ground.wire.calls) > at, "the fault was never reached"
            act()
            assert _outcome(ground.deps) == expected, (at, fault)


def _outcome(deps: Deps) -> tuple[Any, ...]:
    [booking] = invariants.check(deps.now()).bookings.values()
    told = [entry.what for entry in booking.timeline]
    return told, booking.deadline, deps.mailboxes.get(id_of(ADDRESS))
