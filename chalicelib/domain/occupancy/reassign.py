"""The last search for a plan: assign all takers anew, by their start.

Where spaces differ in nothing, this always finds a plan if the takers of each instant are not more
than the spaces. Fixed takers ahead make it a puzzle (it is NP-hard): then the search goes back and
tries another space, within `MOST_STEPS`.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Final

from chalicelib.domain.core.interval import Interval
from chalicelib.domain.occupancy.layout import NEVER, Layout, Plan, Taker

MOST_STEPS: Final = 4000
"""Spaces tried before the search gives up."""


def anew(newcomer: Taker, layout: Layout) -> Plan | None:
    """A plan that keeps each taker in its space where that is possible. None where there is none,
    or the search finds none."""
    waiting = _concerned(newcomer, layout)
    still = {n: [t for t in takers if t not in waiting] for n, takers in layout.items()}
    ordered = sorted(waiting, key=lambda taker: (taker.interval.start, taker.interval.end))
    found = _assigned(ordered, still)
    if found is None:
        return None
    return {t.holder: n for t, n in zip(ordered, found, strict=True) if n != t.number}


def _concerned(newcomer: Taker, layout: Layout) -> frozenset[Taker]:
    """The newcomer and the takers that can move and overlap it, directly or through others."""
    left = sorted(
        (t for takers in layout.values() for t in takers if not t.is_fixed),
        key=lambda t: t.interval,
    )
    begin, end = newcomer.interval.start, newcomer.interval.end
    found: frozenset[Taker] = frozenset({newcomer})
    while near := [t for t in left if t.interval.start < end and begin < t.interval.end]:
        begin = min(begin, *(t.interval.start for t in near))
        end = max(end, *(t.interval.end for t in near))
        found |= frozenset(near)
        left = [t for t in left if t not in found]
    return found


def _assigned(takers: Sequence[Taker], still: Layout) -> list[str] | None:
    """A space for each taker, in their order; takers that are `still` there keep theirs."""
    numbers: list[str] = []
    until: dict[str, list[datetime]] = {number: [] for number in still}
    options = [_options(takers[0], until, still)]
    for _ in range(MOST_STEPS):
        number = next(options[-1], None)
        if number is not None:
            numbers.append(number)
            until[number].append(takers[len(numbers) - 1].interval.end)
            if len(numbers) == len(takers):
                return numbers
            options.append(_options(takers[len(numbers)], until, still))
            continue
        options.pop()
        if not options:
            return None
        until[numbers.pop()].pop()
    return None


def _options(taker: Taker, until: Mapping[str, Sequence[datetime]], still: Layout) -> Iterator[str]:
    """The spaces that are free for a taker: its own first, then the one that is needed soonest by a
    fixed taker. Of spaces that are alike from then on, one is enough."""
    begin = taker.interval.start
    alike: dict[tuple[object, ...], str] = {}
    for number in still:
        ends = until[number]
        if number not in taker.may_have or (ends and ends[-1] > begin):
            continue
        if not _overlap(still[number], taker.interval):
            kind = _kind(still[number], begin)
            if kind not in alike or number == taker.number:
                alike[kind] = number
    ordered = sorted(alike.values(), key=lambda n: (n != taker.number, _next(still[n], begin), n))
    return iter(ordered)


def _overlap(takers: Sequence[Taker], interval: Interval) -> bool:
    return any(taker.interval.overlaps(interval) for taker in takers)


def _kind(fixed: Sequence[Taker], begin: datetime) -> tuple[object, ...]:
    """What makes a space differ from others from `begin` on: its fixed takers."""
    return tuple(sorted(t.interval for t in fixed if t.interval.end > begin))


def _next(fixed: Sequence[Taker], begin: datetime) -> datetime:
    return min((t.interval.start for t in fixed if t.interval.start >= begin), default=NEVER)
