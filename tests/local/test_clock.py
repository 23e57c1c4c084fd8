from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from local.clock import ClockRangeError, MovableClock

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Real:
    """Real time, held still."""

    def __init__(self) -> None:
        self.at = NOON + timedelta(microseconds=999_999)
        self.seconds = 100.0

    def pass_by(self, seconds: float) -> None:
        self.at += timedelta(seconds=seconds)
        self.seconds += seconds


@pytest.fixture
def real() -> Real:
    return Real()


@pytest.fixture
def clock(real: Real) -> MovableClock:
    return MovableClock(lambda: real.at, lambda: real.seconds)


def test_it_shows_real_time_in_whole_seconds(clock: MovableClock) -> None:
    assert clock.now() == NOON
    assert clock.offset_seconds == 0
    assert clock.still_for is None


def test_it_moves_by_seconds_and_goes_on_from_there(clock: MovableClock, real: Real) -> None:
    assert clock.advance(3600) == NOON + timedelta(hours=1)
    real.pass_by(5)
    assert clock.now() == NOON + timedelta(hours=1, seconds=5)
    assert clock.still_for == 5
    assert clock.advance(-3600) == NOON + timedelta(seconds=5)


def test_it_moves_to_an_instant_in_any_zone(clock: MovableClock) -> None:
    instant = datetime.fromisoformat("2027-03-28T02:30:00+05:30")
    assert clock.set(instant) == clock.now() == datetime(2027, 3, 27, 21, tzinfo=UTC)
    assert clock.offset_seconds == int((clock.now() - NOON).total_seconds())


def test_it_goes_back_to_real_time(clock: MovableClock) -> None:
    clock.advance(60)
    clock.reset()
    assert clock.now() == NOON
    assert clock.still_for is None


@pytest.mark.parametrize("seconds", [10**15, -(10**11), 6 * 10**9])
def test_it_stays_within_two_centuries(clock: MovableClock, seconds: int) -> None:
    with pytest.raises(ClockRangeError):
        clock.advance(seconds)
    assert clock.now() == NOON


def test_each_move_is_kept(real: Real) -> None:
    kept: list[int] = []
    clock = MovableClock(lambda: real.at, lambda: real.seconds, keep=kept.append)
    clock.advance(3600)
    clock.set(NOON - timedelta(minutes=1))
    clock.reset()
    assert kept == [3600, -60, 0]


def test_it_begins_with_the_offset_it_is_given(real: Real) -> None:
    clock = MovableClock(lambda: real.at, lambda: real.seconds, offset=-3600)
    assert clock.now() == NOON - timedelta(hours=1)
    assert clock.offset_seconds == -3600
    assert clock.still_for is None


def test_a_move_that_cannot_be_kept_is_not_made(real: Real) -> None:
    def refuse(_: int) -> None:
        raise OSError("full")

    clock = MovableClock(lambda: real.at, lambda: real.seconds, offset=60, keep=refuse)
    for move in (lambda: clock.advance(5), lambda: clock.set(NOON), clock.reset):
        with pytest.raises(OSError, match="full"):
            move()
        assert clock.offset_seconds == 60
        assert clock.still_for is None
