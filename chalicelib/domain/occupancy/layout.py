"""The layout of alike spaces: which taker has which space when, and which spaces it may have."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

from chalicelib.domain.core.interval import Interval


@dataclass(frozen=True)
class Taker:
    """A booking or an offer (the `holder`, by id) that has the space `number` for an interval, and
    the spaces that it `may_have`."""

    holder: str
    interval: Interval
    number: str
    may_have: frozenset[str]

    @property
    def is_fixed(self) -> bool:
        """Whether it may have no other space."""
        return self.may_have <= {self.number}


Layout = Mapping[str, Sequence[Taker]]
"""The takers of each space."""

Plan = Mapping[str, str]
"""The new space of each holder that moves, and that of the newcomer."""

NEWCOMER: Final = ""
"""The holder of the interval that is asked for."""

NEVER: Final = datetime.max.replace(tzinfo=UTC)


def newcomer(wanted: Interval, among: Iterable[str]) -> Taker:
    """The taker that asks for one of the spaces `among` and has none yet."""
    return Taker(NEWCOMER, wanted, "", frozenset(among))


def free_until(takers: Iterable[Taker], at: datetime) -> datetime | None:
    """The instant until which a space is free from `at` on. None where it is taken at `at`."""
    until = NEVER
    for taker in takers:
        if taker.interval.contains(at):
            return None
        if taker.interval.start >= at:
            until = min(until, taker.interval.start)
    return until


def may_fit(wanted: Interval, layout: Layout) -> bool:
    """Whether at each instant of `wanted` fewer takers than spaces are there. Where not, no plan
    can exist.

    >>> at = [datetime(2026, 11, 21, hour, tzinfo=UTC) for hour in range(4)]
    >>> one = Taker("BK1", Interval(at[0], at[2]), "1", frozenset("12"))
    >>> two = Taker("BK2", Interval(at[1], at[3]), "2", frozenset("12"))
    >>> layout = {"1": [one], "2": [two]}
    >>> [may_fit(Interval(at[a], at[b]), layout) for a, b in ((0, 1), (0, 2), (2, 3))]
    [True, False, True]
    """
    steps = []
    for taker in (taker for takers in layout.values() for taker in takers):
        if taker.interval.overlaps(wanted):
            steps += [(max(taker.interval.start, wanted.start), 1), (taker.interval.end, -1)]
    there = most = 0
    for _, step in sorted(steps):
        there += step
        most = max(most, there)
    return most < len(layout)
