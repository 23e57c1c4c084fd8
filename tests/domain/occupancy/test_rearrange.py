"""Rearranging against a reference: every assignment, or the peak where no taker is fixed."""

from __future__ import annotations

import random
from collections.abc import Mapping
from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core.interval import Interval
from chalicelib.domain.occupancy import displace, exchange, layout, rearrange, reassign
from chalicelib.domain.occupancy.layout import NEWCOMER, Layout, Plan, Taker
from tests.clock import NOON

QUARTER = timedelta(minutes=15)
A_DAY = 96


def span(first: float, last: float) -> Interval:
    """From one hour after noon to another."""
    return Interval(NOON + first * 4 * QUARTER, NOON + last * 4 * QUARTER)


def lay(
    spaces: int, *taken: tuple[int, float, float], fixed: frozenset[int] = frozenset()
) -> Layout:
    """Takers `BK0`, `BK1`, … by space and hours; those at the positions `fixed` may not move."""
    numbers = [str(n) for n in range(spaces)]
    laid: dict[str, list[Taker]] = {number: [] for number in numbers}
    for nth, (number, first, last) in enumerate(taken):
        may_have = frozenset({str(number)} if nth in fixed else numbers)
        laid[str(number)].append(Taker(f"BK{nth}", span(first, last), str(number), may_have))
    return laid


def plan_of(laid: Layout, wanted: Interval, among: str | None = None) -> Plan | None:
    return rearrange.plan(wanted, among or [*laid], laid, may_use=lambda plan: True)


def carried_out(laid: Layout, plan: Plan, wanted: Interval, name: str = "new") -> Layout:
    """The layout after a plan, in which each space has one taker at a time."""
    after: dict[str, list[Taker]] = {number: [] for number in laid}
    for taker in (t for takers in laid.values() for t in takers):
        number = plan.get(taker.holder, taker.number)
        assert number in taker.may_have, (taker, plan)
        after[number].append(Taker(taker.holder, taker.interval, number, taker.may_have))
    new = Taker(name, wanted, plan[NEWCOMER], frozenset(laid))
    after[new.number].append(new)
    for takers in after.values():
        for one, other in pairwise(sorted(t.interval for t in takers)):
            assert one.end <= other.start, (one, other, plan)
    return after


def test_the_example_of_the_zone_of_three_finds_a_space() -> None:
    laid = lay(3, (0, 10, 11), (1, 11, 12), (2, 9.5, 11))
    wanted = span(9, 12)
    plan = plan_of(laid, wanted)
    assert plan is not None
    assert len(plan) == 2, "one moves"
    carried_out(laid, plan, wanted)


def test_one_that_is_fixed_stays() -> None:
    laid = lay(2, (0, 10, 11), (1, 11, 12), fixed=frozenset({0, 1}))
    assert plan_of(laid, span(10, 12)) is None
    laid = lay(2, (0, 10, 11), (1, 11, 12), fixed=frozenset({0}))
    plan = plan_of(laid, span(10, 12))
    assert plan == {NEWCOMER: "1", "BK1": "0"}


def test_a_named_space_is_made_free() -> None:
    laid = lay(2, (0, 10, 12))
    assert plan_of(laid, span(11, 12), among="0") == {NEWCOMER: "0", "BK0": "1"}


def test_a_plan_that_may_not_be_used_is_passed_over() -> None:
    laid = lay(2, (0, 10, 11), (1, 11, 12))
    assert rearrange.plan(span(10, 12), "01", laid, may_use=lambda plan: False) is None


@given(seed=st.integers(0, 10**6), spaces=st.integers(1, 12))
def test_where_none_is_fixed_a_request_is_refused_only_if_the_peak_does_not_fit(
    seed: int, spaces: int
) -> None:
    draw, laid = random.Random(seed), lay(spaces)
    for nth in range(30 * spaces):
        wanted = _drawn(draw)
        plan = plan_of(laid, wanted)
        assert (plan is None) == (_peak(laid, wanted) >= spaces), (seed, nth)
        if plan is not None:
            laid = carried_out(laid, plan, wanted, f"BK{nth}")


