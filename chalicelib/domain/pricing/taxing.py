"""The tax of a bill, in or on its prices (docs/rules/billing.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date

from chalicelib.domain.core.money import WHOLE, Money
from chalicelib.domain.pricing import gst
from chalicelib.domain.pricing.bill_lines import BillLine
from chalicelib.domain.pricing.tariff import Tariff, Tax


@dataclass(frozen=True, slots=True)
class TaxLine:
    """One part of the tax: its name, its rate in basis points, its amount."""

    name: str
    rate_bp: int
    amount: Money


def tax_of(tax: Tax, price: Money, lines: Sequence[BillLine], day: date) -> tuple[TaxLine, ...]:
    """The tax in `price`, or on it, for a stay that ends on the local date `day`. By a code of GST
    each unit has the rate of its own price, over which what is added to the units or taken off them
    is spread.

    >>> halves = tax_of(Tax(sac=gst.PARKING), Money(5000, "INR"), (), date(2026, 11, 21))
    >>> [(line.name, line.rate_bp, line.amount.minor) for line in halves]
    [('CGST', 900, 381), ('SGST', 900, 381)]
    """
    if tax.sac is None:
        return tuple(_parts(tax, tax.rate_bp, price)) if tax.rate_bp else ()
    rated = _by_rate(tax, price, lines, day)
    return tuple(part for rate, amount in rated for part in _parts(tax, rate, amount))


def inside(tariff: Tariff, amount: Money, day: date) -> tuple[TaxLine, ...]:
    """The tax in an amount that stands for the price of a booking, such as an advance: at the rate
    of its usual unit."""
    tax = replace(tariff.tax, inclusive=True)
    if tax.sac is None:
        return tax_of(tax, amount, (), day)
    worth = tariff.rate or amount.minor
    rate = gst.rate_of(tax.sac, worth, day, inclusive=tariff.tax.inclusive)
    return tuple(_parts(tax, rate, amount))


def rate_of(tax: Tax, minor: int, day: date) -> int:
    """The rate in basis points of the tax that is in a price, on the local date `day`.

    >>> rate_of(Tax(sac=gst.PARKING), 500_000, date(2026, 11, 21)), rate_of(Tax(500), 1, date.min)
    (1800, 500)
    """
    if tax.sac is None:
        return tax.rate_bp
    return gst.rate_of(tax.sac, minor, day, inclusive=True)


def _parts(tax: Tax, rate: int, price: Money) -> Iterator[TaxLine]:
    """The parts of one rate. Those with equal shares are equal to the last minor unit: each is
    rounded by itself, and the price before tax takes the rest."""
    equal = len(set(tax.shares)) == 1 and rate % len(tax.shares) == 0
    if equal:
        share = rate // len(tax.shares)
        amount = _rounded(price, share, WHOLE + rate if tax.inclusive else WHOLE)
        yield from (TaxLine(name, share, amount) for name, _ in tax.parts)
        return
    whole = _rounded(price, rate, WHOLE + rate if tax.inclusive else WHOLE)
    rates = Money(rate, price.currency).split(tax.shares)
    for (name, _), share_of_rate, amount in zip(
        tax.parts, rates, whole.split(tax.shares), strict=True
    ):
        yield TaxLine(name, share_of_rate.minor, amount)


def _rounded(price: Money, rate: int, base: int) -> Money:
    """`price * rate / base`, halves rounded up."""
    return Money((2 * price.minor * rate + base) // (2 * base), price.currency)


def _by_rate(
    tax: Tax, price: Money, lines: Sequence[BillLine], day: date
) -> tuple[tuple[int, Money], ...]:
    """The parts of `price` by their rate of GST; they add up to it. Each unit is worth its share of
    the price."""
    assert tax.sac is not None
    units = [line for line in lines if line.starts_at is not None and line.amount.minor > 0]
    listed = sum(line.amount.minor for line in units)
    if not listed:
        return ((gst.rate_of(tax.sac, price.minor, day, inclusive=tax.inclusive), price),)
    charged: dict[int, int] = defaultdict(int)
    for line in units:
        worth = line.rate.minor * price.minor // listed
        charged[gst.rate_of(tax.sac, worth, day, inclusive=tax.inclusive)] += line.amount.minor
    return tuple(zip(charged, price.split(tuple(charged.values())), strict=True))
