"""Nothing that people typed becomes a link in a mail (docs/rules/accounts.md)."""

from __future__ import annotations

import re
import unicodedata

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.mail.free_text import LEFT_OUT, unlinked

LINKED = re.compile(
    r"(https?|ftp|mailto|tel|sms|data|javascript):|www\.|//"
    r"|\w\.[^\W\d_][\w-]|\S@\S|\d{1,3}(\.\d{1,3}){3}",
    re.IGNORECASE,
)
"""What mail programs make links of."""


@pytest.mark.parametrize(
    ("typed", "mailed"),
    [
        ("You won! https://evil.example/win", f"You won! {LEFT_OUT}"),
        ("HTTPS://EVIL.EXAMPLE", LEFT_OUT),
        ("(www.evil.example)", LEFT_OUT),
        ("hxxp://evil.example", LEFT_OUT),
        ("//evil.example/x", LEFT_OUT),
        ("javascript:alert(1)", LEFT_OUT),
        ("mailto:me", LEFT_OUT),
        ("tel:+4930123456", LEFT_OUT),
        ("evil.example/win", "evil. example/win"),
        ("me@evil.example", "me @ evil. example"),
        ("пример.рф", "пример. рф"),
        ("evil.xn--p1ai", "evil. xn--p1ai"),
        ("192.0.2.7", "192. 0. 2. 7"),
        # as programs read it that map widths and kinds of dots
        ("ｅｖｉｌ．ｅｘａｍｐｌｅ", "evil. example"),
        ("evil。example", "evil. example"),
        ("evil․example", "evil. example"),
        # marks that are not seen
        ("evil.e\u200bxample", "evil. example"),
        ("evil\u200d.example", "evil. example"),
        ("evil\u00ad.example", "evil. example"),
        ("evil\ufe0f.example", "evil. example"),
        ("\u2066evil.example\u2069", "evil. example"),
        ("\u202eelpmaxe.live//:sptth", LEFT_OUT),
    ],
)
def test_what_a_mail_program_makes_a_link_of_is_none_any_more(typed: str, mailed: str) -> None:
    assert unlinked(typed) == mailed


@pytest.mark.parametrize(
    "typed",
    [
        "Asha Rao", "Dr. J.R.R. Tolkien", "Müller & Söhne", "Đorđe O’Brien", "A-001, Zone A",
        "150.00 INR", "19:30", "1.5 h", "10/11", "No.5", "می\u200cخواهم", "👩\u200d🔧", "",
        "First line\nsecond line",
    ],
)  # fmt: skip
def test_other_words_stay_as_they_are(typed: str) -> None:
    assert unlinked(typed) == typed


def test_an_abbreviation_without_blanks_gets_them() -> None:
    assert unlinked("St.John, M.Sc.") == "St. John, M. Sc."


MARKS = st.text(st.sampled_from("ab1.:/@wW-。．\u200b\u200d\ufe0f\u202e h"), max_size=14)
LINKS = st.sampled_from(
    ["https://a.bc", "www.", "//", "mailto:", "ab.cd", "a@b", "1.2.3.4", "tel:1", "x.yz/", "．ab"]
)
TYPED = st.one_of(st.text(max_size=20), MARKS)


@given(before=TYPED, link=LINKS, after=TYPED)
def test_no_mix_of_marks_makes_a_link(before: str, link: str, after: str) -> None:
    mailed = unlinked(before + link + after)
    seen = "".join(mark for mark in mailed if unicodedata.category(mark) != "Cf")
    assert LINKED.search(re.sub("[\ufe00-\ufe0f]", "", seen)) is None


@given(MARKS)
def test_what_is_safe_stays_safe(typed: str) -> None:
    once = unlinked(typed)
    assert unlinked(once) == once
