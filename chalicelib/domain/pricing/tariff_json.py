"""The JSON of tariffs, for clients to read and write.

Amounts are decimals of the currency of the tariff ("50.00"), bands run from one local time to
another, shares and tax rates are basis points. A refusal names all faulty fields with their paths.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from chalicelib.domain.core import errors, plain_text
from chalicelib.domain.core.localtime import MINUTES_A_DAY, WEEKDAYS, minute_text
from chalicelib.domain.core.money import WHOLE, Money, exponent
from chalicelib.domain.core.sentence import Fault, say
from chalicelib.domain.pricing import cancellation_json, demand_json, discount_json, gst
from chalicelib.domain.pricing import json_readers as readers
from chalicelib.domain.pricing.band import DEFAULT_BANDS, EVERY_DAY, Band, overlap
from chalicelib.domain.pricing.json_readers import Reader
from chalicelib.domain.pricing.tariff import KINDS, Misfit, Tariff, Tax
from chalicelib.domain.pricing.tariff_schema import (
    LONGEST_RETURN,
    LONGEST_UNIT,
    MOST_BANDS,
    MOST_TAXES,
)

_FINEST_CURRENCY = "KWD"  # where the currency is faulty, amounts are read with its three decimals


def read(raw: object, currency: str | None = None, where: str = "tariff") -> Tariff:
    """Read a tariff; `currency` is the site's, which the tariff may repeat but not change.
    `"bands": "default"` stands for the bands of docs/rules/billing.md. Raises Invalid with every
    faulty and every unknown field under `where`, such as "tariff.bands[0].from"."""
    if isinstance(raw, Mapping) and raw.get("bands") == "default":
        raw = {**raw, "bands": _rows(DEFAULT_BANDS, "INR")}
    stated: Any = raw.get("currency", currency) if isinstance(raw, Mapping) else currency
    amount = readers.amount(stated if _is_known(stated) else _FINEST_CURRENCY)
    needed = {"kind", "rate"} if currency else {"kind", "rate", "currency"}
    values = readers.fields(raw, where, _tariff(_currency(currency), amount), needed)
    try:
        return Tariff(**{"currency": currency, **values})
    except Misfit as misfit:
        raise errors.Invalid({f"{where}.{misfit.part}": misfit.fault}) from None


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
        "free_minutes": tariff.free_minutes,
        "day_cap": None if tariff.day_cap is None else text(tariff.day_cap),
        "no_show_fee": text(tariff.no_show_fee),
        "deposit": text(tariff.deposit),
        "deposit_return_days": tariff.deposit_return_days,
        "cancellation": cancellation_json.show(tariff.cancellation, tariff.currency),
        "bands": _rows(tariff.bands, tariff.currency),
        "demand": demand_json.show(tariff.demand),
        "discounts": discount_json.show(tariff.discounts),
        "tax": {
            "rate_bp": tariff.tax.rate_bp,
            "sac": tariff.tax.sac,
            "inclusive": tariff.tax.inclusive,
            "parts": [{"name": name, "share_bp": share} for name, share in tariff.tax.parts],
        },
    }


def _rows(bands: Sequence[Band], currency: str) -> list[dict[str, object]]:
    return [
        {
            "from": minute_text(band.start_minute),
            "to": minute_text(band.end_minute),
            "rate": Money(band.rate, currency).text(),
            "days": [WEEKDAYS[day] for day in band.days],
        }
        for band in bands
    ]


def _tariff(currency: Reader, amount: Reader) -> dict[str, Reader]:
    return {
        "kind": _kind,
        "currency": currency,
        "rate": amount,
        "unit_minutes": readers.integer(1, LONGEST_UNIT),
        "grace_minutes": readers.integer(0, MINUTES_A_DAY),
        "booking_fee": amount,
        "late_fee": amount,
        "free_minutes": readers.integer(0, MINUTES_A_DAY),
        "day_cap": readers.or_null(_above_zero(amount)),
        "no_show_fee": amount,
        "deposit": amount,
        "deposit_return_days": readers.integer(0, LONGEST_RETURN),
        "cancellation": readers.or_null(cancellation_json.reader(amount)),
        "bands": _bands(amount),
        "demand": readers.or_null(demand_json.read),
        "discounts": discount_json.read,
        "tax": _tax,
    }


def _kind(raw: object, where: str) -> object:
    if not isinstance(raw, str) or raw not in KINDS:
        raise Fault(say("must_be_one_of", choices=KINDS))
    return raw


def _is_known(currency: object) -> bool:
    try:
        return exponent(currency) >= 0  # type: ignore[arg-type]
    except ValueError:
        return False


def _currency(of_site: str | None) -> Reader:
    def read_currency(raw: object, where: str) -> object:
        if of_site and raw != of_site:
            raise Fault(say("must_be_currency_of_site", currency=of_site))
        if not _is_known(raw):
            raise Fault(say("must_be_known_currency"))
        return raw

    return read_currency


def _above_zero(amount: Reader) -> Reader:
    def read_amount(raw: object, where: str) -> int:
        minor: int = amount(raw, where)
        if not minor:
            raise Fault(say("must_be_above_zero"))
        return minor

    return read_amount


def _bands(amount: Reader) -> Reader:
    parts = {"from": readers.minute, "to": readers.minute, "rate": amount, "days": readers.weekdays}

    def read_band(raw: object, where: str) -> Band:
        values = readers.fields(raw, where, parts, {"from", "to", "rate"})
        return Band(values["from"], values["to"], values["rate"], values.get("days", EVERY_DAY))

    def read_bands(raw: object, where: str) -> tuple[Band, ...]:
        bands = tuple(readers.items(raw, where, MOST_BANDS, read_band))
        if clash := overlap(bands):
            raise errors.Invalid(
                {f"{where}[{clash[1]}]": say("overlaps", other=f"{where}[{clash[0]}]")}
            )
        return bands

    return read_bands


def _tax(raw: object, where: str) -> Tax:
    share = readers.integer(0, WHOLE)
    parts = {
        "rate_bp": share,
        "sac": readers.or_null(_sac),
        "inclusive": readers.boolean,
        "parts": _parts,
    }
    by_code = isinstance(raw, Mapping) and raw.get("sac") is not None
    values = readers.fields(raw, where, parts, set() if by_code else {"rate_bp"})
    if by_code and values.get("rate_bp"):
        raise errors.Invalid({f"{where}.rate_bp": say("is_given_by_sac")})
    return Tax(**values)


def _sac(raw: object, where: str) -> str:
    if not isinstance(raw, str) or raw not in gst.RATES:
        raise Fault(say("must_be_one_of", choices=tuple(gst.RATES)))
    return raw


def _parts(raw: object, where: str) -> tuple[tuple[str, int], ...]:
    parts = tuple(readers.items(raw, where, MOST_TAXES, _part))
    if sum(share for _, share in parts) != WHOLE:
        raise Fault(say("must_have_shares_up_to", whole=WHOLE))
    return parts


def _part(raw: object, where: str) -> tuple[str, int]:
    parts = {"name": _tax_name, "share_bp": readers.integer(0, WHOLE)}
    values = readers.fields(raw, where, parts, set(parts))
    return values["name"], values["share_bp"]


def _tax_name(raw: object, where: str) -> str:
    name = plain_text.one_line(raw) if isinstance(raw, str) else ""
    if len(name) > 24 or not plain_text.is_seen(name):
        raise Fault(say("must_be_characters", least=1, most=24))
    return name
