"""The bill of a stay, exact to the minor unit (docs/rules/billing.md).

A stay is divided into units and each unit has a price. Consecutive units of one price become a
line, the lines add up to the total, and the tax is part of the total or added to it.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any, Final, Self
from zoneinfo import ZoneInfo

from chalicelib.domain.core import localtime, serialize, unixtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.money import Money
from chalicelib.domain.pricing import bill_lines, taxing
from chalicelib.domain.pricing.bill_lines import BillLine
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.pricing.taxing import TaxLine

MINIMUM: Final = "Booking fee, minimum"
KEPT: Final = "Advance payment kept"

_INSTANT = timedelta.resolution


@dataclass(frozen=True, slots=True)
class Bill:
    """The price of a stay, and how much of it has been paid. `rate` is the rate of its first unit.
    The lines add up to `total`, or to `total` less `tax` where tax is added to the prices."""

    duration_minutes: int
    units: int
    rate: Money
    lines: tuple[BillLine, ...]
    total: Money
    tax: tuple[TaxLine, ...]
    booking_fee: Money
    amount_paid: Money

    @property
    def currency(self) -> str:
        """The one currency of all its amounts."""
        return self.total.currency

    @property
    def charged(self) -> Money:
        """The price of the stay: the total, or the booking fee where that is more."""
        return max(self.total, self.booking_fee)

    @property
    def all_lines(self) -> tuple[BillLine, ...]:
        """The lines, with what the booking fee adds to the total; they add up to `charged`, or to
        that less `tax` where tax is added to the prices."""
        if self.booking_fee <= self.total:
            return self.lines
        return (*self.lines, BillLine(MINIMUM, 1, self.booking_fee - self.total, None))

    @property
    def amount_due(self) -> Money:
        """The amount left to pay; never below zero, because a bill pays nothing back."""
        return max(self.charged - self.amount_paid, Money.zero(self.currency))

    @property
    def tax_total(self) -> Money:
        """All tax in what is charged."""
        return _sum(self.tax, self.currency)

    def pack(self) -> str:
        """The bill as compact text, to be stored with its booking."""
        row = [
            self.currency,
            self.duration_minutes,
            self.units,
            self.rate.minor,
            self.total.minor,
            self.booking_fee.minor,
            self.amount_paid.minor,
            [_line_row(line) for line in self.lines],
            [(line.name, line.rate_bp, line.amount.minor) for line in self.tax],
        ]
        return serialize.text(row)

    @classmethod
    def unpack(cls, packed: str) -> Self:
        """The bill from the text that `pack` wrote."""
        currency, minutes, count, rate, total, fee, paid, lines, tax = json.loads(packed)
        return cls(
            duration_minutes=minutes,
            units=count,
            rate=Money(rate, currency),
            lines=tuple(_read_line(row, currency) for row in lines),
            total=Money(total, currency),
            tax=tuple(TaxLine(name, share, Money(minor, currency)) for name, share, minor in tax),
            booking_fee=Money(fee, currency),
            amount_paid=Money(paid, currency),
        )


def is_late(tariff: Tariff, booked_end: datetime, left_at: datetime, tz: ZoneInfo) -> bool:
    """Whether a check-out at `left_at` is late under a nightly tariff: after `booked_end` and the
    grace, on the same local date. Past midnight another night is billed instead
    (docs/rules/billing.md)."""
    grace = timedelta(minutes=tariff.grace_minutes)
    if tariff.kind != "nightly" or left_at <= booked_end + grace:
        return False
    return localtime.nights(Interval(booked_end, left_at), tz) == 0


def make(tariff: Tariff, stay: Interval, tz: ZoneInfo, *, paid: Money, late: bool = False) -> Bill:
    """The bill of `stay` at a site in `tz`, of which `paid` has been paid before. With `late` the
    late fee of the tariff is a line of its own.

    >>> start = datetime.fromisoformat("2026-11-21T04:00:00+00:00")
    >>> tariff = Tariff("hourly", "INR", 5000)
    >>> stay = Interval(start, start + timedelta(minutes=126))
    >>> make(tariff, stay, localtime.zone("Asia/Kolkata"), paid=Money.zero("INR")).total.text()
    '150.00'
    """
    unit_lines = bill_lines.of_units(tariff, stay, tz)
    of_stay = (
        *bill_lines.free_line(tariff, stay),
        *unit_lines,
        *bill_lines.demand_line(tariff, unit_lines),
        *bill_lines.cap_lines(tariff, stay, tz),
        *bill_lines.discount_lines(tariff, unit_lines, stay, tz),
    )
    lines = (
        *of_stay,
        *bill_lines.promo_line(tariff, of_stay),
        *(bill_lines.late_line(tariff) if late else ()),
    )
    total, tax = _taxed(tariff, lines, localtime.local_date(stay.end, tz), fee=tariff.booking_fee)
    return Bill(
        duration_minutes=stay.minutes,
        units=sum(line.quantity for line in unit_lines),
        rate=unit_lines[0].rate if unit_lines else tariff.rate_at(stay.start, tz),
        lines=lines,
        total=total,
        tax=tax,
        booking_fee=tariff.money(tariff.booking_fee),
        amount_paid=paid,
    )


def no_show(tariff: Tariff, *, paid: Money, on: date) -> Bill:
    """The bill of a booking that expired on a date (UTC) without an entry: the no-show fee of the
    tariff, towards which `paid` counts. Everything paid is kept.

    >>> rooms = Tariff("nightly", "EUR", 9000, no_show_fee=4000)
    >>> no_show(rooms, paid=Money(1500, "EUR"), on=date(2026, 11, 21)).amount_due
    Money(minor=2500, currency='EUR')
    >>> no_show(rooms, paid=Money(5000, "EUR"), on=date(2026, 11, 21)).total
    Money(minor=5000, currency='EUR')
    """
    fee = tariff.money(tariff.no_show_fee)
    lines = (BillLine("No-show fee", 1, fee, None),) if fee else ()
    total, tax = _taxed(tariff, lines, on)
    if total >= paid:
        return _without_stay(lines, total, tax, paid)
    return kept(tariff, paid, lines, on=on)


def kept(tariff: Tariff, amount: Money, lines: tuple[BillLine, ...] = (), *, on: date) -> Bill:
    """The bill of a booking that ended on a date (UTC) without a stay and of which `amount` is
    kept: what is beyond `lines` is a line of its own. The tax is inside the amount, because no more
    was paid.

    >>> from chalicelib.domain.pricing.tariff import Tax
    >>> parking = Tariff("hourly", "INR", 5000, tax=Tax(1800, inclusive=False))
    >>> bill = kept(parking, Money(5000, "INR"), on=date(2026, 11, 21))
    >>> bill.total.minor, bill.tax_total.minor, bill.lines[0].amount.minor
    (5000, 763, 4237)
    """
    tax = taxing.inside(tariff, amount, on)
    of_lines = amount if tariff.tax.inclusive else amount - _sum(tax, amount.currency)
    rest = of_lines - sum((line.amount for line in lines), tariff.money(0))
    return _without_stay((*lines, BillLine(KEPT, 1, rest, None)), amount, tax, amount)


def _without_stay(
    lines: tuple[BillLine, ...], total: Money, tax: tuple[TaxLine, ...], paid: Money
) -> Bill:
    zero = Money.zero(total.currency)
    return Bill(
        duration_minutes=0,
        units=0,
        rate=zero,
        lines=lines,
        total=total,
        tax=tax,
        booking_fee=zero,
        amount_paid=paid,
    )


def _taxed(
    tariff: Tariff, lines: Sequence[BillLine], day: date, *, fee: int = 0
) -> tuple[Money, tuple[TaxLine, ...]]:
    """The total of the lines and the tax, which is in the booking fee where that is more."""
    price = sum((line.amount for line in lines), tariff.money(0))
    if tariff.tax.inclusive:
        charged = max(price, tariff.money(fee))
        return price, taxing.tax_of(tariff.tax, charged, lines, day)
    tax = taxing.tax_of(tariff.tax, price, lines, day)
    return price + _sum(tax, price.currency), tax


def _sum(tax: tuple[TaxLine, ...], currency: str) -> Money:
    return sum((line.amount for line in tax), Money.zero(currency))


def _line_row(line: BillLine) -> tuple[object, ...]:
    return line.text, line.quantity, line.rate.minor, unixtime.of(line.starts_at)


def _read_line(row: list[Any], currency: str) -> BillLine:
    text, quantity, rate, starts_at = row
    return BillLine(text, quantity, Money(rate, currency), unixtime.instant(starts_at))
