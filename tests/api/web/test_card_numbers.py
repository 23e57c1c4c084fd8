"""No body and no query of any route takes a card number in what people write."""

from __future__ import annotations

import types
from collections.abc import Iterator
from dataclasses import is_dataclass
from typing import Any, Union, get_args, get_origin

import pytest

from chalicelib import routes
from chalicelib.api.web import parse
from chalicelib.domain.core import errors
from chalicelib.domain.core.constraints import Text
from chalicelib.domain.core.sentence import Fault

CARD = "4111 1111 1111 1111"


def texts_of(kind: type[Any], seen: set[type[Any]]) -> Iterator[tuple[str, Any, Text]]:
    """The texts of a dataclass and of its parts, as `Kind.field`, with annotation and mark."""
    if kind in seen:
        return
    seen.add(kind)
    for name, (_, annotation) in parse.shape(kind).items():  # type: ignore[arg-type]  # no class is hashable to mypy
        yield from _texts(f"{kind.__name__}.{name}", annotation, (), seen)


def _texts(
    name: str, annotation: Any, marks: tuple[Any, ...], seen: set[type[Any]]
) -> Iterator[tuple[str, Any, Text]]:
    base, more = parse.unwrap(annotation)
    marks = (*marks, *more)
    if base is str:
        mark = next((each for each in marks if isinstance(each, Text)), None)
        if mark is not None or not marks:
            yield name, annotation, mark or Text()
    elif is_dataclass(base) and isinstance(base, type):
        yield from texts_of(base, seen)
    elif get_origin(base) in (Union, types.UnionType):
        inner = [each for each in get_args(base) if each is not type(None)]
        yield from _texts(name, inner[0], marks, seen)
    elif get_origin(base) in (list, tuple):
        yield from _texts(f"{name}[]", get_args(base)[0], (), seen)


def every_text() -> dict[str, tuple[Any, Text]]:
    seen: set[type[Any]] = set()
    kinds = [each for route in routes.declared() for each in (route.takes, route.query) if each]
    found = (each for kind in kinds for each in texts_of(kind, seen))
    return {name: (annotation, mark) for name, annotation, mark in found}


TEXTS = every_text()
FREE = {name for name, (_, mark) in TEXTS.items() if mark.is_free and mark.max >= len(CARD)}
CODES = {name for name, (_, mark) in TEXTS.items() if mark.code}


@pytest.mark.parametrize("name", sorted(FREE))
def test_a_text_with_a_card_number_is_refused(name: str) -> None:
    annotation, _ = TEXTS[name]
    with pytest.raises((Fault, errors.Invalid)) as refused:
        parse.value(annotation, CARD, where="it", texts=False)
    assert isinstance(refused.value, Fault)
    assert refused.value.wording.name == "must_not_have_card_number"  # type: ignore[union-attr]


def test_the_texts_that_people_write_are_among_them() -> None:
    fields = {name.rpartition(".")[2] for name in FREE}
    assert fields >= {"reason", "purpose", "name", "note", "owner_name", "description", "address"}


def test_only_what_machines_make_may_have_any_number() -> None:
    assert {name.rpartition(".")[2] for name in CODES} == {
        "booking_id",
        "cursor",
        "group_id",
        "merchant_txn_id",
        "qr_code",
        "razorpay_order_id",
        "razorpay_payment_id",
        "razorpay_signature",
        "ref",
        "refresh",
        "token",
        "url",
        "user_id",
        "with_booking_id",
    }
