"""Numbers of payment cards (PANs) in what people type. Berth keeps none (docs/rules/typing.md)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Final

from chalicelib.domain.core import plain_text

SHORTEST: Final = 13
LONGEST: Final = 19
"""Digits of a card number (ISO/IEC 7812-1)."""

_BETWEEN: Final = r"[ ._/\-\u2010-\u2015\u2212]"
_RUN: Final = rf"(?<![0-9A-Za-z+])[0-9]+(?:{_BETWEEN}{{1,3}}[0-9]+)*(?![0-9A-Za-z])"
_GROUP: Final = 4
"""Digits of the first group of a card number that is written in groups."""


def is_in(text: str) -> bool:
    """Whether a text has a card number: 13 to 19 digits with their check digit, in one piece or in
    groups. Digits with a letter or a `+` beside them are another thing.

    >>> is_in("card 4111 1111-1111 1111"), is_in("+91 98765 43210"), is_in("BK7Q2M9X4T1NG1QR00005")
    (True, False, False)
    """
    if sum(map(str.isdecimal, text)) < SHORTEST:
        return False
    runs = re.findall(_RUN, plain_text.digits_as_latin(text))
    return any(_is_card(each) for run in runs for each in _numbers(run))


def _numbers(run: str) -> Iterator[str]:
    """The numbers that may be meant by digits with blanks or dashes between them."""
    groups = re.findall("[0-9]+", run)
    for first in range(len(groups)):
        for last in range(first, len(groups)):
            if _is_layout(groups[first : last + 1]):
                yield "".join(groups[first : last + 1])


def _is_layout(groups: list[str]) -> bool:
    """Whether a card number may be written so: in one piece, from a group of four on, or in single
    digits and pairs."""
    return len(groups) == 1 or len(groups[0]) == _GROUP or all(len(group) <= 2 for group in groups)


def _is_card(digits: str) -> bool:
    return SHORTEST <= len(digits) <= LONGEST and digits[0] != "0" and _has_check_digit(digits)


def _has_check_digit(digits: str) -> bool:
    """Whether the last digit is the check digit of the others (Luhn).

    >>> _has_check_digit("4111111111111111"), _has_check_digit("4111111111111112")
    (True, False)
    """
    total = 0
    for place, digit in enumerate(map(int, reversed(digits))):
        total += digit if place % 2 == 0 else sum(divmod(2 * digit, 10))
    return total % 10 == 0
