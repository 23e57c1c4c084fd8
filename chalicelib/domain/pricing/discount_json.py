"""The JSON of discounts, a part of a tariff."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from datetime import date
from typing import Any, Final

from chalicelib.domain.core import errors, plain_text
from chalicelib.domain.core.localtime import WEEKDAYS
from chalicelib.domain.core.sentence import Fault, say
from chalicelib.domain.pricing import json_readers as readers
from chalicelib.domain.pricing.band import EVERY_DAY
from chalicelib.domain.pricing.discount import (
    LONGEST_NAME,
    MOST_DAYS_AHEAD,
    MOST_DISCOUNTS,
    MOST_UNITS,
    Discount,
)
from chalicelib.domain.pricing.json_readers import Reader

_DATE: Final = re.compile(r"20[0-9]{2}-[0-9]{2}-[0-9]{2}")


def show(discounts: Iterable[Discount]) -> list[dict[str, object]]:
    """The discounts as clients read and write them."""
    return [
        {
            "name": each.name,
            "percent": each.percent,
            "days": [WEEKDAYS[day] for day in each.days],
            "first": _text(each.first),
            "last": _text(each.last),
            "min_units": each.min_units,
            "days_ahead": each.days_ahead,
        }
        for each in discounts
    ]


def read(raw: object, where: str) -> tuple[Discount, ...]:
    """Read the discounts."""
    return tuple(readers.items(raw, where, MOST_DISCOUNTS, _discount))


def pack(discounts: Iterable[Discount]) -> list[list[Any]]:
    """The discounts as rows of a packed tariff."""
    return [
        [each.name, each.percent, list(each.days), _text(each.first), _text(each.last),
         each.min_units, each.days_ahead]
        for each in discounts
    ]  # fmt: skip


def unpack(rows: Sequence[Sequence[Any]]) -> tuple[Discount, ...]:
    """The discounts in rows that `pack` wrote."""
    return tuple(
        Discount(name, percent, tuple(days), _date(first), _date(last), min_units, days_ahead)
        for name, percent, days, first, last, min_units, days_ahead in rows
    )


def _discount(raw: object, where: str) -> Discount:
    values = readers.fields(raw, where, _PARTS, {"name", "percent"})
    first, last = values.get("first"), values.get("last")
    if first is not None and last is not None and last < first:
        raise errors.Invalid({f"{where}.last": say("must_not_be_before", other=f"{where}.first")})
    return Discount(**{"days": EVERY_DAY} | values)


def _name(raw: object, where: str) -> str:
    name = plain_text.one_line(raw) if isinstance(raw, str) else ""
    if len(name) > LONGEST_NAME or not plain_text.is_seen(name):
        raise Fault(say("must_be_characters", least=1, most=LONGEST_NAME))
    return name


def _day(raw: object, where: str) -> date:
    if not isinstance(raw, str) or not _DATE.fullmatch(raw):
        raise Fault(say("must_be_date"))
    try:
        return date.fromisoformat(raw)
    except ValueError:
        raise Fault(say("must_be_date")) from None


def _text(day: date | None) -> str | None:
    return None if day is None else day.isoformat()


def _date(text: str | None) -> date | None:
    return None if text is None else date.fromisoformat(text)


_PARTS: dict[str, Reader] = {
    "name": _name,
    "percent": readers.integer(1, 100),
    "days": readers.weekdays,
    "first": readers.or_null(_day),
    "last": readers.or_null(_day),
    "min_units": readers.integer(1, MOST_UNITS),
    "days_ahead": readers.integer(0, MOST_DAYS_AHEAD),
}
