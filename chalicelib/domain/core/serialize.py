"""Records as plain dicts, and JSON without blanks: what is stored and sent. Both are made some
twenty times a request, so they do less than `dataclasses.asdict` and `json.dumps`."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Callable
from functools import cache
from typing import Any, Final

text: Final[Callable[[Any], str]] = json.JSONEncoder(
    ensure_ascii=False, separators=(",", ":")
).encode
"""A value as JSON.

>>> text({"n": [1, "é"]})
'{"n":[1,"é"]}'
"""

_LEAVES: Final = frozenset({str, int, float, bool, type(None)})


def fields(record: Any) -> dict[str, Any]:
    """The fields of a dataclass, and of those within it, as a dict.

    >>> from chalicelib.domain.core.money import Money
    >>> fields(Money(5, "INR"))
    {'minor': 5, 'currency': 'INR'}
    """
    kind: Any = type(record)  # mypy takes no class for hashable
    return {
        name: value if type(value := getattr(record, name)) in _LEAVES else _part(value)
        for name in _names(kind)
    }


@cache
def _names(kind: Any) -> tuple[str, ...]:
    return tuple(field.name for field in dataclasses.fields(kind))


def _part(value: Any) -> Any:
    kind = type(value)
    if kind in _LEAVES:
        return value
    if kind in (tuple, list):
        return [_part(part) for part in value]
    if kind is dict:
        return {name: _part(part) for name, part in value.items()}
    return fields(value) if hasattr(kind, "__dataclass_fields__") else value
