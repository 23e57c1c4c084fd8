"""Numbers of papers, and the financial year they belong to."""

from __future__ import annotations

import re
from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import gstin
from chalicelib.domain.core.sentence import Fault
from chalicelib.domain.receipts.paper import LETTERS, Series, number, year_of

DATES = st.dates(date(2000, 1, 1), date(2099, 12, 31))
MARKS = st.text("ABZ09", max_size=3)


@pytest.mark.parametrize(
    ("on", "year"),
    [("2026-11-21", 2026), ("2027-01-01", 2026), ("2027-03-31", 2026), ("2027-04-01", 2027)],
)
def test_the_financial_year_begins_in_april(on: str, year: int) -> None:
    assert year_of(date.fromisoformat(on)) == year


@given(MARKS, st.sampled_from(sorted(LETTERS)), DATES, st.integers(1, 999_999))
def test_a_number_has_at_most_16_characters_that_the_law_allows(
    mark: str, kind: str, on: date, place: int
) -> None:
    text = number(mark, Series("central", kind, year_of(on)), place)  # type: ignore[arg-type]
    assert re.fullmatch(r"[A-Za-z0-9/-]{1,16}", text)


@given(
    st.lists(
        st.tuples(st.sampled_from(sorted(LETTERS)), DATES.map(year_of), st.integers(1, 999_999)),
        min_size=2,
        max_size=2,
        unique=True,
    )
)
def test_two_papers_of_a_site_never_have_one_number(papers: list[tuple[str, int, int]]) -> None:
    one, other = (
        number("AB", Series("central", kind, year), place)  # type: ignore[arg-type]
        for kind, year, place in papers
    )
    assert one != other


def test_a_number_that_is_too_long_is_never_printed() -> None:
    with pytest.raises(ValueError, match="more than 16"):
        number("ABC", Series("central", "invoice", 2026), 1_000_000)


@pytest.mark.parametrize("text", ["27AAPFU0939F1ZV", " 27aapfu0939f1zv ", "29AAGCB7383J1Z4"])
def test_a_gstin_is_known_by_its_check_digit(text: str) -> None:
    assert gstin.read(text) == text.strip().upper()


@pytest.mark.parametrize(
    "text",
    [
        "27AAPFU0939F1ZW",  # another check digit
        "27AAPFU0993F1ZV",  # two digits swapped
        "00AAPFU0939F1ZV",  # no such state
        "27AAPFU0939F1Z",
        "27AAPFU0939F1ZVV",
        "",
    ],
)
def test_a_gstin_with_a_slip_is_refused(text: str) -> None:
    with pytest.raises(Fault):
        gstin.read(text)
