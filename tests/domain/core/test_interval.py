from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core.interval import Interval, gaps, utc_days
from chalicelib.domain.core.localtime import zone

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


def at(minutes: float) -> datetime:
    return NOON + timedelta(minutes=minutes)


def between(start: float, end: float) -> Interval:
    return Interval(at(start), at(end))


SPANS = st.tuples(st.integers(0, 5000), st.integers(1, 3000)).map(
    lambda pair: between(pair[0], pair[0] + pair[1])
)


@pytest.mark.parametrize(("start", "end"), [(0, 0), (1, 0)])
def test_an_interval_ends_after_it_starts(start: int, end: int) -> None:
    with pytest.raises(ValueError, match="end after it starts"):
        between(start, end)


def test_an_interval_lies_between_utc_instants() -> None:
    naive = datetime(2026, 11, 21, 12)  # noqa: DTZ001
    kolkata = NOON.astimezone(zone("Asia/Kolkata"))
    for start in (naive, kolkata):
        with pytest.raises(ValueError, match="UTC"):
            Interval(start, at(600))


@pytest.mark.parametrize(
    ("other", "shared"),
    [
        ((0, 60), True),  # the same
        ((30, 90), True),  # runs over its end
        ((-30, 1), True),  # runs into its start
        ((10, 20), True),  # inside
        ((-10, 90), True),  # around
        ((60, 90), False),  # begins at the very minute it ends
        ((-30, 0), False),  # ends at the very minute it begins
    ],
)
def test_intervals_that_only_touch_do_not_overlap(other: tuple[int, int], shared: bool) -> None:
    assert between(0, 60).overlaps(between(*other)) is shared
    assert between(*other).overlaps(between(0, 60)) is shared


def test_an_interval_holds_its_start_but_not_its_end() -> None:
    hour = between(0, 60)
    assert hour.contains(at(0))
    assert hour.contains(at(60) - timedelta(seconds=1))
    assert not hour.contains(at(60))
    assert not hour.contains(at(-1))


@pytest.mark.parametrize(("seconds", "minutes"), [(1, 1), (60, 1), (61, 2), (3600, 60), (3601, 61)])
def test_a_minute_begun_counts_as_one(seconds: int, minutes: int) -> None:
    interval = Interval(NOON, NOON + timedelta(seconds=seconds))
    assert interval.minutes == minutes
    assert interval.duration == timedelta(seconds=seconds)


def test_either_end_can_be_moved_but_not_past_the_other() -> None:
    assert between(0, 60).ending(at(30)) == between(0, 30)
    assert between(0, 60).starting(at(30)) == between(30, 60)
    with pytest.raises(ValueError, match="end after it starts"):
        between(0, 60).ending(at(0))
    with pytest.raises(ValueError, match="end after it starts"):
        between(0, 60).starting(at(60))


def test_a_stay_left_in_the_second_it_began_lasts_a_second() -> None:
    assert Interval.of_stay(NOON, NOON).duration == timedelta(seconds=1)
    assert Interval.of_stay(NOON, at(5)) == between(0, 5)


@pytest.mark.parametrize(
    ("start", "end", "days"),
    [
        (0, 60, [21]),
        (0, 720, [21]),  # up to midnight is not the next day
        (0, 721, [21, 22]),
        (720, 721, [22]),
        (0, 720 + 1440 + 1, [21, 22, 23]),
    ],
)
def test_an_interval_touches_the_days_it_has_time_on(start: int, end: int, days: list[int]) -> None:
    assert utc_days(between(start, end)) == tuple(date(2026, 11, day) for day in days)


@pytest.mark.parametrize(
    ("taken", "free"),
    [
        ([], [(0, 60)]),
        ([(0, 60)], []),
        ([(-10, 90)], []),
        ([(10, 20)], [(0, 10), (20, 60)]),
        ([(10, 20), (20, 30)], [(0, 10), (30, 60)]),  # back to back
        ([(30, 50), (10, 40)], [(0, 10), (50, 60)]),  # overlapping, in any order
        ([(10, 50), (20, 30)], [(0, 10), (50, 60)]),  # one inside another
        ([(-20, 0), (60, 80)], [(0, 60)]),  # only touching
        ([(-20, 10), (50, 80)], [(10, 50)]),
    ],
)
def test_gaps_are_what_nobody_has_taken(
    taken: list[tuple[int, int]], free: list[tuple[int, int]]
) -> None:
    found = gaps(between(0, 60), (between(*each) for each in taken))
    assert found == tuple(between(*each) for each in free)


@given(SPANS, st.lists(SPANS, max_size=6), st.integers(0, 8000))
def test_an_instant_is_taken_or_in_exactly_one_gap(
    within: Interval, taken: list[Interval], minute: int
) -> None:
    instant = at(minute)
    free = sum(gap.contains(instant) for gap in gaps(within, taken))
    busy = any(each.contains(instant) for each in taken)
    assert free == (within.contains(instant) and not busy)


@given(SPANS, st.integers(0, 8000))
def test_an_instant_lies_on_a_day_touched(span: Interval, minute: int) -> None:
    if span.contains(at(minute)):
        assert at(minute).date() in utc_days(span)
