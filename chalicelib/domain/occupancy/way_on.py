"""The way on from a refusal for want of space: what is in the way, and the next free time. Found in
the sheets that were read for the decision."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from chalicelib.domain.core.interval import Interval, gaps
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import Sheets

MOST_TRIED: Final = 50
"""Free times that are tried for opening hours, the earliest first."""


@dataclass(frozen=True)
class Want:
    """What was asked for: an interval in one of the spaces `numbers`."""

    interval: Interval
    numbers: Sequence[str]


def full_during(want: Want, sheets: Sheets, *, now: datetime) -> Interval | None:
    """The first time in the wanted interval at which none of the spaces is free; in a single space
    the whole time for which it is taken. None where each instant has a free space."""
    busy = _busy(want, sheets, now)
    left = [gap for taken in busy.values() for gap in gaps(want.interval, taken)]
    full = gaps(want.interval, left)
    if not full:
        return None
    if len(want.numbers) != 1:
        return full[0]
    (taken,) = busy.values()
    across = [each for each in taken if each.overlaps(full[0])]
    return Interval(min(e.start for e in across), max(e.end for e in across))


def holders(want: Want, sheets: Sheets, *, now: datetime) -> tuple[str, ...]:
    """The holders that are in the way, each once."""
    held = occupancy.held(sheets)
    found = (
        holder
        for number in want.numbers
        for holder in occupancy.obstacles(held.get(number, {}), want.interval, now=now)
    )
    return tuple(dict.fromkeys(found))


def free_starts(
    want: Want, sheets: Sheets, open_parts: Iterable[Interval], *, now: datetime
) -> tuple[datetime, ...]:
    """The earliest starts in `open_parts` at which one of the spaces is free for as long as was
    wanted, at most `MOST_TRIED`."""
    busy, length = _busy(want, sheets, now), want.interval.duration
    found = {
        gap.start
        for part in open_parts
        for taken in busy.values()
        for gap in gaps(part, taken)
        if gap.duration >= length and gap.start > want.interval.start
    }
    return tuple(sorted(found)[:MOST_TRIED])


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
