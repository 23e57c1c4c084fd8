"""The JSON of tariffs, for clients to read and write.

Amounts are decimals of the currency of the tariff ("50.00"), bands run from one local time to
another, shares and tax rates are basis points. A refusal names all faulty fields with their paths.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from decimal import Decimal
from typing import Any

from chalicelib.domain.core import errors
from chalicelib.domain.core.localtime import MINUTES_A_DAY, minute_text, parse_minute
from chalicelib.domain.core.money import WHOLE, Money, exponent
from chalicelib.domain.pricing.tariff import DEFAULT_BANDS, KINDS, Band, Tariff, Tax, overlap

Reader = Callable[[object, str], Any]
"""Reads a value at a path. Raises ValueError for a fault of it, Invalid for faults in parts."""

MOST_BANDS = 48
MOST_TAXES = 8
LONGEST_UNIT = 31 * MINUTES_A_DAY

_FINEST = "KWD"  # where the currency is faulty, amounts are read with its three decimals

SCHEMA: dict[str, Any] = {
    "type": "object",
    "description": 'Prices of a zone. Amounts are decimals such as "50.00".',
    "additionalProperties": False,
    "required": ["kind", "rate"],
    "properties": {
        "kind": {"enum": list(KINDS)},
        "currency": {"type": "string", "description": "ISO 4217; the site's where absent"},
        "rate": {"type": "string", "description": "per unit, per night, or once"},
        "unit_minutes": {"type": "integer", "minimum": 1, "maximum": LONGEST_UNIT, "default": 60},
        "grace_minutes": {"type": "integer", "minimum": 0, "maximum": MINUTES_A_DAY, "default": 5},
        "booking_fee": {"type": "string", "default": "0.00"},
        "late_fee": {"type": "string", "default": "0.00"},
        "bands": {
            "type": ["array", "string"],
            "description": 'Prices by time of day; "default" stands for 06-09 80, 09-18 50, '
            "18-21 70, 21-06 30.",
            "maxItems": MOST_BANDS,
            "items": {
                "type": "object",
                "additionalProperties": False,
                "required": ["from", "to", "rate"],
                "properties": {name: {"type": "string"} for name in ("from", "to", "rate")},
            },
        },
        "tax": {
            "type": "object",
            "additionalProperties": False,
            "required": ["rate_bp"],
            "properties": {
                "rate_bp": {"type": "integer", "minimum": 0, "maximum": WHOLE},
                "inclusive": {"type": "boolean", "default": True},
                "parts": {
                    "type": "array",
                    "minItems": 1,
                    "maxItems": MOST_TAXES,
                    "items": {
                        "type": "object",
                        "additionalProperties": False,
                        "required": ["name", "share_bp"],
                        "properties": {
                            "name": {"type": "string", "minLength": 1, "maxLength": 24},
                            "share_bp": {"type": "integer", "minimum": 0, "maximum": WHOLE},
                        },
                    },
                },
            },
        },
    },
}
"""The JSON schema of a tariff."""


def read(raw: object, currency: str | None = None, where: str = "tariff") -> Tariff:
    """Read a tariff; `currency` is the site's, which the tariff may repeat but not change.
    `"bands": "default"` stands for the bands of docs/rules/billing.md. Raises Invalid with every
    faulty and every unknown field under `where`, such as "tariff.bands[0].from"."""
    if isinstance(raw, Mapping) and raw.get("bands") == "default":
        raw = {**raw, "bands": _rows(DEFAULT_BANDS, "INR")}
    stated: Any = raw.get("currency", currency) if isinstance(raw, Mapping) else currency
    readers = _tariff(_currency(currency), _amount(stated if _is_known(stated) else _FINEST))
    needed = {"kind", "rate"} if currency else {"kind", "rate", "currency"}
    values = _fields(raw, where, readers, needed)
    if values.get("bands") and values["kind"] != "hourly":
        raise errors.Invalid({f"{where}.bands": "are for hourly tariffs only"})
    return Tariff(**{"currency": currency, **values})


def show(tariff: Tariff) -> dict[str, object]:
    """The JSON that `read` reads, with every field."""

    def text(minor: int) -> str:
        return Money(minor, tariff.currency).text()

    return {
        "kind": tariff.kind,
        "currency": tariff.currency,
        "rate": text(tariff.rate),
        "unit_minutes": tariff.unit_minutes,
        "grace_minutes": tariff.grace_minutes,
        "booking_fee": text(tariff.booking_fee),
        "late_fee": text(tariff.late_fee),
        "bands": _rows(tariff.bands, tariff.currency),
        "tax": {
            "rate_bp": tariff.tax.rate_bp,
            "inclusive": tariff.tax.inclusive,
            "parts": [{"name": name, "share_bp": share} for name, share in tariff.tax.parts],
        },
    }


def _rows(bands: Sequence[Band], currency: str) -> list[dict[str, str]]:
    return [
        {
            "from": minute_text(band.start_minute),
            "to": minute_text(band.end_minute),
            "rate": Money(band.rate, currency).text(),
        }
        for band in bands
    ]


def _tariff(currency: Reader, amount: Reader) -> dict[str, Reader]:
    return {
        "kind": _kind,
        "currency": currency,
        "rate": amount,
        "unit_minutes": _integer(1, LONGEST_UNIT),
        "grace_minutes": _integer(0, MINUTES_A_DAY),
        "booking_fee": amount,
        "late_fee": amount,
        "bands": _bands(amount),
        "tax": _tax,
    }


def _fields(
    raw: object, where: str, readers: Mapping[str, Reader], needed: set[str]
) -> dict[str, Any]:
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


def _list(raw: object, where: str, most: int, reader: Reader) -> list[Any]:
    if not isinstance(raw, list) or len(raw) > most:
        raise ValueError(f"must be a list of at most {most}")
    faults: dict[str, str] = {}
    values = [_value(reader, each, f"{where}[{n}]", faults) for n, each in enumerate(raw)]
    if faults:
        raise errors.Invalid(faults)
    return values


def _kind(raw: object, where: str) -> object:
    if not isinstance(raw, str) or raw not in KINDS:
        raise ValueError("must be one of " + ", ".join(KINDS))
    return raw


def _is_known(currency: object) -> bool:
    try:
        return exponent(currency) >= 0  # type: ignore[arg-type]
    except ValueError:
        return False


def _currency(of_site: str | None) -> Reader:
    def read_currency(raw: object, where: str) -> object:
        if of_site and raw != of_site:
            raise ValueError(f"must be {of_site}, the currency of the site")
        if not _is_known(raw):
            raise ValueError('must be a known currency, such as "INR"')
        return raw

    return read_currency


def _amount(currency: str) -> Reader:
    def read_amount(raw: object, where: str) -> int:
        is_number = isinstance(raw, int | Decimal) and not isinstance(raw, bool)
        minor = Money.parse(str(raw) if is_number else raw, currency).minor
        if minor < 0:
            raise ValueError("must not be negative")
        return minor

    return read_amount


def _integer(least: int, most: int) -> Reader:
    def read_integer(raw: object, where: str) -> int:
        if type(raw) is not int or not least <= raw <= most:
            raise ValueError(f"must be a whole number from {least} to {most}")
        return raw

    return read_integer


def _minute(raw: object, where: str) -> int:
    return parse_minute(raw)


def _bands(amount: Reader) -> Reader:
    def read_band(raw: object, where: str) -> Band:
        readers = {"from": _minute, "to": _minute, "rate": amount}
        values = _fields(raw, where, readers, set(readers))
        return Band(values["from"], values["to"], values["rate"])

    def read_bands(raw: object, where: str) -> tuple[Band, ...]:
        bands = tuple(_list(raw, where, MOST_BANDS, read_band))
        if clash := overlap(bands):
            raise errors.Invalid({f"{where}[{clash[1]}]": f"overlaps {where}[{clash[0]}]"})
        return bands

    return read_bands


def _tax(raw: object, where: str) -> Tax:
    readers = {"rate_bp": _integer(0, WHOLE), "inclusive": _boolean, "parts": _parts}
    return Tax(**_fields(raw, where, readers, {"rate_bp"}))


def _parts(raw: object, where: str) -> tuple[tuple[str, int], ...]:
    parts = tuple(_list(raw, where, MOST_TAXES, _part))
    if sum(share for _, share in parts) != WHOLE:
        raise ValueError(f"must have shares that add up to {WHOLE}")
    return parts


def _part(raw: object, where: str) -> tuple[str, int]:
    readers = {"name": _tax_name, "share_bp": _integer(0, WHOLE)}
    values = _fields(raw, where, readers, set(readers))
    return values["name"], values["share_bp"]


def _tax_name(raw: object, where: str) -> str:
    if not isinstance(raw, str) or not 1 <= len(raw) <= 24 or not raw.isprintable():
        raise ValueError("must be 1 to 24 characters")
    return raw


def _boolean(raw: object, where: str) -> bool:
    if not isinstance(raw, bool):
        raise ValueError("must be true or false")
    return raw
