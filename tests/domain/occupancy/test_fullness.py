"""How full a zone is for an interval (docs/rules/pricing.md, How full)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core.interval import Interval
from chalicelib.domain.occupancy import fullness
from chalicelib.domain.occupancy.inventory import Inventory
from chalicelib.domain.occupancy.occupancy import Sheet
from chalicelib.domain.occupancy.periods import Paging
from tests.clock import NOON

HOUR = Interval(NOON, NOON + timedelta(hours=1))
DAY = "2026-11-21"


def minutes(first: int, last: int) -> Interval:
    return Interval(NOON + timedelta(minutes=first), NOON + timedelta(minutes=last))


def zone(*taken: tuple[int, Interval], spaces: int = 10, now: datetime = NOON) -> Inventory:
    """A zone with these intervals of the spaces of these positions."""
    numbers = tuple(f"A-{n:03}" for n in range(spaces))
    sheets: dict[str, dict[str, Interval]] = {}
    for nth, (at, interval) in enumerate(taken):
        sheets.setdefault(numbers[at], {})[f"BK{nth}"] = interval
    made = tuple(Sheet("zone-a", number, DAY, held) for number, held in sheets.items())
    return Inventory("zone-a", Paging.DAY, numbers, made, DAY, DAY, now)


WHOLE, HALF = minutes(0, 60), minutes(30, 60)


@pytest.mark.parametrize(
    ("taken", "full"),
    [
        ([], 0),  # nobody is there
        ([(n, WHOLE) for n in range(5)], 50),
        ([(n, WHOLE) for n in range(5)] + [(5, HALF), (6, HALF)], 60),  # the example of the page
        ([(n, minutes(-600, 600)) for n in range(10)], 100),  # longer on both sides
        ([(0, minutes(-60, 0)), (1, minutes(60, 120))], 0),  # before and after
        ([(0, minutes(0, 59))], 9),  # rounded down
        ([(0, minutes(-90, -30))], 0),  # a stay that is overdue does not count
    ],
)
def test_the_taken_share_of_the_time_counts(taken: list[tuple[int, Interval]], full: int) -> None:
    assert fullness.percent(zone(*taken), HOUR) == full


def test_a_zone_without_spaces_is_not_full() -> None:
    assert fullness.percent(zone(spaces=0), HOUR) == 0


def test_closed_spaces_and_lapsed_holds_do_not_count() -> None:
    seen = zone((0, WHOLE), (1, WHOLE), spaces=4)
    first, second = seen.sheets
    closed = replace(seen, sheets=(replace(first, closed=True), second))
    assert fullness.percent(closed, HOUR) == 33
    lapsed = replace(second, lapses={"BK1": NOON})
    assert fullness.percent(replace(seen, sheets=(first, lapsed)), HOUR) == 25
    held = replace(second, lapses={"BK1": NOON + timedelta(seconds=1)})
    assert fullness.percent(replace(seen, sheets=(first, held)), HOUR) == 50


def test_a_booking_over_two_pages_counts_once() -> None:
    night = minutes(0, 24 * 60)
    pages = tuple(Sheet("zone-a", "A-000", day, {"BK0": night}) for day in (DAY, "2026-11-22"))
    seen = replace(zone(spaces=2), sheets=pages, last="2026-11-22")
    assert fullness.percent(seen, night) == 50


@given(st.lists(st.tuples(st.integers(0, 9), st.integers(0, 59), st.integers(1, 60))))
def test_where_in_the_zone_a_booking_lies_makes_no_difference(
    wanted: list[tuple[int, int, int]],
) -> None:
    taken = [(at, minutes(first, first + length)) for at, first, length in wanted]
    elsewhere = [((at + 3) % 10, interval) for at, interval in taken]
    full = fullness.percent(zone(*taken), HOUR)
    assert full == fullness.percent(zone(*elsewhere), HOUR)
    assert 0 <= full <= 100
