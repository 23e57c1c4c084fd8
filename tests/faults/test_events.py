"""Events when something breaks: each is logged once, and whoever listens hears of it."""

from __future__ import annotations

import contextlib

import pytest

from chalicelib import sweeps
from chalicelib.domain.core.errors import Unavailable
from chalicelib.services.realtime import publish
from chalicelib.store.outbox import LANES, OutboxItem
from tests.clock import Clock
from tests.faults.ground import Ground
from tests.faults.use_cases import Act, UseCase
from tests.faults.wire import Died, faults
from tests.receiver import add_webhook, receiver_of
from tests.switchboard import listen, publishing, switchboard_of
from tests.world import World

TOLD = ["booking-updated", "availability-changed"]
MOST_RUNS = 6


def _a_booking_is_told(world: World, clock: Clock) -> Act:
    switchboard_of(world.deps).clear()
    receiver_of(world.deps).clear()
    publishing(world)
    add_webhook(world)
    listen(world, world.staff, "desk")
    for item in _waiting():
        item.delete()
    world.book()
    clock.move(minutes=5)
    return lambda: sweeps.run(world.deps, "outbox")


CASE = UseCase("an event", _a_booking_is_told)


def test_whatever_breaks_an_event_is_logged_once_and_heard(ground: Ground) -> None:
    act = ground.arranged(CASE)
    with ground.wire.breaking(0, None):
        act()
    calls = list(ground.wire.calls)
    assert calls.count("TransactWriteItems") == len(TOLD)
    for at in range(len(calls)):
        for fault in faults(at):
            act = ground.arranged(CASE)
            with ground.wire.breaking(at, fault), contextlib.suppress(Died, Unavailable):
                act()
            _run_until_nothing_waits(ground)
            _assert_told(ground, f"{calls[at]} ({at}) {fault}")


def _assert_told(ground: Ground, where: str) -> None:
    log = ground.deps.events.after("central", publish.START, limit=9)
    assert sorted(event.name for event in log) == sorted(TOLD), where
    assert [event.number - log[0].number for event in log] == [0, 1], where
    frames = switchboard_of(ground.deps).frames["desk"]
    assert {frame["id"] for frame in frames} == {event.event_id for event in log}, where
    [updated] = [event for event in log if event.name == "booking-updated"]
    called = {call.headers["Berth-Id"] for call in receiver_of(ground.deps).calls}
    assert called == {f"central.{updated.event_id}"}, where


def _run_until_nothing_waits(ground: Ground) -> None:
    for _ in range(MOST_RUNS):
        if not _waiting():
            return
        ground.clock.move(minutes=5)
        sweeps.run(ground.deps, "outbox")
    pytest.fail("something waits for ever")


def _waiting() -> list[OutboxItem]:
    return list(OutboxItem.scan(OutboxItem.pk.is_in(*LANES), consistent_read=True))
