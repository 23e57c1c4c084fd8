"""The outbox when something breaks: every mail leaves, and whoever gets one twice can tell."""

from __future__ import annotations

import contextlib
import re
from collections import Counter

import pytest

from chalicelib import sweeps
from chalicelib.domain.core.errors import Unavailable
from chalicelib.services.delivery import outbox
from chalicelib.store.outbox import OutboxItem
from tests.clock import Clock
from tests.faults.ground import Ground
from tests.faults.use_cases import Act, UseCase
from tests.faults.wire import Died, Fault, faults
from tests.world import World

MOST_RUNS = 4
_EFFECT = re.compile(r"^X-Berth-Effect: (\S+)", re.MULTILINE)


def _things_happen(world: World) -> None:
    """A stay begins and ends, another is booked: three mails wait, of which the first has become
    pointless by the time it may leave."""
    world.leave(world.enter(world.book(number="A-001")))
    world.book(world.other, number="A-002", minutes=300)


def _by_sweep(world: World, clock: Clock) -> Act:
    """Whoever reads the stream has missed them all."""
    _things_happen(world)
    clock.move(minutes=5)
    return lambda: sweeps.run(world.deps, "outbox")


def _from_stream(world: World, clock: Clock) -> Act:
    _things_happen(world)
    ids = [item.sk for item in _waiting()]
    return lambda: [outbox.from_stream(world.deps, batch) for batch in ids]


@pytest.mark.parametrize(
    "case",
    [UseCase("sweep", _by_sweep), UseCase("stream", _from_stream)],
    ids=lambda case: case.name,
)
def test_whatever_breaks_every_mail_leaves_under_one_id(ground: Ground, case: UseCase) -> None:
    act = ground.arranged(case)
    with ground.wire.breaking(0, None):
        act()
    calls, expected = list(ground.wire.calls), _subjects(ground)
    assert {"SendRawEmail", "DeleteItem"} <= set(calls)
    assert (len(expected), _waiting()) == (2, [])
    for at in range(len(calls)):
        for fault in faults(at):
            _break(ground, ground.arranged(case), at, fault)
            _run_until_nothing_waits(ground)
            assert _subjects(ground) == expected, (at, fault)


def _break(ground: Ground, act: Act, at: int, fault: Fault) -> None:
    with ground.wire.breaking(at, fault), contextlib.suppress(Died, Unavailable):
        act()
    assert len(ground.wire.calls) > at, "the fault was never reached"


def _run_until_nothing_waits(ground: Ground) -> None:
    for _ in range(MOST_RUNS):
        if not _waiting():
            return
        ground.clock.move(minutes=5)
        sweeps.run(ground.deps, "outbox")
    pytest.fail("something waits for ever")


def _waiting() -> list[OutboxItem]:
    return list(OutboxItem.scan(OutboxItem.pk.startswith("waiting."), consistent_read=True))


def _subjects(ground: Ground) -> Counter[str]:
    """The mails that arrived, each effect once however often it was sent."""
    arrived = {}
    for mail in ground.bench.aws.sent_mails():
        found = _EFFECT.search(mail.raw)
        assert found is not None
        arrived[found[1]] = mail.subject
    assert len(ground.bench.aws.sent_mails()) <= len(arrived) + 1
    return Counter(arrived.values())
