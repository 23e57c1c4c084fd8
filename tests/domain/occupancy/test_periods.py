from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core.interval import Interval
from chalicelib.domain.occupancy import periods
from chalicelib.domain.occupancy.periods import Paging


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


PAGES = (
    # from, until, the days, the months
    ("2026-11-21T15:00", "2026-11-22T11:00", ["2026-11-21", "2026-11-22"], ["2026-11"]),
    ("2026-11-30T15:00", "2026-12-01T11:00", ["2026-11-30", "2026-12-01"], ["2026-11", "2026-12"]),
    ("2026-12-31T23:00", "2027-01-01T00:00", ["2026-12-31"], ["2026-12"]),  # ends at midnight
    ("2026-12-31T23:00", "2027-01-01T00:01", ["2026-12-31", "2027-01-01"], ["2026-12", "2027-01"]),
)


@pytest.mark.parametrize(("start", "end", "days", "months"), PAGES)
def test_a_page_is_a_day_or_for_rooms_a_month(
    start: str, end: str, days: list[str], months: list[str]
) -> None:
    interval = Interval(at(start), at(end))
    assert list(Paging.DAY.pages(interval)) == days
    assert list(Paging.MONTH.pages(interval)) == months


def test_only_rooms_have_months() -> None:
    kinds = ("parking", "venue", "room")
    assert [periods.of_kind(kind) for kind in kinds] == [Paging.DAY, Paging.DAY, Paging.MONTH]


def test_thirty_nights_lie_on_two_pages_at_most() -> None:
    for day in range(366):
        start = at("2027-12-01T15:00") + timedelta(days=day)
        month = Paging.MONTH.pages(Interval(start, start + timedelta(days=30)))
        assert len(month) <= 2 or start.month in (1, 2)  # February is shorter than 30 days


@given(st.integers(0, 10_000), st.integers(1, 5_000), st.sampled_from(Paging))
def test_pages_are_in_order_and_hold_every_instant_of_an_interval(
    first: int, hours: int, cut: Paging
) -> None:
    start = at("2026-01-01T00:00") + timedelta(hours=first)
    pages = cut.pages(Interval(start, start + timedelta(hours=hours)))
    inside = {cut.page_of(start + timedelta(hours=hour)) for hour in range(hours)}
    assert list(pages) == sorted(inside)
