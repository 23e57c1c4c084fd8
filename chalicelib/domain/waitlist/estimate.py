"""How likely it is that somebody in line gets a space before the start (docs/rules/waitlist.md,
Position and chance). An estimate to decide by, never a promise: it knows who is ahead in line, not
who will cancel."""

from __future__ import annotations

from datetime import timedelta
from math import comb
from typing import Final, Literal

Chance = Literal["good", "fair", "low"]

GIVEN_UP: Final = 0.15
"""The share of bookings that are given up before their start, for as long as `SETTLES` ahead. A
prior, to be replaced by what a zone's own history says."""

SETTLES: Final = timedelta(hours=48)
"""Within so long of the start that share shrinks evenly, to nothing at the start itself: who has
not cancelled by then, comes."""

GOOD: Final = 0.5
FAIR: Final = 0.1
"""From how likely on a chance is called so; what is less likely is low."""


def estimate(position: int, spaces: int, *, ahead: timedelta) -> Chance:
    """What to tell number `position` of a line for any of so many `spaces`, with the start so far
    `ahead`.

    >>> estimate(1, 10, ahead=timedelta(days=7))
    'good'
    >>> [estimate(1, 1, ahead=timedelta(hours=hours)) for hours in (48, 24)]
    ['fair', 'low']
    """
    likely = likelihood(position, spaces, ahead=ahead)
    return "good" if likely >= GOOD else "fair" if likely >= FAIR else "low"


def likelihood(position: int, spaces: int, *, ahead: timedelta) -> float:
    """How likely at least `position` of the bookings in the way, one in each of `spaces`, are given
    up: one minus the binomial terms below it, each booking being given up for itself.

    >>> round(likelihood(1, 10, ahead=timedelta(days=7)), 3)  # 1 - 0.85 ** 10
    0.803
    >>> round(likelihood(2, 10, ahead=timedelta(days=7)), 3)  # less 10 * 0.15 * 0.85 ** 9
    0.456
    >>> likelihood(2, 1, ahead=timedelta(days=7))  # one space, and somebody is ahead
    0.0
    """
    if position > spaces:
        return 0.0
    share = GIVEN_UP * min(1.0, ahead / SETTLES)
    fewer = range(position)
    return 1.0 - sum(comb(spaces, n) * share**n * (1 - share) ** (spaces - n) for n in fewer)
