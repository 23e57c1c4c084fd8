"""The short code of a booking: six characters that name it at its site, for the telephone
and the desk (docs/decisions/short-codes.md).

Two characters are the UTC day on which the booking begins, modulo `DAYS`; the other four are the
last ones of its id. So a code is looked up by its day, and nothing is stored for it.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final

from chalicelib.domain.core import ids
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.sentence import Fault, say
from chalicelib.domain.sites.policy import FURTHEST_AHEAD

DAYS: Final = 1024
"""Days until the codes of a day come again."""

FORM: Final = say("must_be_short_code")

_DAY_LENGTH: Final = 2
_LENGTH: Final = 6
_DAY: Final = timedelta(days=1)
_EPOCH: Final = datetime(1970, 1, 1, tzinfo=UTC)
_BETWEEN: Final = frozenset({"Zs", "Cc", "Cf", "Pd"})
"""Categories of blanks, controls and dashes."""

_LOOK_ALIKE: Final = str.maketrans("OIL", "011")


@dataclass(frozen=True)
class MovedCode:
    """The code of a booking that begins on another day than the code says, so that it is found.
    It is kept until codes of that day come again."""

    code: str
    site: str
    booking_id: str
    until: datetime
    version: int = 1


def day_of(at: datetime) -> int:
    """The UTC day of an instant, counted from 1970."""
    return (at - _EPOCH) // _DAY


def of(day: int, booking_id: str) -> str:
    """The code of a booking that began on `day` when it was made.

    >>> of(20778, "BK7Q2M9X4T1NG1QR07M3R")
    '9A-7M3R'
    """
    return f"{ids.encode(day % DAYS, _DAY_LENGTH)}-{booking_id[-4:]}"


def read(text: str) -> str:
    """A code as it is shown, of one that is typed: in lower case, with blanks and dashes anywhere
    or nowhere, with O, I and L for the digits they look like. Raises Fault.

    >>> read(" 9a 7m3r"), read("o9-L2i4")
    ('9A-7M3R', '09-1214')
    """
    typed = unicodedata.normalize("NFKC", text).upper()
    kept = "".join(mark for mark in typed if unicodedata.category(mark) not in _BETWEEN)
    code = kept.translate(_LOOK_ALIKE)
    if len(code) != _LENGTH or any(mark not in ids.ALPHABET for mark in code):
        raise Fault(FORM)
    return f"{code[:_DAY_LENGTH]}-{code[_DAY_LENGTH:]}"


def days(code: str, now: datetime) -> tuple[Interval, ...]:
    """The days that a code can mean, as spans of time: the last one until today, and the next one
    if a booking can be so far ahead."""
    number, today = _number(code), day_of(now)
    last = today - (today - number) % DAYS
    ahead = today + FURTHEST_AHEAD + 1  # the last local day there ends on the UTC day after it
    return tuple(_span(day) for day in (last, last + DAYS) if day <= ahead)


def moved(booking_id: str, site: str, day: int) -> MovedCode:
    """The record of a code that keeps its `day` although its booking leaves it."""
    return MovedCode(of(day, booking_id), site, booking_id, until=_EPOCH + (day + DAYS) * _DAY)


def _number(code: str) -> int:
    high, low = (ids.ALPHABET.index(mark) for mark in code[:_DAY_LENGTH])
    return high * len(ids.ALPHABET) + low


def _span(day: int) -> Interval:
    start = _EPOCH + day * _DAY
    return Interval(start, start + _DAY)
