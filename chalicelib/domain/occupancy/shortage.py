"""A shortage of space: what was wanted, what is in its way, and when to look for a later time.
Found in the sheets that were read for the decision."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from itertools import islice, pairwise
from typing import Final

from chalicelib.domain.core.interval import Interval, gaps
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.inventory import Inventory
from chalicelib.domain.occupancy.occupancy import Sheets

MOST_TRIED: Final = 50
"""Later starts that are tried, the earliest first."""


@dataclass(frozen=True)
class Want:
    """What was asked for: an interval in `quantity` of the spaces `numbers`."""

    interval: Interval
    numbers: Sequence[str]
    quantity: int = 1


def full_during(want: Want, sheets: Sheets, *, now: datetime) -> Interval | None:
    """The first time in the wanted interval at which too few of the spaces are free; in a single
    space the whole time for which it is taken. None where each instant has enough."""
    busy = _busy(want, sheets, now)
    full = _first_full(want, [gap for taken in busy.values() for gap in gaps(want.interval, taken)])
    if full is None or len(want.numbers) != 1:
        return full
    (taken,) = busy.values()
    across = [each for each in taken if each.overlaps(full)]
    return Interval(min(e.start for e in across), max(e.end for e in across))


def _first_full(want: Want, free: Sequence[Interval]) -> Interval | None:
    """The first time at which fewer of the `free` times lie than spaces are wanted."""
    ends = {at for each in (want.interval, *free) for at in (each.start, each.end)}
    full: Interval | None = None
    for start, end in pairwise(sorted(ends)):
        if sum(each.contains(start) for each in free) < want.quantity:
            full = Interval(start if full is None else full.start, end)
        elif full is not None:
            break
    return full


def holders(want: Want, sheets: Sheets, *, now: datetime) -> tuple[str, ...]:
    """The holders that are in the way, each once."""
    held = occupancy.held(sheets)
    found = (
        holder
        for number in want.numbers
        for holder in occupancy.obstacles(held.get(number, {}), want.interval, now=now)
    )
    return tuple(dict.fromkeys(found))


def later_starts(
    want: Want, inventory: Inventory, open_parts: Iterable[Interval]
) -> tuple[datetime, ...]:
    """The later starts in `open_parts` at which the peak leaves room for as long as was wanted, at
    most `MOST_TRIED`: the earliest is always one at which a taken time has ended, or at which an
    open part begins."""
    length = want.interval.duration
    ends = set(_ends(want, inventory))
    found = {
        start
        for part in open_parts
        for start in (part.start, *filter(part.contains, ends))
        if start > want.interval.start and start + length <= part.end
    }
    fitting = (at for at in sorted(found) if inventory.may_fit(Interval(at, at + length)))
    return tuple(islice(fitting, MOST_TRIED))


def _ends(want: Want, inventory: Inventory) -> Iterator[datetime]:
    """The ends of all that is taken in the zone. A stay that is overdue takes the wanted time."""
    everywhere = replace(want, numbers=inventory.numbers)
    for taken in _busy(everywhere, inventory.sheets, inventory.now).values():
        yield from (each.end for each in taken)


def _busy(want: Want, sheets: Sheets, now: datetime) -> dict[str, tuple[Interval, ...]]:
    """The taken intervals of each wanted space. A stay that is overdue takes the wanted time."""
    held = occupancy.held(sheets)
    begun = want.interval.start <= now
    return {
        number: tuple(
            want.interval if begun and taken.end <= now else taken
            for taken in held.get(number, {}).values()
        )
        for number in want.numbers
    }
