"""Sheets: which space is taken when, and by which holder.

A sheet lists the taken intervals of one space on one page of time: a UTC day, or a month for rooms
(`periods.py`). A booking adds its interval when it is made and removes it when it ends, for any
reason. An interval that is still listed after its end belongs to an overstay or to a no-show that
is not settled yet; either way the space is not free now.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from chalicelib.domain.core.interval import Interval
from chalicelib.domain.occupancy.periods import Paging

_SECOND = timedelta(seconds=1)

FORGOTTEN = timedelta(days=399)
"""The age from which a page need not exist any more: `store/sheets.py` keeps it a little longer."""

QUEUE_NUMBER = "*"
"""The number of the sheet that holds the queue of a page, in place of the number of a space."""


@dataclass(frozen=True)
class Queue:
    """The waiting wishes of a zone on one page, by name (`domain/waitlist/queue.py`), with two
    counters: entries that `joined`, and times that time was `freed` after a look at the queue.
    A join is refused when `freed` has changed, a step that frees time when either has, so neither
    misses the other."""

    wishes: frozenset[str] = frozenset()
    joined: int = 0
    freed: int = 0


@dataclass(frozen=True)
class Sheet:
    """The taken intervals of one space on one page (a `day`, or a month: "2026-11"), by holder.
    `lapses` is the end of each interval that is only a hold. The `provisional` holders have named
    no space: until their interval begins they may be moved to another one. Version 0 is a sheet
    that does not exist yet. `waited`: a waitlist entry wants time of this space and page. The sheet
    numbered QUEUE_NUMBER has the `queue`. `closed`: the space is closed for good and never free."""

    zone_id: str
    number: str
    day: str
    taken: Mapping[str, Interval] = field(default_factory=dict)
    version: int = 0
    lapses: Mapping[str, datetime] = field(default_factory=dict)
    waited: bool = False
    queue: Queue | None = None
    closed: bool = False
    provisional: frozenset[str] = frozenset()

    @property
    def place(self) -> tuple[str, str, str]:
        """Its key: zone, number and page."""
        return self.zone_id, self.number, self.day


@dataclass(frozen=True)
class SheetEdit:
    """The part of one sheet in a Change: intervals to add (`puts`) and holders to remove (`drops`).
    `expected` is the version that the decision was based on; None where no guard is needed, because
    freeing time invalidates no other decision. `frees`: the write is refused with
    FreedTimeIsWaitedFor while an entry waits for this page and the queue has not been read.
    `waits` marks the sheet as waited for. `relists`: the holding is the same as before and only on
    other pages. `closes` marks the sheet as closed for good (False: open again). The `provisional`
    ones of the added holders may be moved later."""

    zone_id: str
    number: str
    day: str
    puts: Mapping[str, Interval] = field(default_factory=dict)
    lapses: Mapping[str, datetime] = field(default_factory=dict)
    drops: frozenset[str] = frozenset()
    expected: int | None = None
    frees: bool = False
    waits: bool = False
    relists: bool = False
    closes: bool | None = None
    provisional: frozenset[str] = frozenset()

    @property
    def place(self) -> tuple[str, str, str]:
        """The key of the sheet: zone, number and page."""
        return self.zone_id, self.number, self.day

    def merged(self, later: SheetEdit) -> SheetEdit:
        """Both edits as one. An interval that either of them adds stays."""
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
            relists=self.relists and later.relists,
            closes=self.closes if later.closes is None else later.closes,
            provisional=(self.provisional - later.puts.keys()) | later.provisional,
        )


Sheets = Sequence[Sheet]


@dataclass(frozen=True)
class Holding:
    """The interval that a booking or an offer (the `holder`, by id) takes of a space, in sheets of
    pages of `paging`. An overstay is listed on two more pages, the second of which has the instant
    `through`. A `provisional` one may be moved to another space until it begins, one that `lapses`
    is only a hold until then."""

    zone_id: str
    number: str
    interval: Interval
    holder: str
    paging: Paging
    through: datetime | None = None
    provisional: bool = False
    lapses: datetime | None = None

    @property
    def pages(self) -> tuple[str, ...]:
        """The pages that the interval touches, and those of an overstay."""
        touched = self.paging.pages(self.interval)
        if self.through is None:
            return touched
        listed = self.paging.pages(Interval(self.through - _SECOND, self.through + _SECOND))
        return tuple(dict.fromkeys((*touched, *listed)))

    @property
    def marked(self) -> frozenset[str]:
        """The holder, if it is provisional."""
        return frozenset({self.holder} if self.provisional else ())


def window(
    interval: Interval, paging: Paging, *, now: datetime, lookback: timedelta
) -> tuple[str, str]:
    """The first and last page of the sheets that decide whether a space is free for `interval`.
    For an interval that has begun, pages of possible overstays (`lookback`) are included."""
    first = interval.start
    if interval.start <= now:
        first = min(first, now - lookback)
    return paging.page_of(first), paging.pages(interval)[-1]


def held(sheets: Sheets) -> dict[str, dict[str, Interval]]:
    """The taken intervals over all pages: number -> holder -> interval."""
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
    """The holders that block `interval`: those that overlap it and, for an interval that has begun,
    those whose end is past (overstays)."""
    return tuple(
        holder
        for holder, other in taken.items()
        if other.overlaps(interval) or (interval.start <= now and other.end <= now)
    )


def free(
    numbers: Iterable[str], sheets: Sheets, interval: Interval, *, now: datetime
) -> tuple[str, ...]:
    """The spaces that are free for the whole `interval`, in the order given."""
    by_number, gone = held(sheets), closed(sheets)
    taken = {
        number for number, holders in by_number.items() if obstacles(holders, interval, now=now)
    }
    return tuple(number for number in numbers if number not in taken and number not in gone)


def closed(sheets: Sheets) -> frozenset[str]:
    """The spaces that are closed for good, although another instance may still list them."""
    return frozenset(sheet.number for sheet in sheets if sheet.closed)


def close(zone_id: str, number: str, pages: Iterable[str], *, closes: bool) -> list[SheetEdit]:
    """Close a space on `pages`, or open it again. What was decided on an earlier version of these
    sheets is refused."""
    return [SheetEdit(zone_id, number, page, closes=closes) for page in pages]


def overdue(sheets: Sheets, *, now: datetime) -> tuple[str, ...]:
    """The holders whose interval is over but still listed."""
    return tuple(
        sorted({h for s in sheets for h, interval in s.taken.items() if interval.end <= now})
    )


def begun(sheets: Sheets, *, now: datetime) -> tuple[str, ...]:
    """The holders whose interval has begun and is still listed, earliest first."""
    taken = {(interval.start, h) for s in sheets for h, interval in s.taken.items()}
    return tuple(dict.fromkeys(holder for start, holder in sorted(taken) if start <= now))


def choose(numbers: Sequence[str], random: int) -> str:
    """A random one of the free spaces, so that concurrent bookings rarely pick the same one."""
    return numbers[random % len(numbers)]


def take(
    it: Holding,
    *,
    sheets: Sheets,
    on: Interval | None = None,
    lapses: datetime | None = None,
) -> tuple[SheetEdit, ...]:
    """Add a holding to each page it touches (or to those of `on`), guarded by the versions in
    `sheets`. `lapses` is the end of a holding that is only a hold."""
    versions = {s.day: s.version for s in sheets if s.number == it.number}
    put = {it.holder: it.interval}
    lapses = lapses or it.lapses
    until = {} if lapses is None else {it.holder: lapses}
    return tuple(
        SheetEdit(
            it.zone_id,
            it.number,
            day,
            put,
            until,
            expected=versions.get(day, 0),
            provisional=it.marked,
        )
        for day in (it.pages if on is None else it.paging.pages(on))
    )


def relist(before: Holding, after: Holding, *, sheets: Sheets) -> tuple[SheetEdit, ...]:
    """List an overstay `through` a later instant: add it to the pages that it is not on yet,
    guarded by the versions in `sheets`, and remove it from those it need not be on any more."""
    new = [day for day in after.pages if day not in before.pages]
    old = [day for day in before.pages if day not in after.pages]
    versions = {sheet.day: sheet.version for sheet in sheets if sheet.number == after.number}
    put, gone = {after.holder: after.interval}, frozenset({before.holder})
    return (
        *(
            SheetEdit(
                after.zone_id, after.number, day, put, expected=versions.get(day, 0), relists=True
            )
            for day in new
        ),
        *(SheetEdit(before.zone_id, before.number, day, drops=gone, relists=True) for day in old),
    )


def release(it: Holding, *, now: datetime) -> tuple[SheetEdit, ...]:
    """Remove a holding from each of its pages. Time that is over by `now` is not offered to the
    waitlist. Pages from before `FORGOTTEN` may be deleted already."""
    gone, frees = frozenset({it.holder}), it.interval.end > now
    oldest = it.paging.page_of(now - FORGOTTEN)
    return tuple(
        SheetEdit(it.zone_id, it.number, day, drops=gone, frees=frees)
        for day in it.pages
        if day > oldest
    )


def hand_over(it: Holding, *, hold: str) -> tuple[SheetEdit, ...]:
    """Replace the hold `hold` by this holding."""
    return keep(it, gone=frozenset({hold}))


def keep(it: Holding, *, gone: frozenset[str] = frozenset()) -> tuple[SheetEdit, ...]:
    """Put this holding in the place of its own hold, or of the holds `gone`."""
    put, until = {it.holder: it.interval}, {} if it.lapses is None else {it.holder: it.lapses}
    return tuple(
        SheetEdit(it.zone_id, it.number, day, put, until, drops=gone, provisional=it.marked)
        for day in it.pages
    )


def merge(edits: Iterable[SheetEdit]) -> tuple[SheetEdit, ...]:
    """The edits as one for each sheet."""
    merged: dict[tuple[str, str, str], SheetEdit] = {}
    for edit in edits:
        known = merged.get(edit.place)
        merged[edit.place] = known.merged(edit) if known else edit
    return tuple(merged.values())


def after(sheets: Sheets, edits: Iterable[SheetEdit]) -> tuple[Sheet, ...]:
    """The sheets with `edits` applied, under the versions that were read."""
    by_place = {sheet.place: sheet for sheet in sheets}
    for edit in edits:
        sheet = by_place.get(edit.place) or Sheet(*edit.place)
        gone = edit.drops | edit.puts.keys()
        by_place[edit.place] = replace(
            sheet,
            taken={**{h: i for h, i in sheet.taken.items() if h not in gone}, **edit.puts},
            lapses={**{h: t for h, t in sheet.lapses.items() if h not in gone}, **edit.lapses},
            provisional=(sheet.provisional - gone) | edit.provisional,
        )
    return tuple(by_place.values())


def lapsed(sheets: Sheets, *, now: datetime) -> tuple[str, ...]:
    """The holds that have lapsed but are still listed."""
    return tuple(sorted({h for s in sheets for h, until in s.lapses.items() if until <= now}))
