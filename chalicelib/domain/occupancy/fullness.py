"""How full a zone is for an interval, by the sheets that were read for it
(docs/rules/pricing.md)."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

from chalicelib.domain.core.interval import Interval
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.inventory import Inventory


def percent(inventory: Inventory, interval: Interval) -> int:
    """The share of the time of all its spaces in `interval` that is taken, in whole per cent,
    rounded down. Moves within the zone do not change it. Closed spaces and lapsed holds do not
    count."""
    spaces = set(inventory.numbers) - occupancy.closed(inventory.sheets)
    whole = len(spaces) * _seconds(interval.duration)
    return min(100, 100 * sum(_taken(inventory, spaces, interval)) // whole) if whole else 0


def _taken(inventory: Inventory, spaces: set[str], interval: Interval) -> Iterator[int]:
    """The seconds of `interval` that each holder takes."""
    lapsed = set(occupancy.lapsed(inventory.sheets, now=inventory.now))
    for number, holders in occupancy.held(inventory.sheets).items():
        for holder, taken in holders.items():
            if number in spaces and holder not in lapsed and taken.overlaps(interval):
                start, end = max(taken.start, interval.start), min(taken.end, interval.end)
                yield _seconds(end - start)


def _seconds(length: timedelta) -> int:
    return int(length.total_seconds())
