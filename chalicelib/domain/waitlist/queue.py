"""The queue of a waitlist: wishes, turns, and the allotment of freed time (docs/rules/waitlist.md).

Entries with the same wish wait one behind the other. When time is freed, only the first entries of
each wish matter, however long the queue is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime

from chalicelib.domain.core import unixtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.occupancy.inventory import Inventory
from chalicelib.domain.occupancy.occupancy import Queue, Sheet, SheetEdit, Sheets
from chalicelib.domain.occupancy.periods import Paging

ANY = "*"


@dataclass(frozen=True)
class Wish:
    """What an entry waits for: an interval in one space of a zone, or (number None) in any
    space."""

    interval: Interval
    number: str | None = None

    @property
    def name(self) -> str:
        """Its name in the store, which sorts by the start.

        >>> nine = datetime(2026, 11, 21, 9, tzinfo=UTC)
        >>> Wish(Interval(nine, nine.replace(hour=10)), "aula").name
        '1795251600-1795255200-aula'
        """
        start, end = (unixtime.of(at) for at in (self.interval.start, self.interval.end))
        return f"{start:010}-{end:010}-{self.number or ANY}"

    @classmethod
    def named(cls, name: str) -> Wish:
        """The wish of that name."""
        start, end, number = name.split("-", 2)
        interval = Interval(*(unixtime.instant(float(at)) for at in (start, end)))
        return cls(interval, None if number == ANY else number)

    def among(self, numbers: Iterable[str]) -> tuple[str, ...]:
        """The spaces that satisfy the wish."""
        return tuple(number for number in numbers if self.number in (None, number))


@dataclass(frozen=True, order=True)
class Place:
    """The place of an entry in the queue. `turn` sorts by priority, time of joining, and the ticket
    within a second."""

    turn: str
    wish: Wish = field(compare=False)
    entry_id: str = field(compare=False)


def turn(*, priority: int, created_at: datetime, ticket: int) -> str:
    """The turn of an entry as text that sorts: priority, time of joining, ticket.

    >>> noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    >>> turn(priority=-1, created_at=noon, ticket=7) < turn(priority=0, created_at=noon, ticket=3)
    True
    """
    return f"{priority + 500:03}.{unixtime.of(created_at):010}.{ticket:08}"


@dataclass(frozen=True)
class QueueEdit:
    """The edit of the queue of one page, as it was `seen`. With `joins` it adds a wish and is
    refused (StaleVersion) when time was freed since. Without, it records that time was freed, and
    is refused when the queue has changed; `gone` are wishes without entries, to be removed."""

    zone_id: str
    day: str
    seen: Queue
    joins: str | None = None
    gone: frozenset[str] = frozenset()


@dataclass(frozen=True)
class WishEdit:
    """One wish more or less of a customer on one local day, with its entry. With `most` it is
    added, and refused (StaleVersion) when it is there already or they have `most`; with None it is
    removed."""

    locator: str
    day: str
    wish: str
    most: int | None
    entry_id: str


def queues(sheets: Sheets) -> dict[str, Queue]:
    """The queues by page."""
    return {sheet.day: sheet.queue for sheet in sheets if sheet.queue is not None}


def joining(zone_id: str, wish: Wish, sheets: Sheets, paging: Paging) -> tuple[QueueEdit, ...]:
    """The edits that add `wish` to the queue of each page it touches."""
    known = queues(sheets)
    return tuple(
        QueueEdit(zone_id, day, known.get(day, Queue()), joins=wish.name)
        for day in paging.pages(wish.interval)
    )


def freeing(
    zone_id: str, days: Iterable[str], sheets: Sheets, gone: Collection[Wish]
) -> tuple[QueueEdit, ...]:
    """The edits that record on each page of `days` that time was freed and that wishes are
    `gone`."""
    known = queues(sheets)
    names = frozenset(wish.name for wish in gone)
    seen = {day: known.get(day, Queue()) for day in sorted(set(days))}
    return tuple(
        QueueEdit(zone_id, day, seen_queue, gone=names & seen_queue.wishes)
        for day, seen_queue in seen.items()
    )


def unmarked(
    zone_id: str, wish: Wish, numbers: Iterable[str], sheets: Sheets, paging: Paging
) -> tuple[SheetEdit, ...]:
    """The edits that mark each sheet `wish` depends on as waited for, where it is not marked yet.
    It depends on all spaces of the zone: one that it names can become free because the booking in
    it moves to another."""
    marked = {sheet.place for sheet in sheets if sheet.waited}
    return tuple(
        SheetEdit(zone_id, number, day, waits=True)
        for number in numbers
        for day in paging.pages(wish.interval)
        if (zone_id, number, day) not in marked
    )


def wished(sheets: Sheets, *, now: datetime) -> tuple[Wish, ...]:
    """The wishes in the queues of `sheets` whose interval has not begun, by their start."""
    names = {name for waiting in queues(sheets).values() for name in waiting.wishes}
    if not names:
        return ()
    wishes = sorted(map(Wish.named, names), key=lambda wish: wish.name)
    return tuple(wish for wish in wishes if wish.interval.start > now)


def contenders(wishes: Collection[Wish], freed: Iterable[Interval]) -> tuple[Wish, ...]:
    """The wishes to reconsider after `freed`: those that overlap it, and those that overlap any of
    these, because serving one may cost another its turn. Example: after 10-11 is freed, a wish for
    10-12 is reconsidered, and with it an earlier one for 11-12, which time that became free without
    a step (a new space, a lifted blackout) may have made possible."""
    freed = tuple(freed)
    nearer = {wish for wish in wishes if any(map(wish.interval.overlaps, freed))}
    return tuple(wish for group in rivals(wishes) if nearer & set(group) for wish in group)


def rivals(wishes: Iterable[Wish]) -> tuple[tuple[Wish, ...], ...]:
    """The wishes in groups that overlap, directly or through others: serving one wish of a group
    may cost another its turn.

    >>> day = datetime(2026, 11, 21, tzinfo=UTC)
    >>> between = lambda a, b: Wish(Interval(day.replace(hour=a), day.replace(hour=b)))
    >>> short, long, late = between(8, 9), between(8, 10), between(10, 11)
    >>> rivals([late, short, long]) == ((short, long), (late,))
    True
    """
    groups: list[tuple[Wish, ...]] = []
    until = datetime.min.replace(tzinfo=UTC)
    for wish in sorted(wishes, key=lambda wish: wish.name):
        if wish.interval.start < until:
            groups[-1] = (*groups[-1], wish)
        else:
            groups.append((wish,))
        until = max(until, wish.interval.end)
    return tuple(groups)


def given_back(sheets: Sheets, edits: Iterable[SheetEdit]) -> dict[str, list[Interval]]:
    """The intervals that `edits` free in `sheets`, by number."""
    by_place: dict[tuple[str, str, str], Sheet] = {sheet.place: sheet for sheet in sheets}
    freed: dict[str, list[Interval]] = {}
    for edit in edits:
        sheet = by_place.get(edit.place)
        if edit.frees and sheet is not None:
            left = edit.drops | edit.puts.keys()
            freed.setdefault(edit.number, []).extend(
                interval for holder, interval in sheet.taken.items() if holder in left
            )
    return freed


def in_turn(now: Iterable[Place], later: Iterable[Place]) -> tuple[Place, ...]:
    """The places that can be served now, in turn, as far as they come before each of those that can
    be served only by a later step: none of these is passed over."""
    first = min(later, default=None)
    return tuple(place for place in sorted(now) if first is None or place < first)


@dataclass(frozen=True)
class Allotment:
    """A place that gets a space, and the inventory in which it has it."""

    place: Place
    inventory: Inventory


def allot(places: Iterable[Place], inventory: Inventory) -> Iterator[Allotment]:
    """The places that get a space: in turn, each whose whole interval is free, or can be made free
    by moving others, after those before it have taken theirs."""
    for place in sorted(places):
        wish = place.wish
        placed = inventory.placed(
            place.entry_id,
            wish.interval,
            wish.among(inventory.numbers),
            provisional=wish.number is None,
        )
        if placed is not None:
            inventory, _ = placed
            yield Allotment(place, inventory)


def fits(wish: Wish, inventory: Inventory) -> bool:
    """Whether a space for a wish is free, or can be made free by moving others."""
    return any(True for _ in allot([Place("", wish, wish.name)], inventory))
