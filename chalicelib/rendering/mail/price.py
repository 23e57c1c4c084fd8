"""A tariff in words, for guests (docs/rules/billing.md)."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final
from zoneinfo import ZoneInfo

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.localtime import MINUTES_A_DAY, minute_text
from chalicelib.domain.core.money import Money
from chalicelib.domain.pricing import bill
from chalicelib.domain.pricing.band import EVERY_DAY, Band
from chalicelib.domain.pricing.demand import PLAIN
from chalicelib.domain.pricing.tariff import Tariff, TariffKind, Tax
from chalicelib.domain.sites.nights import count
from chalicelib.rendering.mail.layout import Fact
from chalicelib.texts import amounts, clocks
from chalicelib.texts.mails import MailTexts

WITH_GRACE: Final[frozenset[TariffKind]] = frozenset({"hourly", "daily"})
"""The kinds of tariff whose grace guests read."""


def in_words(tariff: Tariff, texts: MailTexts) -> tuple[str, ...]:
    """The rules of `tariff`, one a line.

    >>> from chalicelib.texts import catalogue
    >>> in_words(Tariff("hourly", "INR", 5000, booking_fee=5000), catalogue.mails("en"))[0]
    '₹50.00 per hour or part thereof, with 5 minutes of grace'
    """
    if not (tariff.rate or tariff.bands or tariff.booking_fee):
        return (texts.free_of_charge, *_besides(tariff, texts))
    return (*_lines(tariff, texts), *_besides(tariff, texts))


def facts(booking: Booking, tz: ZoneInfo, texts: MailTexts) -> Iterator[Fact]:
    """The price of a booking, and what was paid of it in advance; for a room also what its nights
    come to."""
    if booking.kind == "room" and not booking.is_free:
        total = bill.make(booking.tariff, booking.booked, tz, paid=booking.tariff.money(0)).charged
        nights = count(booking.booked, tz)
        shown = amounts.show(total, texts.language)
        yield Fact(texts.total, texts.stay_total.format(nights, total=shown))
    yield Fact(texts.price, "\n".join(in_words(booking.tariff, texts)))
    if booking.kept > 0:
        yield Fact(texts.paid_before, amounts.show(booking.amount_kept, texts.language))


def _lines(tariff: Tariff, texts: MailTexts) -> Iterator[str]:
    if tariff.free_minutes:
        yield texts.free_minutes.format(length=clocks.minutes(tariff.free_minutes, texts.language))
    yield from _rates(tariff, texts)
    if tariff.agreed.demand_percent != PLAIN:
        percent = amounts.percent(tariff.agreed.demand_percent * 100, texts.language)
        yield texts.bill_demand.format(percent=percent)
    for each in tariff.discounts:
        if each.days_ahead <= tariff.agreed.days_ahead:
            percent = amounts.percent(each.percent * 100, texts.language)
            yield texts.discount.format(name=each.name, percent=percent)
    if tariff.agreed.promo is not None:
        yield texts.bill_promo.format(code=tariff.agreed.promo.code)
    if tariff.day_cap is not None:
        yield texts.day_cap.format(cap=_show(tariff.day_cap, tariff, texts))
    if tariff.late_fee and tariff.kind == "nightly":
        yield texts.late_fee.format(fee=_show(tariff.late_fee, tariff, texts))
    if tariff.booking_fee:
        yield texts.booking_fee.format(fee=_show(tariff.booking_fee, tariff, texts))
    if tax := _tax(tariff.tax, texts):
        yield (texts.tax_inclusive if tariff.tax.inclusive else texts.tax_on_top).format(tax=tax)


def _tax(tax: Tax, texts: MailTexts) -> str:
    """The name of a tax and its rate; without the rate where it follows the day and the price."""
    if tax.sac is not None:
        return "GST"
    if not tax.rate_bp:
        return ""
    name = " + ".join(name for name, _ in tax.parts)
    return texts.tax_line.format(name=name, percent=amounts.percent(tax.rate_bp, texts.language))


def _rates(tariff: Tariff, texts: MailTexts) -> Iterator[str]:
    if tariff.bands:
        yield from _banded(tariff, texts)
        return
    rate = _per_unit(tariff.rate, tariff, texts)
    if tariff.grace_minutes and tariff.kind in WITH_GRACE:
        length = clocks.minutes(tariff.grace_minutes, texts.language)
        yield texts.with_grace.format(rate=rate, length=length)
    else:
        yield rate


def _banded(tariff: Tariff, texts: MailTexts) -> Iterator[str]:
    bands = sorted(tariff.bands, key=lambda band: (band.days, band.start_minute))
    for band in bands:
        hours = times(band, tariff, texts)
        yield texts.band.format(times=hours, rate=_per_unit(band.rate, tariff, texts))
    if sum(_minutes(band) for band in bands) < len(EVERY_DAY) * MINUTES_A_DAY:
        yield texts.outside_bands.format(rate=_per_unit(tariff.rate, tariff, texts))
    if tariff.grace_minutes and tariff.kind in WITH_GRACE:
        yield texts.grace.format(length=clocks.minutes(tariff.grace_minutes, texts.language))


def times(band: Band, tariff: Tariff, texts: MailTexts) -> str:
    """The days of a band, and its hours where the tariff has hours."""
    days = clocks.weekdays(band.days, texts.language)
    if tariff.kind != "hourly":
        return days
    hours = f"{minute_text(band.start_minute)}–{minute_text(band.end_minute)}"
    return hours if band.days == EVERY_DAY else f"{days} {hours}"


def _minutes(band: Band) -> int:
    """The minutes a week."""
    length = (band.end_minute - band.start_minute) % MINUTES_A_DAY or MINUTES_A_DAY
    return length * len(band.days)


def _besides(tariff: Tariff, texts: MailTexts) -> Iterator[str]:
    if tariff.deposit:
        yield texts.deposit.format(deposit=_show(tariff.deposit, tariff, texts))
    if tariff.no_show_fee:
        yield texts.no_show_fee.format(fee=_show(tariff.no_show_fee, tariff, texts))


def _per_unit(rate: int, tariff: Tariff, texts: MailTexts) -> str:
    if tariff.kind != "hourly":
        sentence = {"daily": texts.per_day, "nightly": texts.per_night, "flat": texts.flat}
        return sentence[tariff.kind].format(rate=_show(rate, tariff, texts))
    per = texts.per_hour if tariff.unit_minutes == 60 else texts.per_unit
    return per.format(
        rate=_show(rate, tariff, texts), length=clocks.minutes(tariff.unit_minutes, texts.language)
    )


def _show(minor: int, tariff: Tariff, texts: MailTexts) -> str:
    return amounts.show(Money(minor, tariff.currency), texts.language)
