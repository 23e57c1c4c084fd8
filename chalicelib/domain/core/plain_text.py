"""Text as people type and paste it, without what nobody sees (docs/rules/typing.md).

Blanks of every kind are blanks, breaks of every kind are line breaks, joiners stay where a script
or an emoji needs them, and all other control and format characters go. The patterns are compiled
when a text first needs them: an ASCII text does not.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

_BREAK: Final = "\r\n|[\r\x0b\x0c\x85\u2028\u2029]"
_BLANK: Final = "[\t\xa0\u1680\u2000-\u200a\u202f\u205f\u3000]"
_UNSEEN: Final = (
    "[\x00-\x08\x0e-\x1f\x7f-\x9f\xad\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff"
    "\ufff0-\ufffb\ufdd0-\ufdef\U00013430-\U0001343f\U0001bca0-\U0001bca3\U0001d173-\U0001d17a"
    "\U000e0000-\U000e00ff\U000e01f0-\U000e0fff\ufffe\uffff]"
)
"""Controls, format characters without a shape of their own (Arabic has some with one), tags, and
code points that are no characters."""

_CURSIVE: Final = (
    "[\u0600-\u109f\u1700-\u1cff\ua800-\ua95f\ua980-\uabff\ufb50-\ufdff\ufe70-\ufefc"
    "\U00010a00-\U00011fff\U0001e900-\U0001e95f]"
)
"""The scripts, from Arabic to Tibetan and beyond, whose letters may be joined or kept apart."""

_PICTURE: Final = "[\u2190-\u2bff\U0001f000-\U0001faff]"
_JOINERS: Final = "[\u180e\u200c\u200d]+"
_IN_WORD: Final = f"{_CURSIVE}{_JOINERS}{_CURSIVE}"
_IN_EMOJI: Final = f"(?:{_PICTURE}|\ufe0f)\u200d+{_PICTURE}"

_SHAPELESS: Final = (
    "[\\s\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200c\u200d\u2800\u3164\ufe00-\ufe0f\uffa0"
    "\U000e0100-\U000e01ef]*"
)
"""Marks that are not seen by themselves although they are no format characters."""


def cleaned(text: str) -> str:
    r"""`text` with plain blanks and line breaks, and without what is not seen.

    >>> cleaned("Salle\u00a012"), cleaned("\ufeffAsha\u202e R\x00ao\r\n")
    ('Salle 12', 'Asha Rao\n')
    """
    if text.isascii() and text.isprintable():
        return text
    seen = re.sub(_UNSEEN, "", re.sub(_BLANK, " ", re.sub(_BREAK, "\n", text)))
    return re.sub(_JOINERS, _joiner, seen)


def one_line(text: str) -> str:
    r"""`text`, cleaned, on one line with single blanks.

    >>> one_line("Hello\r\nBcc:  everybody@example.com ")
    'Hello Bcc: everybody@example.com'
    """
    return " ".join(cleaned(text).split())


def is_seen(text: str) -> bool:
    """Whether a reader sees anything of `text`."""
    return (text.isascii() and bool(text.strip())) or re.fullmatch(_SHAPELESS, text) is None


def digits_as_latin(text: str) -> str:
    """`text` with the decimal digits of every script as 0 to 9.

    >>> digits_as_latin("١٢٣ क ४")
    '123 क 4'
    """
    if text.isascii():
        return text
    return "".join(str(unicodedata.decimal(mark, mark)) for mark in text)


def _joiner(found: re.Match[str]) -> str:
    """The first joiner of a run, where it stands between letters of a cursive script or between
    two parts of an emoji; otherwise nothing."""
    around = found.string[max(found.start() - 1, 0) : found.end() + 1]
    if re.fullmatch(_IN_WORD, around) or re.fullmatch(_IN_EMOJI, around):
        return found[0][0]
    return ""
