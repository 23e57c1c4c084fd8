"""The report of a bounce when a call breaks: Lambda sends it again, and it counts once."""

from __future__ import annotations

import contextlib
from typing import Any

from chalicelib.domain.accounts.mailbox import id_of
from chalicelib.domain.core.effect import id_in, mail
from chalicelib.domain.core.errors import Unavailable
from chalicelib.services.core.deps import Deps
from chalicelib.services.mail import bounces
from tests import scenarios
from tests.clock import Clock
from tests.faults.harness import Harness
from tests.faults.use_case import Act, UseCase
from tests.faults.wire import Died, faults
from tests.model import invariants
from tests.ses import ADDRESS, bounce
from tests.world import World


def _a_reminder_bounces(world: World, clock: Clock) -> Act:
    booking = scenarios.a_reminded_booking(world, clock)
    report = bounce(id_in("EF1", mail("reminder", booking.booking_id)))
    return lambda: bounces.receive(world.deps, report)


CASE = UseCase("a reminder bounces", _a_reminder_bounces, cold=True)


def test_whatever_breaks_at_whatever_call_the_same_report_again_counts_once(
    harness: Harness,
) -> None:
    act = harness.arranged(CASE)
    with harness.wire.breaking(0, None):
        act()
    calls, expected = list(harness.wire.calls), _outcome(harness.deps)
    assert calls.count("TransactWriteItems") == 2
    for at in range(len(calls)):
        for fault in faults(at):
            act = harness.arranged(CASE)
            with harness.wire.breaking(at, fault), contextlib.suppress(Died, Unavailable):
                act()
            assert len(harness.wire.calls) > at, "the fault was never reached"
            act()
            assert _outcome(harness.deps) == expected, (at, fault)


def _outcome(deps: Deps) -> tuple[Any, ...]:
    [booking] = invariants.check(deps.now()).bookings.values()
    timeline = [entry.what for entry in booking.timeline]
    return timeline, booking.deadline, deps.mailboxes.get(id_of(ADDRESS))
