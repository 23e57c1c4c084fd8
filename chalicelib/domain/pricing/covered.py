"""The bill of a stay that a season pass covers (docs/rules/passes.md, Cover)."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo

from chalicelib.domain.core import localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.money import Money
from chalicelib.domain.pricing import bill as bills
from chalicelib.domain.pricing import taxing
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.pricing.bill_lines import BillLine
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.pricing.taxing import TaxLine

COVERED = "Covered by season pass"


def bill(whole: Bill, tariff: Tariff, stay: Interval, tz: ZoneInfo, *, until: datetime) -> Bill:
    """The bill `whole` of a stay at a site in `tz`, of which a pass covers the units that begin
    before `until`. It shows the whole price, and what is covered of it. A booking fee stays as far
    as it was paid before."""
    paid = whole.amount_paid
    fee = max(min(whole.booking_fee, paid), Money.zero(whole.currency))
    tariff = replace(tariff, booking_fee=fee.minor)
    outside = _outside(tariff, stay, tz, until, paid)
    charged = _net(outside) if outside else Money.zero(whole.currency)
    line = BillLine(COVERED, 1, charged - _net(whole), None)
    return replace(
        whole,
        lines=(*whole.lines, line) if line.rate else whole.lines,
        total=outside.total if outside else Money.zero(whole.currency),
        tax=outside.tax if outside else _tax_of_fee(tariff, localtime.local_date(stay.end, tz)),
        booking_fee=fee,
    )


def _tax_of_fee(tariff: Tariff, day: date) -> tuple[TaxLine, ...]:
    """The tax in the booking fee of a stay that is covered as a whole."""
    if not (tariff.booking_fee and tariff.tax.inclusive):
        return ()
    return taxing.tax_of(tariff.tax, tariff.money(tariff.booking_fee), (), day)


def _net(made: Bill) -> Money:
    return sum((line.amount for line in made.lines), Money.zero(made.currency))


def _outside(
    tariff: Tariff, stay: Interval, tz: ZoneInfo, until: datetime, paid: Money
) -> Bill | None:
    """The bill of the units that begin from `until` on, or None where there are none."""
    start = _first_unit_from(tariff, stay, until)
    grace = timedelta(minutes=tariff.grace_minutes)
    if tariff.kind == "flat" or start >= stay.end - grace:
        return None
    return bills.make(replace(tariff, free_minutes=0), stay.starting(start), tz, paid=paid)


def _first_unit_from(tariff: Tariff, stay: Interval, until: datetime) -> datetime:
    """The start of the first unit that begins at `until` or later; the days of a daily tariff begin
    with the local day, as `until` does."""
    begin = stay.start + timedelta(minutes=tariff.free_minutes)
    if tariff.kind != "hourly":
        return max(begin, until)
    unit = timedelta(minutes=tariff.unit_minutes)
    return max(begin, begin - (begin - until) // unit * unit)
