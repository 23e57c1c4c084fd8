from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import errors
from chalicelib.domain.core.money import Money
from chalicelib.domain.operations import shift
from chalicelib.domain.operations.shift import Drawer, Shift, Takings
from chalicelib.domain.payments.ledger import (
    CASH,
    RECEIVABLE,
    REVENUE,
    EntryKind,
    LedgerEntry,
    LedgerLine,
)
from tests.wording import refuses

NINE = datetime(2026, 11, 21, 9, tzinfo=UTC)
SIX = NINE + timedelta(hours=9)
SECOND = timedelta(seconds=1)


def inr(minor: int) -> Money:
    return Money(minor, "INR")


def a_shift(**fields: Any) -> Shift:
    ordinary: dict[str, Any] = {
        "shift_id": "central.SH1NG2EK8000000007", "site": "central", "account_id": "US1",
        "opened_at": NINE, "cash_float": inr(50000),
    }  # fmt: skip
    return Shift(**ordinary | fields)


def closed(minor: int = 50000, note: str = "", at: datetime = SIX) -> Shift:
    return a_shift().closed(by="US1", at=at, cash_counted=inr(minor), note=note)


def an_entry(minor: int = 10000, **fields: Any) -> LedgerEntry:
    ordinary: dict[str, Any] = {
        "entry_id": "LE1", "at": NINE + timedelta(hours=1), "site": "central",
        "booking_id": "BK1", "actor": "US1", "kind": "cash",
        "lines": (LedgerLine(CASH, minor), LedgerLine(REVENUE, -minor)), "currency": "INR",
    }  # fmt: skip
    return LedgerEntry(**ordinary | fields)


def test_a_shift_ends_with_a_count_and_a_note() -> None:
    before, after = a_shift(), closed(61000, "Keys are in the safe.")
    assert (before.is_open, after.is_open) == (True, False)
    assert (after.closed_at, after.closed_by, after.cash_counted) == (SIX, "US1", inr(61000))
    assert (after.note, after.version) == ("Keys are in the safe.", 2)


def test_closing_it_again_with_the_very_same_changes_nothing() -> None:
    once = closed(61000, "Keys.")
    assert once.closed(by="US2", at=SIX + SECOND, cash_counted=inr(61000), note="Keys.") is once


@pytest.mark.parametrize(("minor", "note"), [(61001, "Keys."), (61000, "No keys."), (61000, "")])
def test_what_was_counted_and_noted_stands(minor: int, note: str) -> None:
    with pytest.raises(errors.ShiftClosed):
        closed(61000, "Keys.").closed(by="US1", at=SIX, cash_counted=inr(minor), note=note)


# of the entry, and whether it counts
TAKEN: tuple[tuple[dict[str, Any], bool], ...] = (
    ({}, True),
    ({"at": NINE}, True),  # the instant it opens belongs to it
    ({"at": NINE - SECOND}, False),
    ({"at": SIX}, True),  # and so does the one it closes
    ({"at": SIX + SECOND}, False),
    ({"actor": "US2"}, False),  # a colleague's drawer
    ({"actor": "system"}, False),
    ({"kind": "refunded", "minor": -4000}, True),  # handed back out of the drawer
    ({"currency": "EUR"}, False),  # the site had another currency then
    (
        {"kind": "billed", "lines": (LedgerLine(RECEIVABLE, 9), LedgerLine(REVENUE, -9))},
        False,
    ),  # no cash
    ({"lines": ()}, False),  # a free stay
)


@pytest.mark.parametrize(("fields", "counts"), TAKEN)
def test_what_its_account_takes_from_its_opening_to_its_close_counts(
    fields: dict[str, Any], counts: bool
) -> None:
    report = shift.report(closed(), [an_entry(**fields)])
    assert report.payments == counts
    assert report.cash_taken == inr(fields.get("minor", 10000) if counts else 0)


def test_an_open_shift_goes_on() -> None:
    report = shift.report(a_shift(), [an_entry(at=SIX + timedelta(days=2))])
    assert (report.cash_expected, report.difference) == (inr(60000), None)


def test_a_shift_begins_behind_the_second_in_which_the_last_one_was_closed() -> None:
    assert shift.opening(None, SIX) == SIX
    assert shift.opening(Drawer("x.SH1", NINE), SIX) == SIX
    assert shift.opening(Drawer("x.SH1", SIX), SIX) == SIX + SECOND
    with refuses(errors.ShiftOpen, r"x\.SH1"):
        shift.opening(Drawer("x.SH1", None), SIX)


def test_takings_are_told_by_kind() -> None:
    entries = [an_entry(100), an_entry(-30, kind="refunded"), an_entry(250)]
    report = shift.report(closed(), entries, incidents=3)
    assert report.takings == (Takings("cash", 2, inr(350)), Takings("refunded", 1, inr(-30)))
    assert (report.payments, report.cash_taken, report.incidents) == (3, inr(320), 3)


KINDS: tuple[EntryKind, ...] = ("cash", "fee", "refunded")
AMOUNTS = st.integers(-(10**6), 10**6)
ENTRIES = st.builds(
    an_entry, AMOUNTS, kind=st.sampled_from(KINDS), actor=st.sampled_from(["US1", "US2"])
)


@given(st.integers(0, 10**6), st.lists(ENTRIES, max_size=12), st.integers(0, 10**6))
def test_float_and_takings_less_the_count_are_what_is_missing(
    drawer: int, entries: list[LedgerEntry], counted: int
) -> None:
    done = a_shift(cash_float=inr(drawer)).closed(
        by="US1", at=SIX, cash_counted=inr(counted), note=""
    )
    report = shift.report(done, entries)
    mine = [entry.lines[0].minor for entry in entries if entry.actor == "US1"]
    assert report.cash_taken == inr(sum(mine))
    assert report.difference == inr(counted - drawer - sum(mine))
    assert sum(each.count for each in report.takings) == len(mine)


@given(st.lists(st.tuples(st.integers(0, 3), st.integers(0, 3)), min_size=1, max_size=5))
def test_shifts_one_after_the_other_count_each_second_once(steps: list[tuple[int, int]]) -> None:
    """Each is opened some seconds after the last one was closed, and closed some seconds later."""
    now, last, row = NINE, None, []
    for pause, length in steps:
        now += pause * SECOND
        begins = shift.opening(last, now)
        now += length * SECOND
        shut = a_shift(opened_at=begins).closed(by="US1", at=now, cash_counted=inr(0), note="")
        last = Drawer(shut.shift_id, shut.closed_at)
        row.append(shut)
    for seconds in range(40):
        entry = an_entry(at=NINE + seconds * SECOND)
        inside = [each for each in row if each.opened_at <= entry.at <= (each.closed_at or NINE)]
        assert [each for each in row if each.took(entry)] == inside
        assert len(inside) <= 1
    assert all(each.opened_at <= (each.closed_at or NINE) for each in row)


@pytest.mark.parametrize(
    "shift_id",
    ["", ".", "central", "central.", "central.SH1", "central.WH1NG2EK8000000007", "x" * 5000,
     "Central.SH1NG2EK8000000007", "central.SH1NG2EK800000000U", "a#b.SH1NG2EK8000000007"],
)  # fmt: skip
def test_what_is_no_id_of_a_shift_names_none(shift_id: str) -> None:
    with pytest.raises(errors.ShiftNotFound):
        shift.shift_key(shift_id)
