"""Rearranging: a plan after which one more taker finds a space (docs/decisions/rearranging.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator

from chalicelib.domain.core.interval import Interval
from chalicelib.domain.occupancy import displace, exchange, reassign
from chalicelib.domain.occupancy.layout import Layout, Plan, Taker, may_fit, newcomer


def plan(
    wanted: Interval, among: Iterable[str], layout: Layout, *, may_use: Callable[[Plan], bool]
) -> Plan | None:
    """A plan after which one of the spaces `among` is free for `wanted`: the first that may be
    used, of three searches from few moves to many. None where there is none, or none is found."""
    if not may_fit(wanted, layout):
        return None
    return next(filter(may_use, _plans(newcomer(wanted, among), layout)), None)


def _plans(asking: Taker, layout: Layout) -> Iterator[Plan]:
    for search in (displace.displaced, exchange.exchanged, reassign.anew):
        found = search(asking, layout)
        if found is not None:
            yield found
