from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core.interval import Interval
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import Holding, Sheet
from chalicelib.domain.occupancy.periods import Paging
from tests.builders import an_interval
from tests.clock import NOON


def a_sheet(
    number: str = "A-001", day: str = "2026-11-21", version: int = 1, **taken: Interval
) -> Sheet:
    return Sheet("zone-a", number, day, taken, version)


def hours(first: float, last: float) -> Interval:
    return Interval(NOON + timedelta(hours=first), NOON + timedelta(hours=last))


def of_a_day(interval: Interval) -> Holding:
    return Holding("zone-a", "A-001", interval, "BK1", Paging.DAY)


def test_a_space_without_sheets_is_free() -> None:
    assert occupancy.free(["A-001", "A-002"], (), an_interval(), now=NOON) == ("A-001", "A-002")


def test_a_space_may_be_had_from_the_very_minute_another_booking_ends() -> None:
    sheets = (a_sheet(BK1=hours(1, 2)),)
    assert occupancy.free(["A-001"], sheets, hours(2, 3), now=NOON) == ("A-001",)
    assert occupancy.free(["A-001"], sheets, hours(0, 1), now=NOON) == ("A-001",)


def test_a_space_with_one_overlapping_minute_is_not_free() -> None:
    sheets = (a_sheet(BK1=hours(1, 2)),)
    assert occupancy.free(["A-001"], sheets, hours(1.9, 3), now=NOON) == ()


def test_an_overstay_keeps_the_space_from_whoever_comes_now() -> None:
    sheets = (a_sheet(BK1=hours(-2, -1)),)
    assert occupancy.free(["A-001"], sheets, hours(0, 1), now=NOON) == ()


def test_an_overstay_does_not_keep_the_space_from_whoever_comes_tomorrow() -> None:
    sheets = (a_sheet(BK1=hours(-2, -1)),)
    assert occupancy.free(["A-001"], sheets, hours(24, 25), now=NOON) == ("A-001",)


def test_what_stands_after_its_end_is_overdue() -> None:
    sheets = (a_sheet(BK1=hours(-2, -1), BK2=hours(0, 1)), a_sheet("A-002", BK3=hours(-3, 0)))
    assert occupancy.overdue(sheets, now=NOON) == ("BK1", "BK3")


def test_the_window_of_a_booking_ahead_is_its_own_days() -> None:
    window = occupancy.window(hours(24, 48), Paging.DAY, now=NOON, lookback=timedelta(hours=24))
    assert window == ("2026-11-22", "2026-11-23")


def test_the_window_of_a_booking_now_goes_back_to_possible_overstays() -> None:
    window = occupancy.window(hours(0, 1), Paging.DAY, now=NOON, lookback=timedelta(hours=24))
    assert window == ("2026-11-20", "2026-11-21")


def test_a_stay_over_midnight_is_entered_on_both_days() -> None:
    edits = occupancy.take(of_a_day(hours(17, 18)), sheets=(a_sheet(version=7),))
    assert [(e.day, e.expected) for e in edits] == [("2026-11-21", 7), ("2026-11-22", 0)]


def test_giving_time_back_needs_no_guard() -> None:
    (edit,) = occupancy.release(of_a_day(an_interval()), now=NOON)
    assert (edit.drops, edit.puts, edit.expected) == (frozenset({"BK1"}), {}, None)


def test_only_time_that_is_still_ahead_is_of_use_to_the_line() -> None:
    for over, frees in ((hours(-1, 0), False), (hours(-1, 1), True)):
        (edit,) = occupancy.release(of_a_day(over), now=NOON)
        assert edit.frees is frees


def test_a_move_touches_each_sheet_once() -> None:
    gone = occupancy.release(of_a_day(hours(0, 30)), now=NOON)
    entered = occupancy.take(of_a_day(hours(20, 40)), sheets=())
    edits = occupancy.merge((*gone, *entered))
    assert sorted((e.day, not e.puts) for e in edits) == [
        ("2026-11-21", True),
        ("2026-11-22", False),
    ]


@given(
    st.lists(st.tuples(st.integers(0, 200), st.integers(1, 50)), max_size=12),
    st.integers(0, 200),
    st.integers(1, 50),
)
def test_free_means_no_shared_instant_with_anybody(
    taken: list[tuple[int, int]], start: int, length: int
) -> None:
    intervals = {
        f"BK{n}": an_interval(NOON + timedelta(minutes=s), m) for n, (s, m) in enumerate(taken)
    }
    wanted = an_interval(NOON + timedelta(minutes=start), length)
    clash = any(i.overlaps(wanted) for i in intervals.values())
    sheet = replace(a_sheet(), taken=intervals)
    found = occupancy.free(["A-001"], (sheet,), wanted, now=NOON - timedelta(days=1))
    assert (found == ()) is clash


@given(
    st.lists(st.tuples(st.integers(0, 120), st.integers(1, 40)), max_size=12),
    st.tuples(st.integers(0, 120), st.integers(1, 40)),
)
def test_sheets_by_the_month_know_what_sheets_by_the_day_know(
    stays: list[tuple[int, int]], wish: tuple[int, int]
) -> None:
    """In steps of half a day from November on: both find the same rooms free."""
    wanted = hours(wish[0] * 12, (wish[0] + wish[1]) * 12)
    found = []
    for paging in Paging:
        sheets: tuple[Sheet, ...] = ()
        for n, (first, length) in enumerate(stays):
            stay = hours(first * 12, (first + length) * 12)
            if occupancy.free(["101"], sheets, stay, now=NOON - timedelta(days=1)):
                held = Holding("rooms", "101", stay, f"BK{n}", paging)
                edits = occupancy.take(held, sheets=sheets)
                sheets = occupancy.after(sheets, edits)
        window = occupancy.window(wanted, paging, now=NOON, lookback=timedelta(0))
        read = [sheet for sheet in sheets if window[0] <= sheet.day <= window[1]]
        found.append(occupancy.free(["101"], read, wanted, now=NOON - timedelta(days=1)))
    assert found[0] == found[1]


def test_an_overstay_is_on_the_page_of_now_and_on_the_next() -> None:
    held = replace(of_a_day(hours(-60, -48)), through=Paging.DAY.after(NOON))
    assert held.pages == ("2026-11-18", "2026-11-19", "2026-11-21", "2026-11-22")


def test_to_list_an_overstay_further_adds_a_page_and_leaves_one() -> None:
    """Its entry keeps its booked time, so it is in no later booking's way."""
    over = of_a_day(hours(-49, -48))
    before = replace(over, through=Paging.DAY.after(NOON - timedelta(days=1)))
    after = replace(over, through=Paging.DAY.after(NOON))
    sheets = (a_sheet(day="2026-11-22", version=4),)
    edits = {e.day: e for e in occupancy.relist(before, after, sheets=sheets)}
    assert edits.keys() == {"2026-11-20", "2026-11-22"}
    added, left = edits["2026-11-22"], edits["2026-11-20"]
    assert (added.puts, added.expected) == ({"BK1": over.interval}, 4)
    assert (left.drops, left.expected, left.frees) == (frozenset({"BK1"}), None, False)


def test_a_page_that_is_deleted_by_now_is_not_edited() -> None:
    """A guest whom nobody has checked out for more than a year."""
    now = NOON + timedelta(days=500)
    held = replace(of_a_day(hours(-25, -24)), through=Paging.DAY.after(now))
    assert [edit.day for edit in occupancy.release(held, now=now)] == ["2028-04-04", "2028-04-05"]
