"""Sheets and queues of periods, in the inventory table (docs/decisions/sheets.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta
from typing import Final

from pynamodb.attributes import BooleanAttribute, UnicodeSetAttribute
from pynamodb.expressions.condition import Condition, size
from pynamodb.expressions.update import Action

from chalicelib.domain.core import errors, unixtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.occupancy.occupancy import QUEUE_NUMBER, Queue, Sheet, SheetEdit
from chalicelib.domain.waitlist.queue import QueueEdit
from chalicelib.store.dynamodb import transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute, SpansAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import InventoryTable
from chalicelib.store.dynamodb.transaction import Write

KEPT: Final = timedelta(days=400)
"""How long after its period a sheet is deleted: far longer than any stay may last."""

PAGE: Final = 200
"""Sheets in one query where the caller may need only the first: a month of a few halls."""


class SheetItem(InventoryTable):
    """One space in one period (`sheets#<zone>`, `<period>#<number>`): `taken` maps a holder to
    [start, end], a hold to [start, end, lapse], and one that has named no space to
    [start, end, lapse or 0, 1]. The item numbered `*` is the queue of that period instead: its
    wishes, and how often an entry `joined` and time was `freed`."""

    version = IntegerAttribute(attr_name="v", null=True)
    taken = SpansAttribute(null=True)
    waited = BooleanAttribute(null=True)
    closed = BooleanAttribute(null=True)
    wishes: UnicodeSetAttribute = UnicodeSetAttribute(null=True)
    joined = IntegerAttribute(null=True)
    freed = IntegerAttribute(null=True)
    ttl = IntegerAttribute()


class Occupancy:
    """The sheets of all zones."""

    def of_zone(self, zone_id: str, first: str, last: str) -> tuple[Sheet, ...]:
        """All sheets of a zone in the periods `first` to `last`: one query."""
        with translated():
            found = SheetItem.between(f"sheets#{zone_id}", f"{first}#", f"{last}#~")
            return tuple(map(from_item, found))

    def of_space(self, zone_id: str, number: str, periods: Iterable[str]) -> tuple[Sheet, ...]:
        """The sheets of one space in these periods, unordered: one batch read per hundred."""
        with translated():
            keys = [key(zone_id, period, number) for period in periods]
            return tuple(from_item(item) for item in SheetItem.batch_get(keys, True))

    def of_places(self, places: Iterable[tuple[str, str, str]]) -> tuple[Sheet, ...]:
        """The sheets at these keys (zone, number, page), unordered: one batch read per hundred."""
        keys = [key(zone_id, page, number) for zone_id, number, page in dict.fromkeys(places)]
        with translated():
            return tuple(from_item(item) for item in SheetItem.batch_get(keys, True))

    def held_of_zone(self, zone_id: str, first: str, last: str) -> Iterator[Sheet]:
        """The sheets of a zone with holders in the periods `first` to `last`, one by one: one query
        for each megabyte, as far as the caller reads."""
        with translated():
            yield from map(
                from_item,
                SheetItem.query(
                    f"sheets#{zone_id}",
                    SheetItem.sk.between(f"{first}#", f"{last}#~"),
                    SheetItem.taken.exists() & (size(SheetItem.taken) > 0),
                    consistent_read=True,
                ),
            )

    def each_of_zone(
        self, zone_id: str, first: str, last: str, *, since: str = ""
    ) -> Iterator[Sheet]:
        """The sheets of a zone in the periods `first` to `last`, one by one, from the sheet `since`
        (`<period>#<number>`) on: one query per `PAGE`, as far as the caller reads."""
        begin = max(since, f"{first}#")
        with translated():
            yield from map(
                from_item,
                SheetItem.query(
                    f"sheets#{zone_id}",
                    SheetItem.sk.between(begin, f"{last}#~"),
                    consistent_read=True,
                    page_size=PAGE,
                ),
            )


def key(zone_id: str, period: str, number: str) -> tuple[str, str]:
    """The key of a sheet."""
    return f"sheets#{zone_id}", f"{period}#{number}"


def from_item(item: SheetItem) -> Sheet:
    """The sheet or the queue in an item."""
    day, _, number = item.sk.partition("#")
    zone_id = item.pk.removeprefix("sheets#")
    if number == QUEUE_NUMBER:
        queue = Queue(frozenset(item.wishes or ()), item.joined or 0, item.freed or 0)
        return Sheet(zone_id, number, day, queue=queue)
    entries = item.taken or {}
    return Sheet(
        zone_id,
        number,
        day,
        {
            holder: Interval(unixtime.instant(span[0]), unixtime.instant(span[1]))
            for holder, span in entries.items()
        },
        item.version or 0,
        {holder: unixtime.instant(span[2]) for holder, span in entries.items() if any(span[2:3])},
        bool(item.waited),
        closed=bool(item.closed),
        provisional=frozenset(holder for holder, span in entries.items() if any(span[3:])),
    )


def writes(edit: SheetEdit) -> Iterator[Write]:
    """The sheet, refused where it is not at the version the edit relies on."""
    if edit.closes is not None:
        yield _close(edit, closes=edit.closes)
    elif edit.waits:
        yield _mark(edit)
    elif edit.expected == 0:
        yield _create(edit)
    else:
        yield _edit(edit)


def _create(edit: SheetEdit) -> Write:
    """A new sheet, refused where the space has one for that period already."""
    item = SheetItem(
        *key(edit.zone_id, edit.day, edit.number),
        version=1,
        taken={holder: _span(edit, holder) for holder in edit.puts},
        ttl=expiry(edit.day),
    )
    return transaction.create(item, exists=errors.StaleVersion)


def _edit(edit: SheetEdit) -> Write:
    """A sheet that exists, under its version where the edit relies on one. One that frees time is
    refused as FreedTimeIsWaitedFor while an entry waits for it."""
    actions: list[Action] = [SheetItem.taken[holder].remove() for holder in sorted(edit.drops)]
    actions += [SheetItem.taken[holder].set(_span(edit, holder)) for holder in edit.puts]
    condition: Condition = SheetItem.pk.exists()
    if edit.expected is not None:
        actions.append(SheetItem.version.add(1))
        condition = SheetItem.version == edit.expected
    if edit.frees:
        condition &= SheetItem.waited.does_not_exist()
    item = SheetItem(*key(edit.zone_id, edit.day, edit.number))
    refusal = errors.FreedTimeIsWaitedFor if edit.frees else errors.StaleVersion
    return transaction.update(item, actions, condition, refusal=refusal)


def _close(edit: SheetEdit, *, closes: bool) -> Write:
    """A sheet of a space that is closed for good, or open again; made where there is none yet. Its
    version rises, so a booking that was decided before is refused."""
    empty: dict[str, list[int]] = {}
    actions: list[Action] = [
        SheetItem.closed.set(True) if closes else SheetItem.closed.remove(),
        SheetItem.taken.set(SheetItem.taken | empty),
        SheetItem.ttl.set(expiry(edit.day)),
        SheetItem.version.add(1),
    ]
    return transaction.update(SheetItem(*key(edit.zone_id, edit.day, edit.number)), actions)


def _mark(edit: SheetEdit) -> Write:
    """A sheet that an entry waits for from now on; made where there is none yet."""
    empty: dict[str, list[int]] = {}
    actions: list[Action] = [
        SheetItem.waited.set(True),
        SheetItem.taken.set(SheetItem.taken | empty),
        SheetItem.ttl.set(expiry(edit.day)),
        SheetItem.version.add(1),
    ]
    return transaction.update(SheetItem(*key(edit.zone_id, edit.day, edit.number)), actions)


def queue_writes(edit: QueueEdit) -> Iterator[Write]:
    """The queue of a period, refused where it has changed since the edit was decided."""
    yield _join(edit, edit.joins) if edit.joins is not None else _free(edit)


def _join(edit: QueueEdit, wish: str) -> Write:
    """An entry joins, refused where time was freed since the queue was read."""
    actions: list[Action] = [
        SheetItem.wishes.add({wish}),
        SheetItem.joined.add(1),
        SheetItem.ttl.set(expiry(edit.day)),
    ]
    condition = _is_still(SheetItem.freed, edit.seen.freed)
    return transaction.update(_queue_item(edit), actions, condition)


def _free(edit: QueueEdit) -> Write:
    """Time is freed, refused where an entry joined or time was freed since the queue was read."""
    actions: list[Action] = [SheetItem.freed.add(1), SheetItem.ttl.set(expiry(edit.day))]
    if edit.gone:
        actions.append(SheetItem.wishes.delete(set(edit.gone)))
    freed = _is_still(SheetItem.freed, edit.seen.freed)
    condition = freed & _is_still(SheetItem.joined, edit.seen.joined)
    return transaction.update(_queue_item(edit), actions, condition)


def _queue_item(edit: QueueEdit) -> SheetItem:
    return SheetItem(*key(edit.zone_id, edit.day, QUEUE_NUMBER))


def _is_still(counter: IntegerAttribute, seen: int) -> Condition:
    return counter == seen if seen else counter.does_not_exist()


def _span(edit: SheetEdit, holder: str) -> list[int]:
    """How a holder stands on the sheet (`SheetItem`)."""
    interval, until = edit.puts[holder], edit.lapses.get(holder)
    span = [unixtime.of(interval.start), unixtime.of(interval.end)]
    if holder in edit.provisional:
        return [*span, unixtime.of(until) or 0, 1]
    return [*span, unixtime.of(until)] if until else span


def expiry(period: str) -> int:
    """The epoch second in which DynamoDB may delete what belongs to a day or a month."""
    last = date.fromisoformat(f"{period}-28"[:10])
    midnight = datetime.combine(last, datetime.min.time(), UTC)
    return unixtime.of(midnight + KEPT)
