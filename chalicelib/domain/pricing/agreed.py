"""What is agreed with one booking beside the prices of its zone: frozen when it is made
(docs/rules/pricing.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from chalicelib.domain.pricing import promo_terms
from chalicelib.domain.pricing.demand import PLAIN
from chalicelib.domain.pricing.promo_terms import PromoTerms


@dataclass(frozen=True, slots=True)
class Agreed:
    """The per cent at which its prices count by demand, and how many days ahead of its start it was
    made, by the calendar of the site; and the promo code that it was made with."""

    demand_percent: int = PLAIN
    days_ahead: int = 0
    promo: PromoTerms | None = None


NOTHING: Final = Agreed()
"""Prices as the tariff states them."""


def pack(agreed: Agreed) -> list[Any]:
    """It as a row of a packed tariff; empty where nothing is agreed."""
    if agreed == NOTHING:
        return []
    return [agreed.demand_percent, agreed.days_ahead, promo_terms.pack(agreed.promo)]


def unpack(row: Sequence[Any]) -> Agreed:
    """It from a row that `pack` wrote."""
    if not row:
        return NOTHING
    percent, ahead, promo = row
    return Agreed(percent, ahead, promo_terms.unpack(promo))
