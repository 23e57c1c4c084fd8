"""Discounts of a tariff: a share off the prices of some dates, of long stays, of early bookings
(docs/rules/pricing.md, Discounts)."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from chalicelib.domain.core.money import Money
from chalicelib.domain.pricing.band import EVERY_DAY, Weekdays

MOST_DISCOUNTS: Final = 12
LONGEST_NAME: Final = 40
MOST_UNITS: Final = 1000
MOST_DAYS_AHEAD: Final = 365


@dataclass(frozen=True, slots=True)
class Discount:
    """`percent` off the units that begin on `days`, from the date `first` to `last`; for stays of
    at least `min_units`, booked at least `days_ahead`."""

    name: str
    percent: int
    days: Weekdays = EVERY_DAY
    first: date | None = None
    last: date | None = None
    min_units: int = 1
    days_ahead: int = 0

    def __post_init__(self) -> None:
        if not 1 <= self.percent <= 100 or self.min_units < 1 or self.days_ahead < 0:
            raise ValueError("must take off 1 to 100 per cent")
        if self.is_backwards:
            raise ValueError("must not end before it begins")

    @property
    def is_backwards(self) -> bool:
        """Whether its last date lies before its first."""
        return self.first is not None and self.last is not None and self.last < self.first

    def covers(self, day: date) -> bool:
        """Whether it is for units that begin on a date."""
        begun = self.first is None or self.first <= day
        over = self.last is not None and self.last < day
        return begun and not over and day.weekday() in self.days

    def is_for(self, *, units: int, days_ahead: int) -> bool:
        """Whether a stay of so many units, booked so many days ahead, gets it."""
        return units >= self.min_units and days_ahead >= self.days_ahead

    def of(self, prices: Mapping[date, Money], nothing: Money) -> Money:
        """What it takes off the prices of a stay by their dates."""
        covered = (price for day, price in prices.items() if self.covers(day))
        return sum(covered, nothing).share(self.percent * 100)


def within(wanted: Iterable[Money], price: Money) -> list[Money]:
    """Reductions in order, together no more than `price`: a later one takes what is left.

    >>> rupees = [Money(minor, "INR") for minor in (6000, 6000, 100)]
    >>> [each.minor for each in within(rupees, Money(10000, "INR"))]
    [6000, 4000, 0]
    """
    taken = []
    for each in wanted:
        taken.append(min(each, price))
        price -= taken[-1]
    return taken
