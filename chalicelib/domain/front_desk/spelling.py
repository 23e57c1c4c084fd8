"""Names as people search for them: without case, accents and apostrophes (docs/rules/rooms.md, The
search)."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_APOSTROPHES: Final = "'’‘‛ʼʻʹʽʾʿˈ`´′＇ʹ՚׳"
_LETTERS: Final = str.maketrans(
    {
        "đ": "d", "ð": "d", "ħ": "h", "ı": "i", "ł": "l", "ŋ": "n", "ø": "o", "ŧ": "t", "ƒ": "f",
        "æ": "ae", "œ": "oe", "þ": "th", "ß": "ss", "ə": "e", "ς": "σ", "ـ": "",
    }
)  # fmt: skip
"""Letters that no accent tells apart from a plain one."""

_TWO_LETTERS: Final = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ø": "oe", "å": "aa", "æ": "ae", "œ": "oe"}
)
"""How some letters are written where a keyboard lacks them."""

_ACCENT: Final = (
    "[\u0300-\u036f\u0483-\u0487\u0591-\u05c7\u0610-\u061a\u064b-\u065f\u0670\u06d6-\u06ed\u093c"
    "\u09bc\u0a3c\u0abc\u1ab0-\u1aff\u1dc0-\u1dff\u200c\u200d\u20d0-\u20ff\ufe00-\ufe0f\ufe20-\ufe2f]"
)
"""Marks that people leave out: accents, vowel points of Hebrew and Arabic, dots below of Indian
letters. The vowel signs of Indian letters are no such marks."""


def words(name: str) -> tuple[str, ...]:
    """The words of a name without case, accents and apostrophes.

    >>> words("Seán O’Brien-Daly"), words("Đorđe Petrović"), words("Łukasz Groß")
    (('sean', 'obrien', 'daly'), ('dorde', 'petrovic'), ('lukasz', 'gross'))
    """
    plain = "".join(mark for mark in name if mark not in _APOSTROPHES).casefold()
    decomposed = unicodedata.normalize("NFKD", plain.translate(_LETTERS))
    return _split(re.sub(_ACCENT, "", decomposed).translate(_LETTERS))


def spellings(name: str) -> tuple[tuple[str, ...], ...]:
    """The words of a name as it may be spelt: plain first, then with two letters for an umlaut,
    then with one letter for those two.

    >>> spellings("Müller"), spellings("Mueller")
    ((('muller',), ('mueller',)), (('mueller',), ('muller',)))
    """
    plain = words(name)
    composed = unicodedata.normalize("NFC", name.casefold())
    longer = words(composed.translate(_TWO_LETTERS))
    shorter = tuple(re.sub("(?<=[aou])e|(?<=a)a", "", word) for word in plain)
    return tuple(dict.fromkeys((plain, longer, shorter)))


def former_words(name: str) -> tuple[str, ...]:
    """The words of a name as earlier versions of Berth kept them in search keys."""
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c) and c not in "'’")
    return tuple("".join(c if c.isalnum() else " " for c in plain).split())


def _split(text: str) -> tuple[str, ...]:
    kept = (mark if unicodedata.category(mark)[0] in "LMN" else " " for mark in text)
    return tuple("".join(kept).split())
