"""The rates of GST in India, by the code of a service (SAC) and the day from which each is in force
(docs/decisions/receipts.md). A new rate is a new row: bills of earlier days keep theirs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

PARKING: Final = "996743"
ROOMS: Final = "996311"
HALLS: Final = "997212"

CENTRAL: Final = "CGST"
STATE: Final = "SGST"
INTEGRATED: Final = "IGST"


@dataclass(frozen=True)
class Rate:
    """A rate in basis points from a day on, for units worth at most `up_to` paise before the tax;
    None: of any worth. Rooms are worth their price for a night."""

    valid_from: date
    basis_points: int
    up_to: int | None = None


_BEGIN: Final = date(2017, 7, 1)
_JULY_2022: Final = date(2022, 7, 18)
_SEPTEMBER_2025: Final = date(2025, 9, 22)

RATES: Final[Mapping[str, tuple[Rate, ...]]] = {
    PARKING: (Rate(_BEGIN, 1800),),
    HALLS: (Rate(_BEGIN, 1800),),
    ROOMS: (
        Rate(_BEGIN, 1200, up_to=7500_00),
        Rate(_BEGIN, 1800),
        Rate(_JULY_2022, 1200, up_to=7500_00),
        Rate(_JULY_2022, 1800),
        Rate(_SEPTEMBER_2025, 500, up_to=7500_00),
        Rate(_SEPTEMBER_2025, 1800),
    ),
}
"""In the order of their days; of one day those with a bound first, the lowest bound first."""


def rate_of(sac: str, unit: int, day: date, *, inclusive: bool) -> int:
    """The rate in basis points for a unit that costs `unit` paise on `day`, with the tax where that
    is `inclusive`.

    >>> autumn = date(2026, 11, 21)
    >>> [rate_of(ROOMS, price, autumn, inclusive=False) for price in (7500_00, 7500_01)]
    [500, 1800]
    >>> [rate_of(ROOMS, price, autumn, inclusive=True) for price in (7875_00, 7875_01)]
    [500, 1800]
    """
    in_force = _in_force(sac, day)
    return next(rate.basis_points for rate in in_force if _holds(rate, unit, inclusive=inclusive))


def _in_force(sac: str, day: date) -> tuple[Rate, ...]:
    """The rates of the last day not after `day`; the first ones for a day before all."""
    rates = RATES[sac]
    since = max((rate.valid_from for rate in rates if rate.valid_from <= day), default=_BEGIN)
    return tuple(rate for rate in rates if rate.valid_from == since)


def _holds(rate: Rate, unit: int, *, inclusive: bool) -> bool:
    if rate.up_to is None:
        return True
    with_tax = 10_000 + (rate.basis_points if inclusive else 0)
    return unit * 10_000 <= rate.up_to * with_tax
