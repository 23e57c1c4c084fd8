from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.clock import MovableClock
from local.invocation import Context
from local.schedules import QUIET_SECONDS, Schedules

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Harness:
    """Schedules over a real time that the test lets pass."""

    def __init__(self) -> None:
        self.real, self.seconds = NOON, 0.0
        self.events: list[tuple[dict[str, Any], Context]] = []
        self.clock = MovableClock(lambda: self.real, lambda: self.seconds)
        self.fails = False
        handlers = {"often": self.handle, "rarely": self.handle}
        every = {"often": 5, "rarely": 15}
        self.schedules = Schedules(self.clock, every, handlers, "ap-south-1")

    def handle(self, event: dict[str, Any], context: Context) -> dict[str, str]:
        if self.fails:
            raise ValueError("broken")
        self.events.append((event, context))
        return {"sweep": "done"}

    def wait(self, seconds: float) -> list[str]:
        self.real += timedelta(seconds=seconds)
        self.seconds += seconds
        return self.schedules.tick()


@pytest.fixture
def harness() -> Harness:
    return Harness()


def test_each_sweep_runs_at_the_multiples_of_its_period(harness: Harness) -> None:
    assert harness.wait(0) == []
    assert harness.wait(299) == []
    assert harness.wait(1) == ["often"]
    assert harness.wait(60) == []
    assert harness.wait(540) == ["often", "rarely"]


def test_a_sweep_gets_the_whole_event_of_its_rule(harness: Harness) -> None:
    harness.wait(300)
    (event, context), *_ = harness.events
    assert event["time"] == "2026-11-21T12:05:00Z"
    assert event["detail-type"] == "Scheduled Event"
    assert event["resources"][0].endswith("rule/berth-local-often")
    assert 0 < context.get_remaining_time_in_millis() <= 60_000
    assert context.invoked_function_arn.endswith("berth-local-often")


def test_after_a_move_of_the_clock_nothing_runs_until_it_stood_still(harness: Harness) -> None:
    harness.clock.advance(7200)
    assert harness.wait(1) == []
    assert harness.wait(QUIET_SECONDS) == ["often", "rarely"]
    assert harness.wait(1) == []  # two hours that passed in a moment are one tick


def test_a_clock_moved_back_does_not_silence_the_schedules(harness: Harness) -> None:
    harness.clock.advance(7200)
    harness.wait(QUIET_SECONDS)
    harness.clock.advance(-7200)
    assert harness.wait(QUIET_SECONDS) == []
    assert harness.wait(300) == ["often"]


def test_a_failing_sweep_is_logged_and_stops_nothing(
    harness: Harness, caplog: pytest.LogCaptureFixture
) -> None:
    harness.fails = True
    assert harness.wait(900) == ["often", "rarely"]
    assert "the sweep often failed" in caplog.text
    assert "the sweep rarely failed" in caplog.text


def test_a_sweep_can_be_run_by_hand(harness: Harness) -> None:
    assert harness.schedules.fire("rarely") == {"sweep": "done"}


def test_overdue_sweeps_run_at_once_and_then_at_their_ticks(harness: Harness) -> None:
    harness.schedules.start(overdue=True)
    deadline = time.monotonic() + 10
    while len(harness.events) < 2 and time.monotonic() < deadline:
        time.sleep(0.01)
    harness.schedules.stop()
    assert len(harness.events) == 2
    assert harness.wait(299) == []
    assert harness.wait(1) == ["often"]


def test_the_thread_starts_and_stops(harness: Harness) -> None:
    harness.schedules.start()
    harness.schedules.stop()
    assert harness.events == []
