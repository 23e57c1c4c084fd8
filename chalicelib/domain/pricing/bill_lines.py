"""The lines of a bill: the units of a stay by their price, and what is added or taken off
(docs/rules/billing.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from itertools import groupby
from zoneinfo import ZoneInfo

from chalicelib.domain.core import localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.money import Money
from chalicelib.domain.pricing import demand, discount
from chalicelib.domain.pricing.band import Band
from chalicelib.domain.pricing.demand import PLAIN
from chalicelib.domain.pricing.tariff import Tariff, TariffKind

_INSTANT = timedelta.resolution


@dataclass(frozen=True, slots=True)
class BillLine:
    """A number of units at one rate. `starts_at` is the start of the first unit, None for a
    surcharge or a reduction, whose rate is below zero."""

    text: str
    quantity: int
    rate: Money
    starts_at: datetime | None

    @property
    def amount(self) -> Money:
        """Quantity times rate."""
        return self.rate * self.quantity


def units(stay: timedelta, tariff: Tariff) -> int:
    """The number of units begun: ceil((stay - free minutes - grace) / unit), exact to the second;
    at least one, unless the tariff has free minutes.

    >>> per_hour = Tariff("hourly", "INR", 5000)
    >>> [units(timedelta(minutes=m), per_hour) for m in (3, 60, 65, 66, 125, 126)]
    [1, 1, 1, 2, 2, 3]
    >>> quarter_free = Tariff("hourly", "INR", 5000, free_minutes=15)
    >>> [units(timedelta(minutes=m), quarter_free) for m in (15, 20, 21, 80, 81)]
    [0, 0, 1, 1, 2]
    """
    beyond = stay - _free(tariff) - timedelta(minutes=tariff.grace_minutes)
    least = 0 if tariff.free_minutes else 1
    return max(least, -(-beyond // timedelta(minutes=tariff.unit_minutes)))


def of_units(tariff: Tariff, stay: Interval, tz: ZoneInfo) -> tuple[BillLine, ...]:
    """The lines of the units of a stay, consecutive ones of one price in one line."""
    return tuple(_LINES_OF[tariff.kind](tariff, stay, tz))


def _hourly(tariff: Tariff, stay: Interval, tz: ZoneInfo) -> Iterator[BillLine]:
    if not tariff.bands:
        if count := units(stay.duration, tariff):
            yield _hours(tariff, None, count, stay.start + _free(tariff))
        return
    by_band = groupby(_unit_starts(tariff, stay), key=lambda at: tariff.band_at(at, tz))
    for band, instants in by_band:
        starts = tuple(instants)
        yield _hours(tariff, band, len(starts), starts[0])


def _daily(tariff: Tariff, stay: Interval, tz: ZoneInfo) -> Iterator[BillLine]:
    """The calendar days that the stay touches after the free minutes. One that it only touches with
    its grace does not count."""
    if not units(stay.duration, tariff):
        return
    begin = stay.start + _free(tariff)
    last = stay.end - timedelta(minutes=tariff.grace_minutes) - _INSTANT
    first_day = localtime.local_date(begin, tz)
    count = 1 + max(0, (localtime.local_date(last, tz) - first_day).days)
    yield from _whole_days(tariff, first_day, count, begin, tz, "day")


def _nightly(tariff: Tariff, stay: Interval, tz: ZoneInfo) -> Iterator[BillLine]:
    first_day, count = localtime.local_date(stay.start, tz), max(1, localtime.nights(stay, tz))
    yield from _whole_days(tariff, first_day, count, stay.start, tz, "night")


def _flat(tariff: Tariff, stay: Interval, tz: ZoneInfo) -> Iterator[BillLine]:
    if units(stay.duration, tariff):
        yield BillLine("Flat rate", 1, tariff.money(tariff.rate), stay.start + _free(tariff))


_LINES_OF: dict[TariffKind, Callable[[Tariff, Interval, ZoneInfo], Iterator[BillLine]]] = {
    "hourly": _hourly,
    "daily": _daily,
    "nightly": _nightly,
    "flat": _flat,
}


def _whole_days(
    tariff: Tariff, first: date, count: int, starts_at: datetime, tz: ZoneInfo, name: str
) -> Iterator[BillLine]:
    """The lines of `count` days or nights from the local date `first` on, by the band of their
    date. Each later line begins at the local midnight of its first date."""
    dates = [first + timedelta(days=number) for number in range(count)]
    for band, group in groupby(dates, key=tariff.band_on):
        days = tuple(group)
        text = f"1 {name}" if len(days) == 1 else f"{len(days)} {name}s"
        text += f", {band.days_text()}" if band else ""
        begin = starts_at if days[0] == first else localtime.from_minute(days[0], 0, tz)
        yield BillLine(text, len(days), tariff.rate_in(band), begin)


def _free(tariff: Tariff) -> timedelta:
    return timedelta(minutes=tariff.free_minutes)


def free_line(tariff: Tariff, stay: Interval) -> Iterator[BillLine]:
    """The free minutes at the start of a stay."""
    if tariff.free_minutes:
        text = f"First {tariff.free_minutes} minutes free"
        yield BillLine(text, 1, tariff.money(0), stay.start)


def demand_line(tariff: Tariff, units: Iterable[BillLine]) -> Iterator[BillLine]:
    """What demand adds to the lines of the units, or takes off them."""
    percent = tariff.agreed.demand_percent
    if percent != PLAIN:
        each = (demand.added(line.rate, percent) * line.quantity for line in units)
        amount = sum(each, tariff.money(0))
        if amount:
            yield BillLine(f"Demand, {percent}% of the price", 1, amount, None)


def cap_lines(tariff: Tariff, stay: Interval, tz: ZoneInfo) -> Iterator[BillLine]:
    """What the daily maximum takes off the units that begin on each calendar day, by their prices
    with demand."""
    if tariff.day_cap is None:
        return
    cap, starts = tariff.money(tariff.day_cap), _unit_starts(tariff, stay)
    for day, instants in groupby(starts, key=lambda at: localtime.local_date(at, tz)):
        price = sum((_price_at(tariff, at, tz) for at in instants), tariff.money(0))
        if price > cap:
            text = f"Daily maximum {cap.text()}, {day:%a} {day.day} {day:%b}"
            yield BillLine(text, 1, cap - price, None)


def _price_at(tariff: Tariff, instant: datetime, tz: ZoneInfo) -> Money:
    rate = tariff.rate_at(instant, tz)
    return rate + demand.added(rate, tariff.agreed.demand_percent)


def by_date(
    tariff: Tariff, lines: Iterable[BillLine], stay: Interval, tz: ZoneInfo
) -> dict[date, Money]:
    """The price of the units that begin on each local date, with demand and up to the daily
    maximum. `lines` are those of the units."""
    prices: dict[date, Money] = {}
    for day, price in _priced_units(tariff, lines, stay, tz):
        prices[day] = prices.get(day, tariff.money(0)) + price
    if tariff.day_cap is None:
        return prices
    return {day: min(price, tariff.money(tariff.day_cap)) for day, price in prices.items()}


def _priced_units(
    tariff: Tariff, lines: Iterable[BillLine], stay: Interval, tz: ZoneInfo
) -> Iterator[tuple[date, Money]]:
    """The date of each unit, and its price with demand."""
    if tariff.kind == "hourly":
        for at in _unit_starts(tariff, stay):
            yield localtime.local_date(at, tz), _price_at(tariff, at, tz)
        return
    for line in lines:
        assert line.starts_at is not None
        first = localtime.local_date(line.starts_at, tz)
        price = line.rate + demand.added(line.rate, tariff.agreed.demand_percent)
        yield from ((first + timedelta(days=nth), price) for nth in range(line.quantity))


def discount_lines(
    tariff: Tariff, lines: Sequence[BillLine], stay: Interval, tz: ZoneInfo
) -> Iterator[BillLine]:
    """What each discount takes off the units of a stay, in order and together no more than they
    cost. `lines` are those of the units."""
    count = sum(line.quantity for line in lines)
    ahead = tariff.agreed.days_ahead
    given = [each for each in tariff.discounts if each.is_for(units=count, days_ahead=ahead)]
    if not given:
        return
    prices, nothing = by_date(tariff, lines, stay, tz), tariff.money(0)
    whole = sum(prices.values(), nothing)
    amounts = discount.within((each.of(prices, nothing) for each in given), whole)
    for each, amount in zip(given, amounts, strict=True):
        if amount:
            yield BillLine(each.name, 1, -amount, None)


def promo_line(tariff: Tariff, lines: Iterable[BillLine]) -> Iterator[BillLine]:
    """What the promo code of the booking takes off the price of the stay so far."""
    promo = tariff.agreed.promo
    if promo is None:
        return
    taken = promo.of(sum((line.amount for line in lines), tariff.money(0)))
    if taken:
        yield BillLine(f"Promo code {promo.code}", 1, -taken, None)


def late_line(tariff: Tariff) -> Iterator[BillLine]:
    """The late fee."""
    if tariff.late_fee:
        yield BillLine("Late check-out", 1, tariff.money(tariff.late_fee), None)


def _unit_starts(tariff: Tariff, stay: Interval) -> Iterator[datetime]:
    begin, unit = stay.start + _free(tariff), timedelta(minutes=tariff.unit_minutes)
    return (begin + unit * number for number in range(units(stay.duration, tariff)))


def _hours(tariff: Tariff, band: Band | None, count: int, starts_at: datetime) -> BillLine:
    rate = tariff.rate if band is None else band.rate
    text = _unit_text(count, tariff.unit_minutes) + (f", {band.text()}" if band else "")
    return BillLine(text, count, tariff.money(rate), starts_at)


def _unit_text(count: int, unit_minutes: int) -> str:
    if unit_minutes != 60:
        return f"{count} × {unit_minutes} min"
    return "1 hour" if count == 1 else f"{count} hours"
