"""The days of a season pass (docs/rules/passes.md, Days)."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core.localtime import zone
from chalicelib.domain.season_passes import periods
from chalicelib.domain.season_passes.periods import Days
from chalicelib.domain.sites.season_plan import SeasonPeriod

PAGE = Path(__file__).parents[3].joinpath("docs/rules/passes.md")
DAY = timedelta(days=1)
ROW = re.compile(r"\| (weekly|monthly|quarterly) \| ([0-9-]{10}) \| ([0-9-]{10}) \|")
FIRST_DAYS = st.dates(date(2020, 1, 1), date(2090, 1, 1))
LONG: tuple[SeasonPeriod, ...] = ("monthly", "quarterly")


@pytest.mark.parametrize(("period", "first", "last"), ROW.findall(PAGE.read_text()))
def test_a_period_ends_as_the_table_of_the_rules_says(
    period: SeasonPeriod, first: str, last: str
) -> None:
    assert str(periods.last_day(date.fromisoformat(first), period)) == last


def test_the_table_of_the_rules_has_each_period() -> None:
    assert {period for period, _, _ in ROW.findall(PAGE.read_text())} == {
        "weekly", "monthly", "quarterly",
    }  # fmt: skip


@given(FIRST_DAYS, st.sampled_from([("monthly", 28, 31), ("quarterly", 89, 92)]))
def test_a_period_has_the_days_of_its_months(
    first: date, period: tuple[SeasonPeriod, int, int]
) -> None:
    name, fewest, most = period
    assert fewest <= Days(first, periods.last_day(first, name)).count <= most


@given(FIRST_DAYS, FIRST_DAYS, st.sampled_from(LONG))
def test_who_begins_later_never_ends_earlier(one: date, other: date, period: SeasonPeriod) -> None:
    ends = [periods.last_day(first, period) for first in sorted((one, other))]
    assert ends == sorted(ends)


@given(st.integers(1, 60), st.lists(st.tuples(st.integers(0, 80), st.integers(1, 9)), max_size=4))
def test_valid_days_are_all_days_but_the_paused_ones(
    length: int, pauses: list[tuple[int, int]]
) -> None:
    first = date(2026, 11, 21)
    last = first + (length - 1) * DAY
    paused = [Days(first + start * DAY, first + (start + n - 1) * DAY) for start, n in pauses]
    valid = periods.valid_days(first, last, paused)
    listed = [each.first + step * DAY for each in valid for step in range(each.count)]
    off = {each.first + step * DAY for each in paused for step in range(each.count)}
    assert listed == [first + step * DAY for step in range(length) if first + step * DAY not in off]


def test_days_begin_and_end_at_local_midnight_also_where_the_clocks_change() -> None:
    found = periods.span(Days(date(2026, 10, 25), date(2026, 10, 25)), zone("Europe/Dublin"))
    assert found.duration == timedelta(hours=25)
