from __future__ import annotations

from collections import Counter
from datetime import datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.bookings import allowance
from chalicelib.domain.bookings.allowance import Counts
from chalicelib.domain.core import localtime
from chalicelib.domain.core.change import Tally
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.sites.policy import Policy
from tests.builders import IST
from tests.clock import NOON
from tests.wording import english

DUBLIN = localtime.zone("Europe/Dublin")
BOTH = Policy(max_bookings_per_day=2, max_hours_per_week=10)


def steps(
    start: str, minutes: int = 60, policy: Policy = BOTH, tz: ZoneInfo = DUBLIN
) -> tuple[Tally, ...]:
    begin = localtime.parse_instant(start)
    interval = Interval(begin, begin + timedelta(minutes=minutes))
    return allowance.tallies("CVSTMR01", "hall", policy, interval, tz)


@pytest.mark.parametrize(
    ("start", "tz", "names"),
    [
        ("2026-11-21T10:00:00Z", DUBLIN, ["day.hall.2026-11-21", "week.hall.2026-W47"]),
        # the day and the week are the site's
        ("2026-11-22T20:00:00Z", IST, ["day.hall.2026-11-23", "week.hall.2026-W48"]),
        ("2026-11-22T20:00:00Z", DUBLIN, ["day.hall.2026-11-22", "week.hall.2026-W47"]),
        # the week of the ISO calendar: the last days of December may be in the next year's first
        ("2026-12-31T10:00:00Z", DUBLIN, ["day.hall.2026-12-31", "week.hall.2026-W53"]),
        ("2025-12-30T10:00:00Z", DUBLIN, ["day.hall.2025-12-30", "week.hall.2026-W01"]),
    ],
)
def test_a_booking_counts_on_the_local_date_of_its_start(
    start: str, tz: ZoneInfo, names: list[str]
) -> None:
    assert [step.name for step in steps(start, tz=tz)] == names


def test_a_day_counts_bookings_and_a_week_booked_minutes() -> None:
    counted = steps("2026-11-21T10:00:00Z", minutes=90)
    assert [(step.by, step.limit) for step in counted] == [(1, 2), (90, 600)]


def test_hours_are_elapsed_also_when_clocks_change() -> None:
    _, week = steps("2026-10-24T23:00:00Z", minutes=25 * 60)
    assert week.by == 25 * 60


def test_a_zone_without_allowances_counts_nothing() -> None:
    assert steps("2026-11-21T10:00:00Z", policy=Policy()) == ()


def test_a_tally_expires_long_after_its_period() -> None:
    for step in steps("2026-11-21T10:00:00Z"):
        assert step.expires is not None
        assert step.expires > NOON + timedelta(days=366)


@pytest.mark.parametrize(
    ("policy", "message"),
    [
        (
            Policy(max_bookings_per_day=1),
            "The limit here is 1 booking per person per day. Choose another day.",
        ),
        (
            Policy(max_bookings_per_day=3),
            "The limit here is 3 bookings per person per day. Choose another day.",
        ),
        (
            Policy(max_hours_per_week=1),
            "The limit here is 1 hour per person per week. Book a shorter time, or choose another week.",
        ),
        (
            Policy(max_hours_per_week=12),
            "The limit here is 12 hours per person per week. Book a shorter time, or choose another week.",
        ),
    ],
)
def test_a_refusal_names_the_limit(policy: Policy, message: str) -> None:
    (step,) = steps("2026-11-21T10:00:00Z", policy=policy)
    assert english(allowance.refusal(step)) == message


@pytest.mark.parametrize(
    ("counted", "wanted", "change"),
    [
        ((), (), {}),
        # to another day: one is taken, the other given back
        (
            (("day.hall.1", 1),),
            (("day.hall.2", 1, 2),),
            {"day.hall.2": (1, 2), "day.hall.1": (-1, None)},
        ),
        # on the same day: nothing changes
        ((("day.hall.1", 1),), (("day.hall.1", 1, 2),), {}),
        # longer: the rest is taken within the limit; shorter: given back whatever the limit is
        ((("week.hall.1", 60),), (("week.hall.1", 90, 600),), {"week.hall.1": (30, 600)}),
        ((("week.hall.1", 90),), (("week.hall.1", 60, 30),), {"week.hall.1": (-30, None)}),
        # the policy has no limit any more, or a new one
        ((("day.hall.1", 1),), (), {"day.hall.1": (-1, None)}),
        ((), (("day.hall.1", 1, 2),), {"day.hall.1": (1, 2)}),
    ],
)
def test_a_move_takes_and_gives_back_the_difference(
    counted: Counts,
    wanted: tuple[tuple[str, int, int], ...],
    change: dict[str, tuple[int, int | None]],
) -> None:
    named = {name.replace("hall.1", "hall.2026-11-21") for name, *_ in wanted}
    assert len(named) == len(wanted)
    moved = allowance.moved("C", _dated(counted), [Tally("C", _on(n), b, m) for n, b, m in wanted])
    assert {step.name: (step.by, step.limit) for step in moved} == {
        _on(name): expected for name, expected in change.items()
    }


def _on(name: str) -> str:
    """A name with the period in place of its number."""
    kind, zone, nth = name.split(".")
    period = f"2026-11-2{nth}" if kind == "day" else f"2026-W4{nth}"
    return f"{kind}.{zone}.{period}"


def _dated(counted: Counts) -> Counts:
    return tuple((_on(name), by) for name, by in counted)


STARTS = st.integers(0, 24 * 60).map(lambda hours: NOON + timedelta(hours=hours))
POLICIES = st.builds(
    Policy,
    max_bookings_per_day=st.none() | st.just(3),
    max_hours_per_week=st.none() | st.just(40),
)


@given(st.lists(st.tuples(STARTS, st.integers(1, 600), POLICIES), min_size=1, max_size=6))
def test_after_any_moves_and_a_cancellation_nothing_is_counted(
    moves: list[tuple[datetime, int, Policy]],
) -> None:
    stored: Counter[str] = Counter()
    counted: Counts = ()
    for start, minutes, policy in moves:
        interval = Interval(start, start + timedelta(minutes=minutes))
        wanted = allowance.tallies("C", "hall", policy, interval, DUBLIN)
        for step in allowance.moved("C", counted, wanted):
            stored[step.name] += step.by
        counted = allowance.counts(wanted)
        assert {name: n for name, n in stored.items() if n} == dict(counted)
    for step in allowance.released("C", counted):
        stored[step.name] += step.by
    assert not any(stored.values())
