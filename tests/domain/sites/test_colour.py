from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.sites import colour

COLOURS = st.integers(0, 0xFFFFFF).map("#{:06x}".format)
PAPERS = st.sampled_from(["#ffffff", "#f2f5f7", "#19222c", "#10161d"])


@given(COLOURS)
def test_text_on_any_colour_is_readable(ground: str) -> None:
    assert colour.contrast(colour.ink_on(ground), ground) >= colour.READABLE


@given(COLOURS, PAPERS, st.sampled_from([colour.READABLE, colour.VISIBLE]))
def test_a_shade_of_any_colour_is_readable_on_any_paper(own: str, paper: str, least: float) -> None:
    assert colour.contrast(colour.shade(own, paper, least=least), paper) >= least


@given(COLOURS, PAPERS)
def test_a_colour_that_is_readable_stays_as_it_is(own: str, paper: str) -> None:
    if colour.contrast(own, paper) >= colour.READABLE:
        assert colour.shade(own, paper, least=colour.READABLE) == own
