from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import languages


@pytest.mark.parametrize(
    ("header", "language"),
    [
        (None, None),
        ("", None),
        ("hi", "hi"),
        ("hi-IN,hi;q=0.9,en;q=0.8", "hi"),
        ("en-US,en;q=0.9,hi;q=0.8", "en"),
        # a language without a catalogue is passed over
        ("ta-IN, hi;q=0.5, en;q=0.4", "hi"),
        ("fr", None),
        # of equal weights the first
        ("en;q=0.5,hi;q=0.5", "en"),
        # refused, or no weight at all
        ("hi;q=0", None),
        ("hi;q=x, en;q=0.1", "en"),
        ("hi;q=nan", None),
        # any language is no wish
        ("*", None),
        ("hi-Latn;Q=0.7", "hi"),
    ],
)
def test_a_header_names_the_language_its_reader_prefers(
    header: str | None, language: str | None
) -> None:
    assert languages.accepted(header) == language


@given(st.text(max_size=60))
def test_no_header_is_too_odd_to_be_read(header: str) -> None:
    assert languages.accepted(header) in {None, *languages.LANGUAGES}
    assert languages.choose(header) in languages.LANGUAGES
