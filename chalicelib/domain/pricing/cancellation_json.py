"""The JSON of cancellation terms, a part of a tariff."""

from __future__ import annotations

from typing import Any

from chalicelib.domain.core import errors
from chalicelib.domain.core.localtime import minute_text
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import Fault, say
from chalicelib.domain.pricing import json_readers as readers
from chalicelib.domain.pricing.cancellation import (
    EARLIEST_DAY,
    MOST_DEADLINES,
    CancelDeadline,
    CancellationTerms,
    out_of_order,
)
from chalicelib.domain.pricing.json_readers import Reader


def show(terms: CancellationTerms | None, currency: str) -> dict[str, object] | None:
    """The terms as clients read and write them; null without terms."""
    if terms is None:
        return None
    return {
        "deadlines": [
            {
                "days_before": each.days_before,
                "until": minute_text(each.until),
                "percent": each.percent,
            }
            for each in terms.deadlines
        ],
        "kept": Money(terms.kept, currency).text(),
    }


def reader(amount: Reader) -> Reader:
    """Reads the terms, `kept` as `amount` reads it."""
    parts = {"deadlines": _deadlines, "kept": amount}

    def read_terms(raw: object, where: str) -> CancellationTerms:
        return CancellationTerms(**readers.fields(raw, where, parts, {"deadlines"}))

    return read_terms


def _deadlines(raw: object, where: str) -> tuple[CancelDeadline, ...]:
    deadlines = tuple(readers.items(raw, where, MOST_DEADLINES, _deadline))
    if not deadlines:
        raise Fault(say("must_have_a_deadline"))
    if (at := out_of_order(deadlines)) is not None:
        fault = say("must_give_back_less", other=f"{where}[{at - 1}]")
        raise errors.Invalid({f"{where}[{at}]": fault})
    return deadlines


_PARTS: dict[str, Reader] = {
    "days_before": readers.integer(0, EARLIEST_DAY),
    "until": readers.minute,
    "percent": readers.integer(1, 100),
}


def _deadline(raw: object, where: str) -> CancelDeadline:
    values: dict[str, Any] = readers.fields(raw, where, _PARTS, set(_PARTS))
    return CancelDeadline(**values)
