"""A tariff in words, for guests (docs/rules/billing.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

from chalicelib.domain.core.localtime import MINUTES_A_DAY
from chalicelib.domain.core.money import Money
from chalicelib.domain.pricing.band import EVERY_DAY, Band
from chalicelib.domain.pricing.tariff import Tariff, TariffKind
from chalicelib.rendering.mail import amounts
from chalicelib.rendering.mail.texts import Texts
from chalicelib.rendering.mail.texts_en import ENGLISH

WITH_GRACE: Final[frozenset[TariffKind]] = frozenset({"hourly", "daily"})
"""The kinds of tariff whose grace guests read."""


def in_words(tariff: Tariff, texts: Texts = ENGLISH) -> tuple[str, ...]:
    """The rules of `tariff`, one a line.

    >>> in_words(Tariff("hourly", "INR", 5000, booking_fee=5000))[0]
    '₹50.00 for each hour begun, 5 min of grace'
    """
    if not (tariff.rate or tariff.bands or tariff.booking_fee):
        return (texts.free_of_charge, *_no_show(tariff, texts))
    return (*_lines(tariff, texts), *_no_show(tariff, texts))


def _lines(tariff: Tariff, texts: Texts) -> Iterator[str]:
    if tariff.free_minutes:
        yield texts.free_minutes.format(minutes=tariff.free_minutes)
    yield from _rates(tariff, texts)
    if tariff.day_cap is not None:
        yield texts.day_cap.format(cap=_show(tariff.day_cap, tariff))
    if tariff.late_fee and tariff.kind == "nightly":
        yield texts.late_fee.format(fee=_show(tariff.late_fee, tariff))
    if tariff.booking_fee:
        yield texts.booking_fee.format(fee=_show(tariff.booking_fee, tariff))
    if tariff.tax.rate_bp:
        name = " + ".join(name for name, _ in tariff.tax.parts)
        tax = texts.tax_line.format(name=name, percent=amounts.percent(tariff.tax.rate_bp))
        yield (texts.tax_inclusive if tariff.tax.inclusive else texts.tax_on_top).format(tax=tax)


def _rates(tariff: Tariff, texts: Texts) -> Iterator[str]:
    if tariff.bands:
        yield from _banded(tariff, texts)
        return
    rate = _per_unit(tariff.rate, tariff, texts)
    with_grace = tariff.grace_minutes and tariff.kind in WITH_GRACE
    yield f"{rate}, {texts.grace.format(minutes=tariff.grace_minutes)}" if with_grace else rate


def _banded(tariff: Tariff, texts: Texts) -> Iterator[str]:
    bands = sorted(tariff.bands, key=lambda band: (band.days, band.start_minute))
    for band in bands:
        times = band.text() if tariff.kind == "hourly" else band.days_text()
        yield texts.band.format(times=times, rate=_per_unit(band.rate, tariff, texts))
    if sum(_minutes(band) for band in bands) < len(EVERY_DAY) * MINUTES_A_DAY:
        yield texts.outside_bands.format(rate=_per_unit(tariff.rate, tariff, texts))
    if tariff.grace_minutes and tariff.kind in WITH_GRACE:
        yield texts.grace.format(minutes=tariff.grace_minutes)


def _minutes(band: Band) -> int:
    """The minutes a week."""
    length = (band.end_minute - band.start_minute) % MINUTES_A_DAY or MINUTES_A_DAY
    return length * len(band.days)


def _no_show(tariff: Tariff, texts: Texts) -> Iterator[str]:
    if tariff.no_show_fee:
        yield texts.no_show_fee.format(fee=_show(tariff.no_show_fee, tariff))


def _per_unit(rate: int, tariff: Tariff, texts: Texts) -> str:
    if tariff.kind != "hourly":
        sentence = {"daily": texts.per_day, "nightly": texts.per_night, "flat": texts.flat}
        return sentence[tariff.kind].format(rate=_show(rate, tariff))
    per = texts.per_hour if tariff.unit_minutes == 60 else texts.per_unit
    return per.format(rate=_show(rate, tariff), minutes=tariff.unit_minutes)


def _show(minor: int, tariff: Tariff) -> str:
    return amounts.show(Money(minor, tariff.currency))
