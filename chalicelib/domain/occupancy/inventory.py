"""The inventory of a zone: its spaces as they are taken, and the one answer to "is it free?"."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property, lru_cache
from typing import Final, Self

from chalicelib.domain.core.interval import Interval
from chalicelib.domain.occupancy import occupancy, rearrange
from chalicelib.domain.occupancy.layout import NEVER, NEWCOMER, Layout, Plan, Taker, may_fit
from chalicelib.domain.occupancy.occupancy import Holding, SheetEdit, Sheets
from chalicelib.domain.occupancy.periods import Paging

_PARTS: Final = re.compile(r"([^0-9]*)([0-9]*)")

MOST_WRITES: Final = 88
"""Bookings moved and sheets written by one rearranging, of the 100 items of a transaction."""


@dataclass(frozen=True)
class Move:
    """A holder that moves to another space for the same interval: the numbers `before` and
    `after`."""

    holder: str
    interval: Interval
    before: str
    after: str


@dataclass(frozen=True)
class Inventory:
    """The spaces `numbers` of a zone and the sheets of the pages `first` to `last`, at `now`. For a
    start before `condition_until` the spaces `out` of service cannot be had, and those that are not
    `unready` come first. The holders `kept` stay in their space even if they are provisional."""

    zone_id: str
    paging: Paging
    numbers: tuple[str, ...]
    sheets: Sheets
    first: str
    last: str
    now: datetime
    out: frozenset[str] = frozenset()
    unready: frozenset[str] = frozenset()
    condition_until: datetime | None = None
    kept: frozenset[str] = frozenset()

    def in_service(self, start: datetime, among: Iterable[str]) -> tuple[str, ...]:
        """Those of the spaces that can be had from `start` on, if they are not taken."""
        out = self.out if self._by_condition(start) else frozenset()
        return tuple(number for number in among if number not in out)

    def has_ready(self, start: datetime, free: Iterable[str]) -> bool:
        """Whether one of the free spaces is ready, or need not be."""
        return not self._by_condition(start) or not self.unready.issuperset(free)

    def ready_first(self, start: datetime, free: tuple[str, ...]) -> tuple[str, ...]:
        """The ready ones of the free spaces, or all if none is ready."""
        unready = self.unready if self._by_condition(start) else frozenset()
        return tuple(number for number in free if number not in unready) or free

    def first_free(self, start: datetime, free: tuple[str, ...]) -> str:
        """The first of the free spaces in the order of their numbers, of the ready ones if there
        are any."""
        return min(self.ready_first(start, free), key=in_order)

    def free(self, interval: Interval, among: Iterable[str]) -> tuple[str, ...]:
        """Those of the spaces that are free as things stand, in the order given."""
        usable = self.in_service(interval.start, among)
        return occupancy.free(usable, self.sheets, interval, now=self.now)

    def may_fit(self, interval: Interval) -> bool:
        """Whether there are fewer takers than spaces at each instant of `interval`."""
        return may_fit(interval, self.takers)

    def placed(
        self,
        holder: str,
        interval: Interval,
        among: Iterable[str],
        *,
        provisional: bool,
        lapses: datetime | None = None,
    ) -> tuple[Self, str] | None:
        """The inventory with the interval of a new holder in one of the spaces, and its number: the
        first that is free, or one that others make free by moving. None where there is none."""
        usable = self.in_service(interval.start, among)
        free = occupancy.free(usable, self.sheets, interval, now=self.now)
        plan = {NEWCOMER: free[0]} if free else self._plan(interval, usable)
        if plan is None:
            return None
        number = plan[NEWCOMER]
        holding = Holding(
            self.zone_id, number, interval, holder, self.paging, provisional=provisional
        )
        edits = occupancy.take(holding, sheets=self.sheets, lapses=lapses)
        moved = self._with_moves(plan)
        return replace(moved, sheets=occupancy.after(moved.sheets, edits)), number

    def without(self, holder: str) -> Self:
        """The inventory without what a holder has."""
        gone = [
            SheetEdit(*sheet.place, drops=frozenset({holder}))
            for sheet in self.sheets
            if holder in sheet.taken
        ]
        return replace(self, sheets=occupancy.after(self.sheets, gone))

    def keeping(self, holders: Iterable[str]) -> Self:
        """The inventory in which these holders stay in their space, too."""
        return replace(self, kept=self.kept | frozenset(holders))

    def moves_since(self, before: Inventory) -> tuple[Move, ...]:
        """The holders that had another space `before`."""
        had = {t.holder: t.number for takers in before.takers.values() for t in takers}
        return tuple(
            Move(t.holder, t.interval, had[t.holder], t.number)
            for takers in self.takers.values()
            for t in takers
            if had.get(t.holder, t.number) != t.number
        )

    def number_of(self, holder: str) -> str:
        """The space that a holder has."""
        return next(s.number for s in self.sheets if holder in s.taken)

    def reach(self, freed: Iterable[Interval]) -> tuple[Interval, ...]:
        """The time that becomes possible with `freed` time: also that of the takers that could move
        into it, and of those that could move then."""
        reached = sorted(freed)
        movable = [t for takers in self.takers.values() for t in takers if not t.is_fixed]
        while near := [t for t in movable if any(map(t.interval.overlaps, reached))]:
            reached += (taker.interval for taker in near)
            movable = [taker for taker in movable if taker not in near]
        return tuple(reached)

    @property
    def beyond(self) -> Interval | None:
        """The time of the provisional holders that reach beyond the pages, with all pages: to move
        one of them, these have to be read too."""
        reaching = [
            taken
            for sheet in self.sheets
            for holder, taken in sheet.taken.items()
            if holder in sheet.provisional and taken.start > self.now and not self._is_within(taken)
        ]
        if not reaching:
            return None
        return Interval(min(each.start for each in reaching), max(each.end for each in reaching))

    @cached_property
    def takers(self) -> Layout:
        """The takers of each space, and the spaces that they may have. Spaces in which a stay is
        overdue come last: they are free ahead, but not yet empty."""
        held = occupancy.held(self.sheets)
        closed = occupancy.closed(self.sheets)
        overdue = {n for n, taken in held.items() if any(t.end <= self.now for t in taken.values())}
        movable = {
            holder
            for sheet in self.sheets
            for holder in sheet.provisional - self.kept
            if sheet.lapses.get(holder, NEVER) > self.now
        }
        return {
            number: [
                Taker(holder, taken, number, self._may_have(taken, number, holder in movable))
                for holder, taken in held.get(number, {}).items()
            ]
            for number in sorted(self.numbers, key=overdue.__contains__)
            if number not in closed
        }

    def _by_condition(self, start: datetime) -> bool:
        return self.condition_until is not None and start < self.condition_until

    def _may_have(self, taken: Interval, number: str, movable: bool) -> frozenset[str]:
        if movable and taken.start > self.now and self._is_within(taken):
            usable = self.in_service(taken.start, self.numbers)
            return frozenset((*usable, number)) - (occupancy.closed(self.sheets) - {number})
        return frozenset({number})

    def _is_within(self, taken: Interval) -> bool:
        pages = self.paging.pages(taken)
        return self.first <= pages[0] and pages[-1] <= self.last

    def _plan(self, interval: Interval, usable: Iterable[str]) -> Plan | None:
        """A plan that makes one of the spaces free. Where an interval begins now, a space in which
        another stay is overdue is not among them."""
        takers = self.takers
        among = [
            number
            for number in usable
            if interval.start > self.now
            or all(taker.interval.end > self.now for taker in takers.get(number, ()))
        ]
        may_use = lambda plan: self._writes(plan, interval) <= MOST_WRITES  # noqa: E731
        return rearrange.plan(interval, among, takers, may_use=may_use)

    def _writes(self, plan: Plan, interval: Interval) -> int:
        """How many bookings and sheets a plan writes."""
        sheets = {(plan[NEWCOMER], page) for page in self.paging.pages(interval)}
        for taker in self._movers(plan):
            for page in self.paging.pages(taker.interval):
                sheets |= {(taker.number, page), (plan[taker.holder], page)}
        return len(plan) - 1 + len(sheets)

    def _movers(self, plan: Plan) -> list[Taker]:
        return [t for takers in self.takers.values() for t in takers if t.holder in plan]

    def _with_moves(self, plan: Plan) -> Self:
        edits: list[SheetEdit] = []
        lapses = {h: until for sheet in self.sheets for h, until in sheet.lapses.items()}
        for taker in self._movers(plan):
            before = Holding(
                self.zone_id,
                taker.number,
                taker.interval,
                taker.holder,
                self.paging,
                provisional=True,
            )
            after = replace(before, number=plan[taker.holder])
            edits += occupancy.release(before, now=self.now)
            edits += occupancy.take(after, sheets=self.sheets, lapses=lapses.get(taker.holder))
        return replace(self, sheets=occupancy.after(self.sheets, edits))


@lru_cache(maxsize=4096)
def in_order(number: str) -> tuple[tuple[str, int], ...]:
    """The place of a space among others, by the figures in its number.

    >>> sorted(["B-1", "A-10", "A-9"], key=in_order)
    ['A-9', 'A-10', 'B-1']
    """
    return tuple((text, int(digits or 0)) for text, digits in _PARTS.findall(number))
