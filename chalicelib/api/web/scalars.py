"""Single values as clients write them: a text, a number, an instant, an amount of money.

A reader takes what came in, the marks of the annotation (`domain/core/constraints.py`), and whether
it came from a form or a query, where everything is text. It raises Fault.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date, datetime
from decimal import Decimal
from typing import Any

from chalicelib.domain.core import card_numbers, localtime, plain_text
from chalicelib.domain.core.constraints import Integer, Text
from chalicelib.domain.core.money import EXPONENTS
from chalicelib.domain.core.sentence import Fault, say

Marks = tuple[Any, ...]

_WHOLE_TEXT = re.compile(r"-?[0-9]{1,18}")


def text(raw: Any, marks: Marks, texts: bool) -> str:
    """A text without blanks around it, as its mark wants it."""
    mark = next((m for m in marks if isinstance(m, Text)), Text())
    if mark.numbers and isinstance(raw, int) and not isinstance(raw, bool):
        raw = str(raw)
    if not isinstance(raw, str):
        raise Fault(say("must_be_text"))
    if not _is_encodable(raw):
        raise Fault(say("has_odd_characters"))
    value = (raw if mark.secret else plain_text.cleaned(raw)).strip()
    if not mark.min <= len(value) <= mark.max or (mark.min and not plain_text.is_seen(value)):
        raise Fault(say("must_have_characters", least=mark.min, most=mark.max))
    if not mark.lines and "\n" in value:
        raise Fault(say("must_be_one_line"))
    if mark.pattern is not None and not re.fullmatch(mark.pattern, value):
        raise Fault(mark.form)
    if mark.is_free and card_numbers.is_in(value):
        raise Fault(say("must_not_have_card_number"))
    return value if mark.read is None else mark.read(value)


def _is_encodable(text: str) -> bool:
    return text.isascii() or not any("\ud800" <= character <= "\udfff" for character in text)


def integer(raw: Any, marks: Marks, texts: bool) -> int:
    """A whole number within its bounds."""
    if texts and isinstance(raw, str) and _WHOLE_TEXT.fullmatch(raw):
        raw = int(raw)
    if not isinstance(raw, int) or isinstance(raw, bool):
        raise Fault(say("must_be_whole"))
    mark = next((m for m in marks if isinstance(m, Integer)), Integer())
    if raw < mark.min:
        raise Fault(say("must_be_at_least", least=mark.min))
    if raw > mark.max:
        raise Fault(say("must_be_at_most", most=mark.max))
    return raw


def boolean(raw: Any, marks: Marks, texts: bool) -> bool:
    """True or false; as text also 1 or 0."""
    if texts and raw in ("true", "1", "false", "0"):
        return raw in ("true", "1")
    if not isinstance(raw, bool):
        raise Fault(say("must_be_boolean"))
    return raw


def instant(raw: Any, marks: Marks, texts: bool) -> datetime:
    """An instant with its offset, in UTC."""
    if not isinstance(raw, str):
        raise Fault(say("must_be_instant"))
    try:
        return localtime.parse_instant(raw)
    except localtime.FarYear:
        raise
    except ValueError:
        raise Fault(say("must_be_instant")) from None


def day(raw: Any, marks: Marks, texts: bool) -> date:
    """A local date."""
    try:
        return localtime.parse_date(raw)
    except localtime.FarYear:
        raise
    except ValueError:
        raise Fault(say("must_be_date")) from None


READERS: dict[Any, Callable[[Any, Marks, bool], Any]] = {
    str: text,
    int: integer,
    bool: boolean,
    datetime: instant,
    date: day,
}
"""By type."""


def choice(choices: tuple[Any, ...], raw: Any) -> Any:
    """One of a few words."""
    if not isinstance(raw, str) or raw not in choices:
        raise Fault(say("must_be_one_of", choices=tuple(map(str, choices))))
    return raw


def amount(raw: Any) -> str:
    """An amount of money as text, with its currency where that came along."""
    if isinstance(raw, dict):
        if raw.keys() != {"amount", "currency"}:
            raise Fault(say("must_have_amount_and_currency"))
        return f"{_decimal_text(raw['amount'])} {choice(tuple(EXPONENTS), raw['currency'])}"
    return _decimal_text(raw)


def _decimal_text(raw: Any) -> str:
    if isinstance(raw, bool) or not isinstance(raw, (str, int, Decimal)):
        raise Fault(say("must_be_amount"))
    decimal = str(raw).strip()
    if not re.fullmatch(r"[0-9]{1,12}(\.[0-9]{1,3})?", decimal):
        raise Fault(say("must_be_amount"))
    return decimal
