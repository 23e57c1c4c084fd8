"""Prices by demand: what share of a price counts while a zone is so full (docs/rules/pricing.md).

Fullness and prices are whole per cent. Halves of a minor unit round up, as in every share.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import Fault, say

MOST_STEPS: Final = 20
PLAIN: Final = 100
"""The per cent at which a price counts as the tariff states it."""

LEAST_PERCENT: Final = 1
MOST_PERCENT: Final = 1000
DEFAULT_FLOOR: Final = 50
DEFAULT_CAP: Final = 200


@dataclass(frozen=True, slots=True)
class DemandStep:
    """From `full_percent` of the zone taken on, a price counts at `price_percent`."""

    full_percent: int
    price_percent: int


@dataclass(frozen=True, slots=True)
class Demand:
    """The steps of a zone, from empty to full. A price never counts at less than
    `floor_percent`, nor at more than `cap_percent`."""

    steps: tuple[DemandStep, ...]
    floor_percent: int = DEFAULT_FLOOR
    cap_percent: int = DEFAULT_CAP

    def __post_init__(self) -> None:
        if not 1 <= len(self.steps) <= MOST_STEPS or out_of_order(self.steps) is not None:
            raise ValueError(f"must have 1 to {MOST_STEPS} steps, each from fuller on")
        if not LEAST_PERCENT <= self.floor_percent <= PLAIN <= self.cap_percent <= MOST_PERCENT:
            raise Fault(say("must_have_floor_and_cap_around", plain=PLAIN))

    def percent_at(self, full_percent: int) -> int:
        """The per cent at which prices count while so much of the zone is taken.

        >>> demand = Demand((DemandStep(50, 110), DemandStep(80, 300)), cap_percent=150)
        >>> [demand.percent_at(full) for full in (0, 49, 50, 79, 80, 100)]
        [100, 100, 110, 110, 150, 150]
        """
        reached = [step.price_percent for step in self.steps if step.full_percent <= full_percent]
        percent = reached[-1] if reached else PLAIN
        return min(max(percent, self.floor_percent), self.cap_percent)


def out_of_order(steps: tuple[DemandStep, ...]) -> int | None:
    """The position of the first step that does not begin fuller than the one before it; None where
    all do."""
    for at, (before, after) in enumerate(pairwise(steps), start=1):
        if after.full_percent <= before.full_percent:
            return at
    return None


def added(rate: Money, percent: int) -> Money:
    """What demand adds to the price of one unit, or takes off it.

    >>> added(Money(5005, "INR"), 110), added(Money(5000, "INR"), 80)
    (Money(minor=501, currency='INR'), Money(minor=-1000, currency='INR'))
    """
    return rate.share(percent * 100) - rate
