"""What is in the way of a refused request, and when the next space is free (docs/rules/occupancy.md),
against a look at each minute."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core.interval import Interval
from chalicelib.domain.occupancy import shortage
from chalicelib.domain.occupancy.inventory import Inventory
from chalicelib.domain.occupancy.occupancy import Sheet
from chalicelib.domain.occupancy.periods import Paging
from chalicelib.domain.occupancy.shortage import Want
from tests.clock import NOON

MINUTE = timedelta(minutes=1)
DAY = Interval(NOON, NOON + 120 * MINUTE)
LONG_AGO = NOON - 600 * MINUTE

Spans = list[tuple[int, int]]


def span(start: int, end: int) -> Interval:
    return Interval(NOON + start * MINUTE, NOON + end * MINUTE)


def sheets(*taken: Spans) -> tuple[Sheet, ...]:
    """A sheet for each space, `A`, `B`, …, with its taken minutes after noon."""
    return tuple(
        Sheet("z", chr(65 + nth), "2026-11-21", {f"BK{nth}{n}": span(*each) for n, each in
              enumerate(spans)}, 1)
        for nth, spans in enumerate(taken)
    )  # fmt: skip


@pytest.mark.parametrize(
    ("taken", "wanted", "full"),
    [
        ([[(0, 60)]], (0, 60), (0, 60)),  # one space: the whole time for which it is taken
        ([[(0, 90)]], (30, 60), (0, 90)),
        ([[(30, 40), (50, 120)]], (0, 60), (30, 40)),  # the first of two
        ([[(0, 60)], [(0, 60)]], (0, 60), (0, 60)),
        ([[(0, 40)], [(20, 60)]], (0, 60), (20, 40)),  # two spaces: while both are taken
        ([[(0, 30)], [(30, 60)]], (0, 60), None),  # always one free, never the same
    ],
)
def test_the_time_in_the_way_is_named(
    taken: list[Spans], wanted: tuple[int, int], full: tuple[int, int] | None
) -> None:
    numbers = tuple(chr(65 + nth) for nth in range(len(taken)))
    found = shortage.full_during(Want(span(*wanted), numbers), sheets(*taken), now=LONG_AGO)
    assert found == (span(*full) if full else None)


@pytest.mark.parametrize(
    ("taken", "full"),
    [
        ([[(0, 60)], [], []], None),  # two are free throughout
        ([[(0, 60)], [(20, 40)], []], (20, 40)),
        ([[(0, 30)], [(10, 20)], [(20, 40)]], (10, 30)),  # one after the other is one time
        ([[(0, 10)], [(0, 10), (30, 50)], [(30, 60)]], (0, 10)),  # the first of two
    ],
)
def test_for_two_spaces_the_time_with_fewer_than_two_is_named(
    taken: list[Spans], full: tuple[int, int] | None
) -> None:
    want = Want(span(0, 60), ("A", "B", "C"), 2)
    found = shortage.full_during(want, sheets(*taken), now=LONG_AGO)
    assert found == (span(*full) if full else None)


def test_a_stay_that_is_overdue_takes_what_is_wanted_now() -> None:
    late = sheets([(-60, -10)])
    want = Want(span(0, 30), ("A",))
    assert shortage.full_during(want, late, now=NOON) == want.interval
    assert shortage.holders(want, late, now=NOON) == ("BK00",)


@st.composite
def _takings(draw: st.DrawFn) -> list[Spans]:
    """The taken minutes of up to three spaces, which do not overlap within a space."""
    every: list[Spans] = []
    for _ in range(draw(st.integers(1, 3))):
        ends = sorted(draw(st.sets(st.integers(0, 120), max_size=6)))
        every.append(list(zip(ends[::2], ends[1::2], strict=False)))
    return every


def _inventory(taken: list[Spans], loose: bool) -> Inventory:
    numbers = tuple(chr(65 + nth) for nth in range(len(taken)))
    found = tuple(
        replace(each, provisional=frozenset(each.taken) if loose else frozenset())
        for each in sheets(*taken)
    )
    day = "2026-11-21"
    return Inventory("z", Paging.DAY, numbers, found, day, day, LONG_AGO)


@given(_takings(), st.integers(0, 60), st.integers(1, 60), st.booleans(), st.integers(1, 2))
def test_the_earliest_time_that_can_be_had_is_among_the_later_starts(
    taken: list[Spans], start: int, length: int, loose: bool, quantity: int
) -> None:
    """Where the bookings may move (`loose`) as well as where they may not."""
    inventory = _inventory(taken, loose)
    want = Want(span(start, start + length), inventory.numbers, quantity)

    def can_be_had(minute: int) -> bool:
        after: Inventory | None = inventory
        for nth in range(quantity):
            wanted = span(minute, minute + length)
            placed = after and after.placed(f"new{nth}", wanted, want.numbers, provisional=loose)
            after = placed[0] if placed else None
        return after is not None

    if can_be_had(start):
        return  # such a request is not refused
    starts = [_minute(at) for at in shortage.later_starts(want, inventory, [DAY])]
    later = [minute for minute in range(start + 1, 121 - length) if can_be_had(minute)]
    assert next(filter(can_be_had, starts), None) == (later[0] if later else None)


def _minute(at: datetime) -> int:
    return (at - NOON) // MINUTE