def test_of_360_random_requests_on_ten_bays_none_is_refused_below_the_peak_nor_moves_many() -> None:
    for seed in range(5):
        draw, laid, most = random.Random(seed), lay(10), 0
        for nth in range(360):
            wanted = _drawn(draw)
            plan = _direct(draw, laid, wanted) or plan_of(laid, wanted)
            assert (plan is None) == (_peak(laid, wanted) >= 10), (seed, nth)
            if plan is not None:
                most = max(most, len(plan) - 1)
                laid = carried_out(laid, plan, wanted, f"BK{nth}")
        assert 1 < most <= 20


@pytest.mark.parametrize("search", [displace.displaced, exchange.exchanged, reassign.anew])
def test_each_search_keeps_those_that_are_fixed_and_lets_nobody_share(search: object) -> None:
    found = 0
    for seed in range(300):
        draw = random.Random(seed)
        laid, wanted = _with_fixed(draw), _drawn(draw, 16)
        asking = layout.newcomer(wanted, draw.sample([*laid], draw.randint(1, len(laid))))
        plan = search(asking, laid)  # type: ignore[operator]
        if plan is not None:
            found += 1
            carried_out(laid, plan, wanted)
    assert found > 30


def test_with_some_fixed_a_plan_is_found_where_the_reference_finds_one() -> None:
    hard = 0
    for seed in range(600):
        draw = random.Random(seed)
        laid, wanted = _with_fixed(draw), _drawn(draw, 16)
        exists, plan = _reference(laid, wanted), plan_of(laid, wanted)
        assert (plan is not None) == exists, (seed, plan)
        hard += exists and _direct(draw, laid, wanted) is None
    assert hard > 30


def _drawn(draw: random.Random, until: int = A_DAY) -> Interval:
    first = draw.randrange(until - 2)
    last = min(until, first + draw.choice([1, 2, 3, 4, 4, 6, 8, 12]))
    return Interval(NOON + first * QUARTER, NOON + last * QUARTER)


def _with_fixed(draw: random.Random) -> Layout:
    """Four spaces and up to ten takers, a third of them fixed."""
    laid: Mapping[str, list[Taker]] = {str(n): [] for n in range(4)}
    for nth in range(10):
        wanted = _drawn(draw, 16)
        plan = _direct(draw, laid, wanted)
        if plan is not None:
            number = plan[NEWCOMER]
            may_have = frozenset({number} if draw.random() < 1 / 3 else laid)
            laid[number].append(Taker(f"BK{nth}", wanted, number, may_have))
    return laid


def _direct(draw: random.Random, laid: Layout, wanted: Interval) -> Plan | None:
    """A space that is free as things stand, by lot."""
    free = [n for n in laid if not any(t.interval.overlaps(wanted) for t in laid[n])]
    return {NEWCOMER: draw.choice(free)} if free else None


def _peak(laid: Layout, wanted: Interval) -> int:
    """The most takers at once during `wanted`, counted quarter by quarter."""
    at = wanted.start
    most = 0
    while at < wanted.end:
        there = sum(t.interval.contains(at) for takers in laid.values() for t in takers)
        most, at = max(most, there), at + QUARTER
    return most


def _reference(laid: Layout, wanted: Interval) -> bool:
    """Whether any assignment serves all, by trying every one of them."""
    everyone = [t for takers in laid.values() for t in takers]
    new = layout.newcomer(wanted, laid)
    return _any_assignment([*(t for t in everyone if t.is_fixed), new,
                            *(t for t in everyone if not t.is_fixed)], {n: [] for n in laid})  # fmt: skip


def _any_assignment(left: list[Taker], given: dict[str, list[Interval]]) -> bool:
    if not left:
        return True
    taker, *rest = left
    for number in taker.may_have:
        if not any(taker.interval.overlaps(other) for other in given[number]):
            given[number].append(taker.interval)
            if _any_assignment(rest, given):
                return True
            given[number].pop()
    return False
