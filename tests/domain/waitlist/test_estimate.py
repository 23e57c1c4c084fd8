"""The estimated chance: the table of docs/rules/waitlist.md, and what must hold of any estimate."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.waitlist import estimate

HOUR = timedelta(hours=1)
PLACES = st.integers(1, 26)
SPACES = st.integers(1, 500)
AHEAD = st.timedeltas(timedelta(seconds=1), timedelta(days=90))


@pytest.mark.parametrize(
    ("position", "spaces", "hours", "likely", "said"),
    [
        (1, 1, 168, 0.150, "fair"),  # next for the one hall, in a week
        (1, 1, 48, 0.150, "fair"),  # it shrinks only from here on
        (1, 1, 24, 0.075, "low"),  # half of it is left
        (2, 1, 168, 0.000, "low"),  # another entry is ahead for the one hall
        (1, 2, 168, 0.278, "fair"),
        (1, 5, 168, 0.556, "good"),
        (2, 5, 168, 0.165, "fair"),
        (2, 10, 168, 0.456, "fair"),
        (1, 10, 12, 0.318, "fair"),
        (3, 40, 168, 0.951, "good"),
        (3, 40, 4, 0.014, "low"),
        (26, 500, 168, 1.000, "good"),
    ],
)
def test_the_chance_of_a_place(
    position: int, spaces: int, hours: int, likely: float, said: str
) -> None:
    ahead = hours * HOUR
    assert round(estimate.likelihood(position, spaces, ahead=ahead), 3) == likely
    assert estimate.estimate(position, spaces, ahead=ahead) == said


@given(PLACES, SPACES, AHEAD)
def test_it_is_never_better_further_back_with_fewer_spaces_or_later(
    position: int, spaces: int, ahead: timedelta
) -> None:
    here = estimate.likelihood(position, spaces, ahead=ahead)
    assert -1e-9 <= here <= 1
    for worse in (
        estimate.likelihood(position + 1, spaces, ahead=ahead),
        estimate.likelihood(position, max(1, spaces - 1), ahead=ahead),
        estimate.likelihood(position, spaces, ahead=ahead / 2),
    ):
        assert worse <= here + 1e-9


@given(PLACES, SPACES)
def test_once_it_begins_nobody_gets_it(position: int, spaces: int) -> None:
    assert estimate.estimate(position, spaces, ahead=timedelta(0)) == "low"
