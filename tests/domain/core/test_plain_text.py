"""Text as people paste it (docs/rules/typing.md, Text)."""

from __future__ import annotations

import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import plain_text

SHAPED = {"\u06dd", "\u070f", "\u0890", "\u0891", "\u08e2", "\U000110bd", "\U000110cd"} | {
    chr(code) for code in range(0x600, 0x606)
}
"""Format characters that are seen: signs of Arabic, Syriac and Kaithi around numbers and verses."""

INSTEAD = {"Cc": "", "Cf": "", "Zs": " ", "Zl": "\n", "Zp": "\n"}
"""What stands in place of a character of that category between two Latin letters."""

BREAKS = "\n\v\f\r\x85"


@pytest.mark.parametrize(
    ("typed", "cleaned"),
    [
        ("Salle\u00a012", "Salle 12"),
        ("12\u202f000\u2009km\tNord", "12 000 km Nord"),
        ("one\r\ntwo\rthree\u2028four", "one\ntwo\nthree\nfour"),
        ("\u202a+49 30 901820\u202c", "+49 30 901820"),
        ("\u200basha@example.com\ufeff", "asha@example.com"),
        ("A\x00s\x1bh\x7fa\x9b", "Asha"),
        ("As\u00adha\u2060", "Asha"),
        ("A\U000e0041\U000e007f", "A"),
        # joiners stay where a script is misspelt without them, and in emoji
        ("می\u200cخواهم", "می\u200cخواهم"),
        ("क्\u200dष", "क्\u200dष"),
        ("ශ්\u200dරී", "ශ්\u200dරී"),
        ("\U0001f469\U0001f3fd\u200d\U0001f527", "\U0001f469\U0001f3fd\u200d\U0001f527"),
        ("\U0001f3f3\ufe0f\u200d\U0001f308", "\U0001f3f3\ufe0f\u200d\U0001f308"),
        # alone, or between other letters, they are seen by nobody
        ("As\u200dha", "Asha"),
        ("क्\u200d\u200dष", "क्\u200dष"),
        ("می\u200c", "می"),
        ("\u200d", ""),
    ],
)
def test_what_is_not_seen_goes(typed: str, cleaned: str) -> None:
    assert plain_text.cleaned(typed) == cleaned


def test_every_character_stays_but_controls_formats_and_odd_blanks() -> None:
    for code in range(0x30000):
        mark = chr(code)
        category = unicodedata.category(mark)
        if mark in BREAKS or mark == "\t" or category in ("Cs", "Cn"):
            continue
        instead = mark if mark in SHAPED else INSTEAD.get(category, mark)
        assert plain_text.cleaned(f"a{mark}b") == f"a{instead}b", hex(code)


@given(st.text())
def test_clean_text_is_clean(text: str) -> None:
    cleaned = plain_text.cleaned(text)
    assert plain_text.cleaned(cleaned) == cleaned


@given(st.text())
def test_one_line_is_one_line(text: str) -> None:
    line = plain_text.one_line(text)
    assert not set(line) & set("\n\r\t\u2028\u2029\u00a0")
    assert line == " ".join(line.split(" ")).strip()


@pytest.mark.parametrize("text", ["", " ", "\u3164", "\u2800\ufe0f", "\u115f\u1160"])
def test_a_text_of_marks_without_a_shape_is_not_seen(text: str) -> None:
    assert not plain_text.is_seen(text)


@pytest.mark.parametrize("text", ["a", "!", "é", "\U0001f469", "१"])
def test_other_texts_are_seen(text: str) -> None:
    assert plain_text.is_seen(text)
