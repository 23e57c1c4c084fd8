"""The line for what is taken: who wishes for what, and who gets freed time
(docs/rules/waitlist.md).

All who wish for exactly the same stand behind each other, so when time is freed only the first of
each wish matters, however long the line is.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from chalicelib.domain.core import unixtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import Holding, Queue, Sheet, SheetEdit, Sheets
from chalicelib.domain.occupancy.periods import Paging

ANY = "*"


@dataclass(frozen=True)
class Wish:
    """An interval in one space of a zone, or (number None) in any of them."""

    interval: Interval
    number: str | None = None

    @property
    def name(self) -> str:
        """What the store knows it by: it sorts by the start.

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
        """Those of the spaces that would do."""
        return tuple(number for number in numbers if self.number in (None, number))


@dataclass(frozen=True, order=True)
class Place:
    """Somebody's place in line. `turn` sorts by priority, time of joining, and who came first
    within a second."""

    turn: str
    wish: Wish = field(compare=False)
    entry_id: str = field(compare=False)


def turn(*, priority: int, created_at: datetime, ticket: int) -> str:
    """Where an entry stands, as text that sorts.

    >>> noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    >>> turn(priority=-1, created_at=noon, ticket=7) < turn(priority=0, created_at=noon, ticket=3)
    True
    """
    return f"{priority + 500:03}.{unixtime.of(created_at):010}.{ticket:08}"


@dataclass(frozen=True)
class QueueEdit:
    """One page's line in a change. `joins` puts a wish on it, which is refused (StaleVersion) when
    time was freed since `seen`; without, time is freed with the line as `seen`, `gone` being the
    wishes nobody has any more."""

    zone_id: str
    day: str
    seen: Queue
    joins: str | None = None
    gone: frozenset[str] = frozenset()


@dataclass(frozen=True)
class WishEdit:
    """One wish more or less among those somebody has on one local day. With `most` it is added,
    which is refused (StaleVersion) when it is there already or they have as many; None: removed."""

    locator: str
    day: str
    wish: str
    most: int | None


def queues(sheets: Sheets) -> dict[str, Queue]:
    """The line of each page that has one."""
    return {sheet.day: sheet.line for sheet in sheets if sheet.line is not None}


def joining(zone_id: str, wish: Wish, sheets: Sheets, paging: Paging) -> tuple[QueueEdit, ...]:
    """Put `wish` on the line of every page it touches."""
    known = queues(sheets)
    return tuple(
        QueueEdit(zone_id, day, known.get(day, Queue()), joins=wish.name)
        for day in paging.pages(wish.interval)
    )


def freeing(
    zone_id: str, days: Iterable[str], sheets: Sheets, gone: Collection[Wish]
) -> tuple[QueueEdit, ...]:
    """Say on the lines of `days` that time was freed and these wishes are `gone`."""
    known = queues(sheets)
    names = frozenset(wish.name for wish in gone)
    seen = {day: known.get(day, Queue()) for day in sorted(set(days))}
    return tuple(
        QueueEdit(zone_id, day, line, gone=names & line.wishes) for day, line in seen.items()
    )


def unmarked(
    zone_id: str, wish: Wish, numbers: Iterable[str], sheets: Sheets, paging: Paging
) -> tuple[SheetEdit, ...]:
    """Marks for those sheets `wish` depends on that nobody has waited for so far."""
    marked = {sheet.place for sheet in sheets if sheet.waited}
    return tuple(
        SheetEdit(zone_id, number, day, waits=True)
        for number in wish.among(numbers)
        for day in paging.pages(wish.interval)
        if (zone_id, number, day) not in marked
    )


def wished(sheets: Sheets, *, now: datetime) -> tuple[Wish, ...]:
    """What people in line wish for on the pages of `sheets`, unless it has begun."""
    names = {name for line in queues(sheets).values() for name in line.wishes}
    wishes = sorted(map(Wish.named, names), key=lambda wish: wish.name)
    return tuple(wish for wish in wishes if wish.interval.start > now)


def touched(wishes: Iterable[Wish], freed: Mapping[str, Sequence[Interval]]) -> tuple[Wish, ...]:
    """The wishes that the `freed` intervals (by number) may bring nearer."""
    return tuple(
        wish
        for wish in wishes
        if any(
            wish.interval.overlaps(interval)
            for number in wish.among(freed)
            for interval in freed[number]
        )
    )


def contenders(
    wishes: Collection[Wish], freed: Mapping[str, Sequence[Interval]]
) -> tuple[Wish, ...]:
    """The wishes whose turn it may be once the `freed` intervals are: those they bring nearer, and
    those that what one of these is given might be taken from. The latter can have nothing as long
    as all that is free has been offered; but time that came free without a step that frees it is
    offered a moment later, and in that moment who is behind must not be served first."""
    nearer = frozenset(touched(wishes, freed))
    return tuple(wish for group in rivals(wishes) if nearer & set(group) for wish in group)


def rivals(wishes: Iterable[Wish]) -> tuple[tuple[Wish, ...], ...]:
    """The wishes by those that overlap each other, directly or through others: what one of them is
    given may be another's turn.

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
    """What `edits` free of each space, as it stands in `sheets` before."""
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


def allot(
    zone_id: str,
    places: Iterable[Place],
    numbers: Sequence[str],
    sheets: Sheets,
    *,
    paging: Paging,
    now: datetime,
) -> Iterator[tuple[Place, str]]:
    """Who gets which space: each in turn whose whole interval can be had after those before them
    have taken theirs."""
    for place in sorted(places):
        interval = place.wish.interval
        free = occupancy.free(place.wish.among(numbers), sheets, interval, now=now)
        if free:
            held = Holding(zone_id, free[0], interval, place.entry_id, paging)
            edits = occupancy.take(held, sheets=sheets)
            sheets = occupancy.after(sheets, edits)
            yield place, free[0]
