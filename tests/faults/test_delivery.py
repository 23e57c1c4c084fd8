"""The outbox when a call breaks: every mail leaves, and one that arrives twice has one id."""

from __future__ import annotations

import contextlib
import re
from collections import Counter

import pytest

from chalicelib import sweeps
from chalicelib.domain.core.errors import Unavailable
from chalicelib.services.delivery import outbox
from tests import batches
from tests.clock import Clock
from tests.faults.harness import Harness
from tests.faults.use_case import Act, UseCase
from tests.faults.wire import Died, Fault, faults
from tests.world import World

MOST_RUNS = 4
_EFFECT = re.compile(r"^X-Berth-Effect: (\S+)", re.MULTILINE)


def _two_bookings(world: World) -> None:
    """Two bookings, one of which begins and ends: three mails wait, and the first is out of date
    by the time it may leave."""
    world.leave(world.enter(world.book(number="A-001")))
    world.book(world.other, number="A-002", minutes=300)


def _by_sweep(world: World, clock: Clock) -> Act:
    """The stream has delivered none of them. One worker: at most one mail is on its way when the
    process dies."""
    _two_bookings(world)
    clock.move(minutes=5)
    return lambda: batches.sweep(world.deps)


def _from_stream(world: World, clock: Clock) -> Act:
    _two_bookings(world)
    ids = [item.sk for item in batches.stored()]
    return lambda: [outbox.from_stream(world.deps, batch) for batch in ids]


@pytest.mark.parametrize(
    "case",
    [UseCase("sweep", _by_sweep), UseCase("stream", _from_stream)],
    ids=lambda case: case.name,
)
def test_whatever_breaks_every_mail_leaves_under_one_id(harness: Harness, case: UseCase) -> None:
    act = harness.arranged(case)
    with harness.wire.breaking(0, None):
        act()
    calls, expected = list(harness.wire.calls), _subjects(harness)
    assert {"SendRawEmail", "DeleteItem"} <= set(calls)
    assert (len(expected), batches.stored()) == (2, [])
    for at in range(len(calls)):
        for fault in faults(at):
            _break(harness, harness.arranged(case), at, fault)
            _run_until_nothing_waits(harness)
            assert _subjects(harness) == expected, (at, fault)


def _break(harness: Harness, act: Act, at: int, fault: Fault) -> None:
    with harness.wire.breaking(at, fault), contextlib.suppress(Died, Unavailable):
        act()
    assert len(harness.wire.calls) > at, "the fault was never reached"


def _run_until_nothing_waits(harness: Harness) -> None:
    for _ in range(MOST_RUNS):
        if not batches.stored():
            return
        harness.clock.move(minutes=5)
        sweeps.run(harness.deps, "outbox")
    pytest.fail("something waits for ever")


def _subjects(harness: Harness) -> Counter[str]:
    """The mails that arrived, each effect once however often it was sent."""
    arrived = {}
    for mail in harness.backend.aws.sent_mails():
        found = _EFFECT.search(mail.raw)
        assert found is not None
        arrived[found[1]] = mail.subject
    assert len(harness.backend.aws.sent_mails()) <= len(arrived) + 1
    return Counter(arrived.values())
