"""Readers of the parts of a tariff's JSON. A refusal names all faulty fields with their paths."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from chalicelib.domain.core import errors
from chalicelib.domain.core.localtime import parse_minute
from chalicelib.domain.core.money import Money

Reader = Callable[[object, str], Any]
"""Reads a value at a path. Raises ValueError for a fault of it, Invalid for faults in parts."""


def fields(
    raw: object, where: str, readers: Mapping[str, Reader], needed: set[str]
) -> dict[str, Any]:
    """The fields of an object that are present. Raises Invalid with every faulty, unknown and
    missing one."""
    if not isinstance(raw, Mapping):
        raise errors.Invalid({where: "must be an object"})
    faults = {f"{where}.{name}": "is not a known field" for name in raw.keys() - readers.keys()}
    faults |= {f"{where}.{name}": "is required" for name in needed - raw.keys()}
    present = {name: each for name, each in readers.items() if name in raw}
    values = {
        name: _value(each, raw[name], f"{where}.{name}", faults) for name, each in present.items()
    }
    if faults:
        raise errors.Invalid(dict(sorted(faults.items())))
    return values


def _value(reader: Reader, raw: object, where: str, faults: dict[str, str]) -> Any:
    try:
        return reader(raw, where)
    except errors.Invalid as invalid:
        faults |= invalid.fields
    except ValueError as fault:
        faults[where] = str(fault)
    return None


def items(raw: object, where: str, most: int, reader: Reader) -> list[Any]:
    """The elements of a list. Raises Invalid with every faulty one."""
    if not isinstance(raw, list) or len(raw) > most:
        raise ValueError(f"must be a list of at most {most}")
    faults: dict[str, str] = {}
    values = [_value(reader, each, f"{where}[{n}]", faults) for n, each in enumerate(raw)]
    if faults:
        raise errors.Invalid(faults)
    return values


def amount(currency: str) -> Reader:
    """Reads an amount of `currency`, not below zero, into minor units."""

    def read_amount(raw: object, where: str) -> int:
        is_number = isinstance(raw, int | Decimal) and not isinstance(raw, bool)
        minor = Money.parse(str(raw) if is_number else raw, currency).minor
        if minor < 0:
            raise ValueError("must not be negative")
        return minor

    return read_amount


def integer(least: int, most: int) -> Reader:
    """Reads a whole number from `least` to `most`."""

    def read_integer(raw: object, where: str) -> int:
        if type(raw) is not int or not least <= raw <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return raw

    return read_integer


def minute(raw: object, where: str) -> int:
    """Read a time of day."""
    return parse_minute(raw)


def boolean(raw: object, where: str) -> bool:
    """Read true or false."""
    if not isinstance(raw, bool):
        raise ValueError("must be true or false")
    return raw


def or_null(reader: Reader) -> Reader:
    """Reads what `reader` reads, or null."""
    return lambda raw, where: None if raw is None else reader(raw, where)
