"""Sheets in and out of the inventory table (`domain/occupancy.py` says what they are for)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import UTC, date, datetime, timedelta

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.domain.core import unixtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.occupancy.occupancy import QUEUE_SHEET, Queue, Sheet, SheetEdit
from chalicelib.domain.waitlist.queue import QueueEdit
from chalicelib.store.dynamodb.attributes import WholeAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import SheetItem

KEEP = timedelta(days=400)
"""A sheet goes by itself so long after its page: far longer than any stay may take to end."""


PAGE = 200
"""Sheets read at once where nobody needs them all: a month of a few halls."""


class SheetStore:
    """Reads of sheets. They are written by `commit` alone."""

    def of_zone(self, zone_id: str, first: str, last: str) -> tuple[Sheet, ...]:
        """All sheets of a zone on the pages `first` to `last` (`paging.py`): one query."""
        with translated():
            found = SheetItem.query(
                f"sheets#{zone_id}",
                SheetItem.sk.between(f"{first}#", f"{last}#~"),
                consistent_read=True,
            )
            return tuple(from_item(item) for item in found)

    def of_space(self, zone_id: str, number: str, pages: Iterable[str]) -> tuple[Sheet, ...]:
        """The sheets of one space on these pages, in no order: a read for a hundred."""
        with translated():
            found = SheetItem.batch_get([key(zone_id, page, number) for page in pages], True)
            return tuple(from_item(item) for item in found)

    def each_of_zone(
        self, zone_id: str, first: str, last: str, *, since: str = ""
    ) -> Iterator[Sheet]:
        """The same one by one, from the sheet `since` (`<page>#<number>`) on: a query for each
        `PAGE` of them, as far as somebody asks."""
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


def from_item(item: SheetItem) -> Sheet:
    """The sheet in an item."""
    day, _, number = item.sk.partition("#")
    zone_id = item.pk.removeprefix("sheets#")
    if number == QUEUE_SHEET:
        queue = Queue(frozenset(item.wishes or ()), int(item.joined or 0), int(item.freed or 0))
        return Sheet(zone_id, number, day, queue=queue)
    entries = {} if item.taken is None else item.taken.as_dict()
    return Sheet(
        zone_id,
        number,
        day,
        {
            holder: Interval(unixtime.instant(span[0]), unixtime.instant(span[1]))
            for holder, span in entries.items()
        },
        int(item.version or 0),
        {holder: unixtime.instant(span[2]) for holder, span in entries.items() if len(span) > 2},
        bool(item.waited),
    )


def key(zone_id: str, day: str, number: str) -> tuple[str, str]:
    """Where a sheet lies."""
    return f"sheets#{zone_id}", f"{day}#{number}"


def fresh(edit: SheetEdit) -> tuple[SheetItem, Condition]:
    """The first writing of a sheet, and the condition that nobody was before."""
    item = SheetItem(
        *key(edit.zone_id, edit.day, edit.number),
        version=1,
        taken={holder: _span(edit, holder) for holder in edit.puts},
        ttl=goes_at(edit.day),
    )
    return item, SheetItem.pk.does_not_exist()


def edited(edit: SheetEdit) -> tuple[SheetItem, list[Action], Condition]:
    """The actions and the condition for an edit of a sheet that exists."""
    item = SheetItem(*key(edit.zone_id, edit.day, edit.number))
    actions: list[Action] = [SheetItem.taken[holder].remove() for holder in sorted(edit.drops)]
    actions += [SheetItem.taken[holder].set(_span(edit, holder)) for holder in edit.puts]
    condition: Condition = SheetItem.pk.exists()
    if edit.expected is not None:
        actions.append(SheetItem.version.add(1))
        condition = SheetItem.version == edit.expected
    if edit.frees:
        condition &= SheetItem.waited.does_not_exist()
    return item, actions, condition


def marked(edit: SheetEdit) -> tuple[SheetItem, list[Action]]:
    """The actions that mark a sheet as waited for, and make it where nobody has written it yet."""
    item = SheetItem(*key(edit.zone_id, edit.day, edit.number))
    nobody: dict[str, list[int]] = {}
    return item, [
        SheetItem.waited.set(True),
        SheetItem.taken.set(SheetItem.taken | nobody),
        SheetItem.ttl.set(goes_at(edit.day)),
        SheetItem.version.add(1),
    ]


def joined(edit: QueueEdit) -> tuple[SheetItem, list[Action], Condition]:
    """Join the queue of a page; refused when time was freed since it was read."""
    assert edit.joins is not None
    item = SheetItem(*key(edit.zone_id, edit.day, QUEUE_SHEET))
    actions: list[Action] = [
        SheetItem.wishes.add({edit.joins}),
        SheetItem.joined.add(1),
        SheetItem.ttl.set(goes_at(edit.day)),
    ]
    return item, actions, _still(SheetItem.freed, edit.seen.freed)


def freed(edit: QueueEdit) -> tuple[SheetItem, list[Action], Condition]:
    """Free time of a page; refused when the queue has changed since it was read."""
    item = SheetItem(*key(edit.zone_id, edit.day, QUEUE_SHEET))
    actions: list[Action] = [SheetItem.freed.add(1), SheetItem.ttl.set(goes_at(edit.day))]
    if edit.gone:
        actions.append(SheetItem.wishes.delete(set(edit.gone)))
    condition = _still(SheetItem.freed, edit.seen.freed)
    return item, actions, condition & _still(SheetItem.joined, edit.seen.joined)


def _still(counter: WholeAttribute, seen: int) -> Condition:
    return counter == seen if seen else counter.does_not_exist()


def _span(edit: SheetEdit, holder: str) -> list[int]:
    interval, until = edit.puts[holder], edit.lapses.get(holder)
    ends = [interval.start, interval.end, *([until] if until else [])]
    return [unixtime.of(at) for at in ends]


def goes_at(day: str) -> int:
    """When what belongs to a day, or to a month, goes by itself."""
    last = date.fromisoformat(f"{day}-28"[:10])
    midnight = datetime.combine(last, datetime.min.time(), UTC)
    return unixtime.of(midnight + KEEP)
