"""Sheets in and out of the inventory table (`domain/occupancy.py` says what they are for)."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.domain.interval import Interval
from chalicelib.domain.occupancy import Sheet, SheetEdit
from chalicelib.store.retry import translated
from chalicelib.store.schema import SheetItem

KEEP = timedelta(days=400)
"""A sheet goes by itself so long after its day: far longer than any stay may take to end."""


class SheetStore:
    """Reads of sheets. They are written by `commit` alone."""

    def of_zone(self, zone_id: str, first: str, last: str) -> tuple[Sheet, ...]:
        """All sheets of a zone for the days `first` to `last` (ISO dates, UTC): one query."""
        with translated():
            found = SheetItem.query(
                f"sheets#{zone_id}",
                SheetItem.sk.between(f"{first}#", f"{last}#~"),
                consistent_read=True,
            )
            return tuple(from_item(item) for item in found)


def from_item(item: SheetItem) -> Sheet:
    """The sheet in an item."""
    day, _, number = item.sk.partition("#")
    taken = {
        holder: Interval(_instant(start), _instant(end))
        for holder, (start, end) in item.taken.as_dict().items()
    }
    return Sheet(item.pk.removeprefix("sheets#"), number, day, taken, int(item.version))


def key(zone_id: str, day: str, number: str) -> tuple[str, str]:
    """Where a sheet lies."""
    return f"sheets#{zone_id}", f"{day}#{number}"


def fresh(edits: tuple[SheetEdit, ...]) -> tuple[SheetItem, Condition]:
    """The first writing of a sheet, and the condition that nobody was before."""
    first = edits[0]
    item = SheetItem(
        *key(first.zone_id, first.day, first.number),
        version=1,
        taken={edit.holder: _span(edit.interval) for edit in edits},
        ttl=_goes_at(first.day),
    )
    return item, SheetItem.pk.does_not_exist()


def edited(edits: tuple[SheetEdit, ...]) -> tuple[SheetItem, list[Action], Condition]:
    """The actions and the condition for edits of a sheet that exists; all of them rely on the same
    version, or on none."""
    first = edits[0]
    item = SheetItem(*key(first.zone_id, first.day, first.number))
    actions = [_entered(edit) for edit in edits]
    if first.expected is None:
        return item, actions, SheetItem.pk.exists()
    return item, [SheetItem.version.add(1), *actions], SheetItem.version == first.expected


def _entered(edit: SheetEdit) -> Action:
    place = SheetItem.taken[edit.holder]
    return place.set(_span(edit.interval)) if edit.interval else place.remove()


def _span(interval: Interval | None) -> list[int]:
    assert interval is not None
    return [int(interval.start.timestamp()), int(interval.end.timestamp())]


def _goes_at(day: str) -> int:
    midnight = datetime.combine(date.fromisoformat(day), datetime.min.time(), UTC)
    return int((midnight + KEEP).timestamp())


def _instant(epoch: float) -> datetime:
    return datetime.fromtimestamp(int(epoch), UTC)
