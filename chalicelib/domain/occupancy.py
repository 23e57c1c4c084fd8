"""Sheets: who has which space when.

A sheet lists the intervals taken of one space on one UTC day. An interval is entered when a space
is booked and removed when the booking ends, whichever way it ends. So what still stands in a sheet
after its end is a stay that outlasts it, or a no-show that time has not yet been told about; either
way the space is not free for somebody who wants it now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from chalicelib.domain.interval import Interval, utc_days


@dataclass(frozen=True)
class Sheet:
    """The intervals taken of one space on one UTC day, by the holder of each. Version 0 is a
    sheet nobody has written yet."""

    zone_id: str
    number: str
    day: str
    taken: Mapping[str, Interval] = field(default_factory=dict)
    version: int = 0


@dataclass(frozen=True)
class SheetEdit:
    """One sheet's part in a change: enter `interval` for `holder`, or remove what they hold where
    it is None. `expected` is the version the decision was based on; None needs no guard, because
    giving time back can spoil nobody's decision."""

    zone_id: str
    number: str
    day: str
    holder: str
    interval: Interval | None
    expected: int | None


Sheets = Sequence[Sheet]


def days(interval: Interval) -> tuple[str, ...]:
    """The days whose sheets an interval touches."""
    return tuple(day.isoformat() for day in utc_days(interval))


def window(interval: Interval, *, now: datetime, lookback: timedelta) -> tuple[str, str]:
    """The first and last day of the sheets that decide whether a space is free for `interval`:
    from the present on also those of stays that may have outlasted their end by `lookback`."""
    first = interval.start
    if interval.start <= now:
        first = min(first, now - lookback)
    return first.date().isoformat(), days(interval)[-1]


def held(sheets: Sheets) -> dict[str, dict[str, Interval]]:
    """What is taken of each space: number -> holder -> interval, over all days together."""
    by_number: dict[str, dict[str, Interval]] = {}
    for sheet in sheets:
        taken = by_number.setdefault(sheet.number, {})
        for holder, interval in sheet.taken.items():
            known = taken.get(holder, interval)
            taken[holder] = Interval(min(known.start, interval.start), max(known.end, interval.end))
    return by_number


def obstacles(
    taken: Mapping[str, Interval], interval: Interval, *, now: datetime
) -> tuple[str, ...]:
    """The holders that keep a space from being had for `interval`: those whose time overlaps and,
    for somebody who comes now, those who should have left."""
    return tuple(
        holder
        for holder, other in taken.items()
        if other.overlaps(interval) or (interval.start <= now and other.end <= now)
    )


def free(
    numbers: Iterable[str], sheets: Sheets, interval: Interval, *, now: datetime
) -> tuple[str, ...]:
    """Which of the spaces can be had for the whole `interval`, in the order given."""
    by_number = held(sheets)
    return tuple(
        number for number in numbers if not obstacles(by_number.get(number, {}), interval, now=now)
    )


def overdue(sheets: Sheets, *, now: datetime) -> tuple[str, ...]:
    """The holders whose interval is over but still stands."""
    return tuple(
        sorted({h for s in sheets for h, interval in s.taken.items() if interval.end <= now})
    )


def begun(sheets: Sheets, *, now: datetime) -> tuple[str, ...]:
    """The holders whose interval has begun and still stands, over or not, earliest first."""
    taken = {(interval.start, h) for s in sheets for h, interval in s.taken.items()}
    return tuple(dict.fromkeys(holder for start, holder in sorted(taken) if start <= now))


def choose(numbers: Sequence[str], lot: int) -> str:
    """One of the free spaces, by lot, so that a rush does not fight over the first one."""
    return numbers[lot % len(numbers)]


def take(
    zone_id: str,
    number: str,
    interval: Interval,
    *,
    holder: str,
    sheets: Sheets,
    on: Interval | None = None,
) -> tuple[SheetEdit, ...]:
    """Enter `interval` for `holder` on each day it touches (or on those of `on`), guarded by the
    versions in `sheets`."""
    versions = {s.day: s.version for s in sheets if s.number == number}
    return tuple(
        SheetEdit(zone_id, number, day, holder, interval, versions.get(day, 0))
        for day in days(on or interval)
    )


def release(zone_id: str, number: str, interval: Interval, *, holder: str) -> tuple[SheetEdit, ...]:
    """Remove what `holder` has on each day of `interval`."""
    return tuple(SheetEdit(zone_id, number, day, holder, None, None) for day in days(interval))


def move(gone: Iterable[SheetEdit], entered: Iterable[SheetEdit]) -> tuple[SheetEdit, ...]:
    """Both edits of a move as one edit a sheet: what is entered replaces what is removed."""
    edits = {(e.number, e.zone_id, e.day): e for e in gone}
    edits.update({(e.number, e.zone_id, e.day): e for e in entered})
    return tuple(edits.values())
