"""Readers of the parts of a tariff's JSON. A refusal names all faulty fields with their paths."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from decimal import Decimal
from typing import Any

from chalicelib.domain.core import amounts, errors
from chalicelib.domain.core.localtime import WEEKDAYS, parse_minute
from chalicelib.domain.core.sentence import Fault, Wording, say
from chalicelib.domain.pricing.band import Weekdays

Reader = Callable[[object, str], Any]
"""Reads a value at a path. Raises Fault for what is wrong with it, Invalid for faults in parts."""


def fields(
    raw: object, where: str, readers: Mapping[str, Reader], needed: set[str]
) -> dict[str, Any]:
    """The fields of an object that are present. Raises Invalid with every faulty, unknown and
    missing one."""
    if not isinstance(raw, Mapping):
        raise errors.Invalid({where: say("must_be_object")})
    unknown, missing = raw.keys() - readers.keys(), needed - raw.keys()
    faults: dict[str, Wording] = {f"{where}.{each}": say("is_unknown_field") for each in unknown}
    faults |= {f"{where}.{each}": say("must_be_given") for each in missing}
    present = {name: each for name, each in readers.items() if name in raw}
    values = {
        name: _value(each, raw[name], f"{where}.{name}", faults) for name, each in present.items()
    }
    if faults:
        raise errors.Invalid(dict(sorted(faults.items())))
    return values


def _value(reader: Reader, raw: object, where: str, faults: dict[str, Wording]) -> Any:
    try:
        return reader(raw, where)
    except errors.Invalid as invalid:
        faults |= invalid.fields
    except Fault as fault:
        faults[where] = fault.wording
    return None


def items(raw: object, where: str, most: int, reader: Reader) -> list[Any]:
    """The elements of a list. Raises Invalid with every faulty one."""
    if not isinstance(raw, list) or len(raw) > most:
        raise Fault(say("must_be_list_of_at_most", most=most))
    faults: dict[str, Wording] = {}
    values = [_value(reader, each, f"{where}[{n}]", faults) for n, each in enumerate(raw)]
    if faults:
        raise errors.Invalid(faults)
    return values


def amount(currency: str) -> Reader:
    """Reads an amount of `currency`, not below zero, into minor units."""

    def read_amount(raw: object, where: str) -> int:
        is_number = isinstance(raw, int | Decimal) and not isinstance(raw, bool)
        minor = amounts.read(str(raw) if is_number else raw, currency).minor
        if minor < 0:
            raise Fault(say("must_not_be_negative"))
        return minor

    return read_amount


def integer(least: int, most: int) -> Reader:
    """Reads a whole number from `least` to `most`."""

    def read_integer(raw: object, where: str) -> int:
        if type(raw) is not int or not least <= raw <= most:
            raise Fault(say("must_be_whole_between", least=least, most=most))
        return raw

    return read_integer


def minute(raw: object, where: str) -> int:
    """Read a time of day."""
    return parse_minute(raw)


def weekdays(raw: object, where: str) -> Weekdays:
    """Read the names of some weekdays, in any order."""
    names = items(raw, where, len(WEEKDAYS), _weekday)
    if not names or len(set(names)) < len(names):
        raise Fault(say("must_name_weekdays_once"))
    return tuple(sorted(names))


def _weekday(raw: object, where: str) -> int:
    if not isinstance(raw, str) or raw not in WEEKDAYS:
        raise Fault(say("must_be_one_of", choices=WEEKDAYS))
    return WEEKDAYS.index(raw)


def boolean(raw: object, where: str) -> bool:
    """Read true or false."""
    if not isinstance(raw, bool):
        raise Fault(say("must_be_boolean"))
    return raw


def or_null(reader: Reader) -> Reader:
    """Reads what `reader` reads, or null."""
    return lambda raw, where: None if raw is None else reader(raw, where)
