"""Sheets: who has which space when.

A sheet lists the intervals taken of one space on one page of time: a UTC day, or a month where
people stay for nights (`paging.py`). An interval is entered when a space
is booked and removed when the booking ends, whichever way it ends. So what still stands in a sheet
after its end is a stay that outlasts it, or a no-show that time has not yet been told about; either
way the space is not free for somebody who wants it now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.domain.core.interval import Interval
from chalicelib.domain.occupancy.periods import Paging

LINE = "*"
"""Where a space has its number, the sheet of a page on which people wait has this."""


@dataclass(frozen=True)
class Queue:
    """Who waits in a zone on one page: the wishes by name (`domain/line.py`), how often
    somebody has joined, and how often time was freed with the wishes looked at. Whoever joins
    relies on `freed` standing still, whoever frees on both, so neither overlooks the other."""

    wishes: frozenset[str] = frozenset()
    joined: int = 0
    freed: int = 0


@dataclass(frozen=True)
class Sheet:
    """The intervals taken of one space on one page (a `day`, or a month: "2026-11"), by the holder
    of each; `lapses` says until when those that are only holds stand. Version 0 is a sheet nobody
    has written yet. `waited` once somebody waits for time of that space and
    page. The sheet numbered `LINE` has the line."""

    zone_id: str
    number: str
    day: str
    taken: Mapping[str, Interval] = field(default_factory=dict)
    version: int = 0
    lapses: Mapping[str, datetime] = field(default_factory=dict)
    waited: bool = False
    line: Queue | None = None

    @property
    def place(self) -> tuple[str, str, str]:
        """What tells it from every other sheet."""
        return self.zone_id, self.number, self.day


@dataclass(frozen=True)
class SheetEdit:
    """One sheet's part in a change: what is put on it and whose time is dropped from it.
    `expected` is the version the decision was based on; None needs no guard, because giving time
    back can spoil nobody's decision. `frees`: refused (TimeWanted) while somebody waits for that
    page, unless the line has been looked at. `waits` marks the sheet as one that is waited for."""

    zone_id: str
    number: str
    day: str
    puts: Mapping[str, Interval] = field(default_factory=dict)
    lapses: Mapping[str, datetime] = field(default_factory=dict)
    drops: frozenset[str] = frozenset()
    expected: int | None = None
    frees: bool = False
    waits: bool = False

    @property
    def place(self) -> tuple[str, str, str]:
        """The sheet it edits."""
        return self.zone_id, self.number, self.day

    def merged(self, later: SheetEdit) -> SheetEdit:
        """Both as one: what is put stays put, whoever dropped it before or after."""
        puts = {**self.puts, **later.puts}
        versions = [v for v in (self.expected, later.expected) if v is not None]
        return replace(
            self,
            puts=puts,
            lapses={**self.lapses, **later.lapses},
            drops=(self.drops | later.drops) - puts.keys(),
            expected=versions[0] if versions else None,
            frees=self.frees or later.frees,
            waits=self.waits or later.waits,
        )


Sheets = Sequence[Sheet]


@dataclass(frozen=True)
class Holding:
    """What a booking, or an offer, has of a space: `interval`, under the name of its `holder`, in
    sheets that are cut by `paging`."""

    zone_id: str
    number: str
    interval: Interval
    holder: str
    paging: Paging

    @property
    def pages(self) -> tuple[str, ...]:
        """The pages it stands on."""
        return self.paging.pages(self.interval)


def window(
    interval: Interval, paging: Paging, *, now: datetime, lookback: timedelta
) -> tuple[str, str]:
    """The first and last page of the sheets that decide whether a space is free for `interval`:
    from the present on also those of stays that may have outlasted their end by `lookback`."""
    first = interval.start
    if interval.start <= now:
        first = min(first, now - lookback)
    return paging.page_of(first), paging.pages(interval)[-1]


def held(sheets: Sheets) -> dict[str, dict[str, Interval]]:
    """What is taken of each space: number -> holder -> interval, over all pages together."""
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
    it: Holding,
    *,
    sheets: Sheets,
    on: Interval | None = None,
    lapses: datetime | None = None,
) -> tuple[SheetEdit, ...]:
    """Enter a holding on each page it touches (or on those of `on`), guarded by the versions in
    `sheets`; until `lapses` where it is only a hold."""
    versions = {s.day: s.version for s in sheets if s.number == it.number}
    put = {it.holder: it.interval}
    until = {} if lapses is None else {it.holder: lapses}
    return tuple(
        SheetEdit(it.zone_id, it.number, day, put, until, expected=versions.get(day, 0))
        for day in (it.pages if on is None else it.paging.pages(on))
    )


def release(it: Holding, *, now: datetime) -> tuple[SheetEdit, ...]:
    """Remove a holding from each of its pages. What is over by `now` is of no use to anybody who
    waits."""
    gone, frees = frozenset({it.holder}), it.interval.end > now
    return tuple(SheetEdit(it.zone_id, it.number, day, drops=gone, frees=frees) for day in it.pages)


def hand_over(it: Holding, *, hold: str) -> tuple[SheetEdit, ...]:
    """What `hold` kept is this holder's from now on."""
    put, gone = {it.holder: it.interval}, frozenset({hold})
    return tuple(SheetEdit(it.zone_id, it.number, day, put, drops=gone) for day in it.pages)


def merge(edits: Iterable[SheetEdit]) -> tuple[SheetEdit, ...]:
    """One edit for each sheet."""
    merged: dict[tuple[str, str, str], SheetEdit] = {}
    for edit in edits:
        known = merged.get(edit.place)
        merged[edit.place] = known.merged(edit) if known else edit
    return tuple(merged.values())


def after(sheets: Sheets, edits: Iterable[SheetEdit]) -> tuple[Sheet, ...]:
    """The sheets as they will be with `edits`, still under the versions they were read at."""
    by_place = {sheet.place: sheet for sheet in sheets}
    for edit in edits:
        sheet = by_place.get(edit.place) or Sheet(*edit.place)
        taken = {holder: i for holder, i in sheet.taken.items() if holder not in edit.drops}
        by_place[edit.place] = replace(sheet, taken={**taken, **edit.puts})
    return tuple(by_place.values())


def lapsed(sheets: Sheets, *, now: datetime) -> tuple[str, ...]:
    """The holds that still stand although their time is up."""
    return tuple(sorted({h for s in sheets for h, until in s.lapses.items() if until <= now}))
