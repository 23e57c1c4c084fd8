"""The first search for a plan: displace a taker, place it elsewhere, and so on."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chalicelib.domain.core.interval import Interval
from chalicelib.domain.occupancy.layout import Layout, Plan, Taker

MOST_DISPLACED: Final = 5
MOST_STEPS: Final = 600
"""Positions looked at before the search gives up."""


def displaced(newcomer: Taker, layout: Layout) -> Plan | None:
    """The plan that displaces the fewest takers, up to `MOST_DISPLACED`. None where the search
    finds none."""
    search = _Search(layout)
    for most in range(1, MOST_DISPLACED + 1):
        found = search.place((newcomer,), {}, most)
        if found is not None:
            return found
    return None


class _Search:
    def __init__(self, layout: Layout) -> None:
        self._layout = layout
        self._steps = MOST_STEPS

    def place(
        self, waiting: tuple[Taker, ...], placed: Mapping[Taker, str], most: int
    ) -> Plan | None:
        """The plan that also places all that are `waiting`, with `most` more displaced takers."""
        if not waiting:
            return {taker.holder: number for taker, number in placed.items()}
        self._steps -= 1
        if self._steps < 0:
            return None
        taker, rest = waiting[0], waiting[1:]
        for gone, number in self._options(taker, placed, most):
            left = most - len(gone)
            found = self.place((*rest, *gone), {**placed, taker: number}, left)
            if found is not None:
                return found
        return None

    def _options(
        self, taker: Taker, placed: Mapping[Taker, str], most: int
    ) -> list[tuple[tuple[Taker, ...], str]]:
        """The spaces for a taker, with those in its way; one that is free alone, because no other
        is better."""
        options = []
        for number in self._layout:
            if number == taker.number or number not in taker.may_have:
                continue
            gone = self._displaced_by(taker.interval, number, placed, most)
            if gone == ():
                return [((), number)]
            if gone is not None:
                options.append((gone, number))
        return sorted(options, key=lambda option: len(option[0]))

    def _displaced_by(
        self, interval: Interval, number: str, placed: Mapping[Taker, str], most: int
    ) -> tuple[Taker, ...] | None:
        """The takers to displace from a space. None where they cannot be, or are too many."""
        if any(n == number and t.interval.overlaps(interval) for t, n in placed.items()):
            return None
        found: list[Taker] = []
        for taker in self._layout[number]:
            if taker.interval.overlaps(interval) and taker not in placed:
                found.append(taker)
                if taker.is_fixed or len(found) > most:
                    return None
        return tuple(found)
