"""Number plates of any country (docs/rules/typing.md, Plates)."""

from __future__ import annotations

import re
import unicodedata
from typing import Final

from chalicelib.domain.core.sentence import Fault, say

LONGEST: Final = 20
"""Characters of a plate."""

FORM: Final = say("must_be_plate")

_BETWEEN: Final = " .-/'·•‧・‐‑‒–—−"
"""What may stand between letters and digits."""

_LOOK_ALIKE: Final = str.maketrans(
    "АВЕКМНОРСТУХІЈЅ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ", "ABEKMHOPCTYXIJS" + "ABEZHIKMNOPTYX"
)
"""Cyrillic and Greek capitals that look like a Latin one. Countries that write them pick the
letters of their plates among these, so that the plate can be read abroad."""


def read(text: str) -> str:
    """A plate as it is shown: in upper case, with single blanks. Raises Fault.

    >>> read("wü-ab  123"), read("京a·12345")
    ('WÜ-AB 123', '京A·12345')
    """
    plate = " ".join(unicodedata.normalize("NFC", text).upper().split())
    if len(plate) > LONGEST:
        raise Fault(say("must_have_characters", least=1, most=LONGEST))
    if not compared(plate) or any(not _is_plate(mark) for mark in plate):
        raise Fault(FORM)
    return plate


def compared(plate: str) -> str:
    """What two records of one plate have in common: its letters and digits. Look-alikes of other
    scripts are one letter, digits of other scripts one digit.

    >>> compared("А123ВС 77") == compared("a-123-bc-77")
    True
    """
    if plate.isascii():
        return "".join(filter(str.isalnum, plate.upper()))
    shown = unicodedata.normalize("NFKC", plate.upper()).upper().translate(_LOOK_ALIKE)
    kept = (mark for mark in shown if _is_letter(mark) or mark.isdecimal())
    return "".join(str(unicodedata.decimal(mark, mark)) for mark in kept)


def _is_plate(mark: str) -> bool:
    if mark.isascii():
        return mark.isalnum() or mark in _BETWEEN
    return _is_letter(mark) or mark.isdecimal() or mark in _BETWEEN


def _is_letter(mark: str) -> bool:
    """Whether it is a letter, or a vowel sign as the letters of some scripts have them."""
    return unicodedata.category(mark) in ("Lu", "Ll", "Lt", "Lo", "Lm", "Mc", "Mn") and not (
        re.fullmatch("[\ufe00-\ufe0f\u3164\u115f\u1160\uffa0]", mark)
    )
