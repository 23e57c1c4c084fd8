"""Who could have which space: every arrangement is tried, so it is slow and right."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass

from chalicelib.domain.core.interval import Interval


@dataclass(frozen=True)
class Taker:
    """A taken interval, and the spaces in which it might be: its own alone where it is fixed."""

    interval: Interval
    might_be_in: frozenset[str]


def obtainable(wanted: Interval, among: Iterable[str], others: Collection[Taker]) -> set[str]:
    """The spaces of `among` that could be had for `wanted`, if the others make way."""
    return {each for each in among if fits([Taker(wanted, frozenset({each}))], others)}


def fits(newcomers: Iterable[Taker], others: Iterable[Taker]) -> bool:
    """Whether there is an arrangement of the others and the newcomers."""
    everyone = sorted([*newcomers, *others], key=lambda each: len(each.might_be_in))
    return _any_arrangement(everyone, [])


def _any_arrangement(left: list[Taker], placed: list[tuple[str, Interval]]) -> bool:
    if not left:
        return True
    taker, *rest = left
    return any(
        _any_arrangement(rest, [*placed, (number, taker.interval)])
        for number in sorted(taker.might_be_in)
        if not any(n == number and each.overlaps(taker.interval) for n, each in placed)
    )


def near(wanted: Interval, others: Collection[Taker]) -> list[Taker]:
    """The takers that touch `wanted`, directly or through others: only these matter."""
    found, spans = [], [wanted]
    left = list(others)
    while touching := [t for t in left if any(map(t.interval.overlaps, spans))]:
        found += touching
        spans = [taker.interval for taker in touching]
        left = [taker for taker in left if taker not in found]
    return found
