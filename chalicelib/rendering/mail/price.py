"""A tariff in words, for guests (docs/rules/billing.md)."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.domain.core.localtime import MINUTES_A_DAY
from chalicelib.domain.core.money import Money
from chalicelib.domain.pricing.tariff import Band, Tariff
from chalicelib.rendering.mail import amounts
from chalicelib.rendering.mail.texts import Texts
from chalicelib.rendering.mail.texts_en import ENGLISH


def in_words(tariff: Tariff, texts: Texts = ENGLISH) -> tuple[str, ...]:
    """The rules of `tariff`, one a line.

    >>> in_words(Tariff("hourly", "INR", 5000, booking_fee=5000))[0]
    '₹50.00 for each hour begun, 5 min of grace'
    """
    if not (tariff.rate or tariff.bands or tariff.booking_fee):
        return (texts.free_of_charge,)
    return tuple(_lines(tariff, texts))


def _lines(tariff: Tariff, texts: Texts) -> Iterator[str]:
    yield from _rates(tariff, texts)
    if tariff.booking_fee:
        yield texts.booking_fee.format(fee=_show(tariff.booking_fee, tariff))
    if tariff.tax.rate_bp:
        name = " + ".join(name for name, _ in tariff.tax.parts)
        tax = texts.tax_line.format(name=name, percent=amounts.percent(tariff.tax.rate_bp))
        yield (texts.tax_inclusive if tariff.tax.inclusive else texts.tax_on_top).format(tax=tax)


def _rates(tariff: Tariff, texts: Texts) -> Iterator[str]:
    if tariff.kind == "nightly":
        yield texts.per_night.format(rate=_show(tariff.rate, tariff))
        if tariff.late_fee:
            yield texts.late_fee.format(fee=_show(tariff.late_fee, tariff))
    elif tariff.kind == "flat":
        yield texts.flat.format(rate=_show(tariff.rate, tariff))
    elif not tariff.bands:
        yield _with_grace(_per_unit(tariff.rate, tariff, texts), tariff, texts)
    else:
        yield from _banded(tariff, texts)


def _banded(tariff: Tariff, texts: Texts) -> Iterator[str]:
    bands = sorted(tariff.bands, key=lambda band: band.start_minute)
    for band in bands:
        yield texts.band.format(times=band.text(), rate=_per_unit(band.rate, tariff, texts))
    if sum(_minutes(band) for band in bands) < MINUTES_A_DAY:
        yield texts.outside_bands.format(rate=_per_unit(tariff.rate, tariff, texts))
    if tariff.grace_minutes:
        yield texts.grace.format(minutes=tariff.grace_minutes)


def _minutes(band: Band) -> int:
    return (band.end_minute - band.start_minute) % MINUTES_A_DAY or MINUTES_A_DAY


def _per_unit(rate: int, tariff: Tariff, texts: Texts) -> str:
    sentence = texts.per_hour if tariff.unit_minutes == 60 else texts.per_unit
    return sentence.format(rate=_show(rate, tariff), minutes=tariff.unit_minutes)


def _with_grace(price: str, tariff: Tariff, texts: Texts) -> str:
    if not tariff.grace_minutes:
        return price
    return f"{price}, {texts.grace.format(minutes=tariff.grace_minutes)}"


def _show(minor: int, tariff: Tariff) -> str:
    return amounts.show(Money(minor, tariff.currency))
