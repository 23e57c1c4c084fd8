"""The estimated chance that a waiting entry gets an offer (docs/rules/waitlist.md, Position and
chance). It is no promise: it counts the entries ahead and assumes a rate of cancellations."""

from __future__ import annotations

from datetime import timedelta
from math import comb
from typing import Final, Literal

Chance = Literal["good", "fair", "low"]

GIVEN_UP: Final = 0.15
"""The assumed share of bookings cancelled before their start, seen from `SETTLES` ahead or earlier.
A prior, until the history of the zone is used."""

SETTLES: Final = timedelta(hours=48)
"""From this long before the start that share falls linearly to zero at the start."""

GOOD: Final = 0.5
FAIR: Final = 0.1
"""The least likelihood of a good and of a fair chance; below it is low."""


def estimate(position: int, spaces: int, *, ahead: timedelta) -> Chance:
    """The chance of the entry at `position` (1 is next) for any of `spaces` spaces, with the start
    `ahead` of now.

    >>> estimate(1, 10, ahead=timedelta(days=7))
    'good'
    >>> [estimate(1, 1, ahead=timedelta(hours=hours)) for hours in (48, 24)]
    ['fair', 'low']
    """
    likely = likelihood(position, spaces, ahead=ahead)
    return "good" if likely >= GOOD else "fair" if likely >= FAIR else "low"


def likelihood(position: int, spaces: int, *, ahead: timedelta) -> float:
    """The probability that at least `position` of the `spaces` blocking bookings are cancelled,
    each independently: one minus the binomial terms below `position`.

    >>> round(likelihood(1, 10, ahead=timedelta(days=7)), 3)  # 1 - 0.85 ** 10
    0.803
    >>> round(likelihood(2, 10, ahead=timedelta(days=7)), 3)  # less 10 * 0.15 * 0.85 ** 9
    0.456
    >>> likelihood(2, 1, ahead=timedelta(days=7))  # one space, and one entry ahead
    0.0
    """
    if position > spaces:
        return 0.0
    share = GIVEN_UP * min(1.0, ahead / SETTLES)
    fewer = range(position)
    return 1.0 - sum(comb(spaces, n) * share**n * (1 - share) ** (spaces - n) for n in fewer)
