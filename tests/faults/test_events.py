"""Events when a call breaks: each is logged once and reaches its listeners."""

from __future__ import annotations

import contextlib

import pytest

from chalicelib import sweeps
from chalicelib.domain.core.errors import Unavailable
from chalicelib.services.realtime import publish
from tests import batches
from tests.clock import Clock
from tests.fake_sockets import fake_sockets, listen, with_realtime
from tests.fake_webhook_client import add_webhook, fake_webhook_client
from tests.faults.harness import Harness
from tests.faults.use_case import Act, UseCase
from tests.faults.wire import Died, faults
from tests.world import World

PUBLISHED = ["booking-updated", "availability-changed"]
MOST_RUNS = 6


def _a_booking_is_published(world: World, clock: Clock) -> Act:
    with_realtime(world)
    add_webhook(world)
    listen(world, world.staff, "desk")
    batches.clear()
    world.book()
    clock.move(minutes=5)
    return lambda: sweeps.run(world.deps, "outbox")


CASE = UseCase("an event", _a_booking_is_published)


def test_whatever_breaks_an_event_is_logged_once_and_reaches_its_listeners(
    harness: Harness,
) -> None:
    act = harness.arranged(CASE)
    with harness.wire.breaking(0, None):
        act()
    calls = list(harness.wire.calls)
    assert calls.count("TransactWriteItems") == len(PUBLISHED)
    for at in range(len(calls)):
        for fault in faults(at):
            act = harness.arranged(CASE)
            with harness.wire.breaking(at, fault), contextlib.suppress(Died, Unavailable):
                act()
            _run_until_nothing_waits(harness)
            _assert_published(harness, f"{calls[at]} ({at}) {fault}")


def _assert_published(harness: Harness, where: str) -> None:
    log = harness.deps.events.after("central", publish.START, limit=9)
    assert sorted(event.name for event in log) == sorted(PUBLISHED), where
    assert [event.number - log[0].number for event in log] == [0, 1], where
    frames = fake_sockets(harness.deps).frames["desk"]
    assert {frame["id"] for frame in frames} == {event.event_id for event in log}, where
    [updated] = [event for event in log if event.name == "booking-updated"]
    called = {call.headers["Berth-Id"] for call in fake_webhook_client(harness.deps).calls}
    assert called == {f"central.{updated.event_id}"}, where


def _run_until_nothing_waits(harness: Harness) -> None:
    for _ in range(MOST_RUNS):
        if not batches.stored():
            return
        harness.clock.move(minutes=5)
        sweeps.run(harness.deps, "outbox")
    pytest.fail("something waits for ever")
