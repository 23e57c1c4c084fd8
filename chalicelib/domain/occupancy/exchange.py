"""The second search for a plan: two spaces exchange what they have from an instant on."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

from chalicelib.domain.occupancy.layout import Layout, Plan, Taker, free_until

MOST_STARTS: Final = 4
"""Spaces from which the search begins: those that are free the longest."""

_Present = dict[str, list[Taker]]


def exchanged(newcomer: Taker, layout: Layout) -> Plan | None:
    """A plan by exchanges. The newcomer begins in a space that is free at its start; where that is
    taken later, the space exchanges with another that is free then. None where the search finds
    none."""
    begin = newcomer.interval.start
    free = {n: until for n in layout if (until := free_until(layout[n], begin)) is not None}
    longest = sorted(newcomer.may_have & free.keys(), key=lambda n: (free[n], n), reverse=True)
    plans = (_exchanged_in(newcomer, number, layout) for number in longest[:MOST_STARTS])
    return min((plan for plan in plans if plan is not None), key=len, default=None)


def _exchanged_in(newcomer: Taker, number: str, layout: Layout) -> Plan | None:
    present = {n: sorted(takers, key=_start) for n, takers in layout.items()}
    at = newcomer.interval.start
    while True:
        until = free_until(present[number], at)
        if until is None:
            return None
        if until >= newcomer.interval.end:
            return _plan(newcomer, number, present)
        best = _best_exchange(number, until, present)
        if best is None:
            return None
        _exchange(number, *best, until, present)
        at = until


def _best_exchange(number: str, at: datetime, present: _Present) -> tuple[str, datetime] | None:
    """The space to exchange with from `at` on, until an instant at which neither is taken: the one
    with the fewest moves for the time that is won."""
    options = []
    for other in present:
        until = None if other == number else free_until(present[other], at)
        if until is None:
            continue
        end = _both_free(present[number], present[other], at)
        here, there = (_between(present[n], at, end) for n in (number, other))
        if all(other in t.may_have for t in here) and all(number in t.may_have for t in there):
            won = min(until, end) - at
            options.append(((len(here) + len(there)) / won.total_seconds(), other, end))
    return min(options)[1:] if options else None


def _exchange(number: str, other: str, end: datetime, at: datetime, present: _Present) -> None:
    here, there = (_between(present[n], at, end) for n in (number, other))
    for where, gone, come in ((number, here, there), (other, there, here)):
        kept = [taker for taker in present[where] if taker not in gone]
        present[where] = sorted([*kept, *come], key=_start)


def _between(takers: Sequence[Taker], at: datetime, end: datetime) -> list[Taker]:
    return [taker for taker in takers if at <= taker.interval.start < end]


def _both_free(one: Sequence[Taker], other: Sequence[Taker], at: datetime) -> datetime:
    """The first instant after the taker that begins at `at` at which both spaces are free."""
    end = at
    for taker in sorted((*one, *other), key=_start):
        if taker.interval.start >= at:
            if at < end <= taker.interval.start:
                break
            end = max(end, taker.interval.end)
    return end


def _plan(newcomer: Taker, number: str, present: Mapping[str, Sequence[Taker]]) -> Plan:
    moved = {t.holder: n for n, takers in present.items() for t in takers if t.number != n}
    return {**moved, newcomer.holder: number}


def _start(taker: Taker) -> tuple[datetime, datetime]:
    return taker.interval.start, taker.interval.end
