"""Phone numbers as people write them (docs/rules/typing.md, Phone numbers).

Rules of our own: a library that knows the numbers of every country is larger than all of Berth, and
refuses numbers that are newer than it. `tests/domain/core/test_phones.py` holds both against each
other.
"""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from chalicelib.domain.core.sentence import Fault, say

FEWEST_DIGITS: Final = 5
MOST_DIGITS: Final = 20
"""The longest number has 15 digits; a prefix to call abroad and a `(0)` come on top."""

LONGEST: Final = 40
"""Characters of a phone number as it is written."""

FORM: Final = say("must_be_phone", least=FEWEST_DIGITS, most=MOST_DIGITS)

_DASHES: Final = dict.fromkeys(map(ord, "‐‑‒–—―−"), "-")
_IN_BRACKETS: Final = r"\(\+?[ ./-]*[0-9][0-9 ./-]*\)"
_NUMBER: Final = rf"\+?(?:[0-9 ./-]|{_IN_BRACKETS})+"
_EXTENSION: Final = (
    r"[ ,;]*(?:(?:ext(?:ension|n)?|anexo|int)[.:=]?|x|#)[ ]*(?P<extension>[0-9]{1,7})"
)
_WRITTEN: Final = rf"(?i:(?:tel:)?[ ]*(?P<number>{_NUMBER})(?:{_EXTENSION})?)"


def read(text: str) -> str:
    """A phone number as it is shown: as written, with Latin digits and single blanks. Raises
    Fault.

    >>> read("(030) 90.18/20  ext. 7"), read("+４９ 30–901820")
    ('(030) 90.18/20 ext. 7', '+49 30-901820')
    """
    plain = _plain(text)
    written = re.fullmatch(_WRITTEN, plain)
    if written is None or not FEWEST_DIGITS <= len(_digits(written["number"])) <= MOST_DIGITS:
        raise Fault(FORM)
    return plain


def digits(text: str) -> str:
    """The digits of a phone number without its extension, and without the `(0)` that is not dialled
    from abroad; empty where `text` is no number, nor the beginning or end of one.

    >>> digits("+49 (30) 901-820 x7"), digits("Aoife 7")
    ('4930901820', '')
    """
    written = re.fullmatch(_WRITTEN, _plain(text))
    return _digits(written["number"].replace("(0)", "")) if written else ""


def _plain(text: str) -> str:
    if not text.isascii():
        text = unicodedata.normalize("NFKC", text).translate(_DASHES)
        text = "".join(str(unicodedata.decimal(mark, mark)) for mark in text)
    return " ".join(text.split())


def _digits(text: str) -> str:
    return "".join(mark for mark in text if mark.isdecimal())
