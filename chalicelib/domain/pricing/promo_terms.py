"""What a promo code takes off a bill, as agreed with the booking it was used for
(docs/rules/promos.md)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.core.money import Money


@dataclass(frozen=True, slots=True)
class PromoTerms:
    """`percent` of the price of a stay, or the `amount` in minor units; nothing where that price is
    below the `minimum`."""

    code: str
    percent: int = 0
    amount: int = 0
    minimum: int = 0

    def of(self, price: Money) -> Money:
        """What it takes off a price, never more than the price.

        >>> half, fixed = PromoTerms("HALF", percent=50), PromoTerms("TEN", amount=1000)
        >>> [terms.of(Money(801, "INR")).minor for terms in (half, fixed)]
        [401, 801]
        """
        if price.minor < self.minimum:
            return Money.zero(price.currency)
        return min(price.share(self.percent * 100) + Money(self.amount, price.currency), price)


def pack(terms: PromoTerms | None) -> list[Any]:
    """The terms as a row; empty without any."""
    return [] if terms is None else [terms.code, terms.percent, terms.amount, terms.minimum]


def unpack(row: Sequence[Any]) -> PromoTerms | None:
    """The terms in a row that `pack` wrote."""
    return PromoTerms(*row) if row else None
