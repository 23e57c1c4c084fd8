"""Rooms in the inventory table: the condition of each, and its history step by step."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime
from functools import partial
from typing import Final

from pynamodb.attributes import UnicodeAttribute
from pynamodb.expressions.condition import Condition as Guard
from pynamodb.expressions.update import Action

from chalicelib.domain.core import errors, ids, unixtime
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.core.sentence import say
from chalicelib.domain.housekeeping.turnover import Condition, Room, RoomEdit, RoomStep
from chalicelib.store.dynamodb import lists, transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import InventoryTable
from chalicelib.store.dynamodb.transaction import Write

MOST_TRIES: Final = 30
"""Attempts to find a free number: a room takes far fewer steps within one second."""

MOST_REMEMBERED: Final = 1000
"""Rooms and seconds whose last number an instance remembers."""


class RoomItem(InventoryTable):
    """The condition of a room (`rooms#<zone>`, number), the booking in it, and its booked end."""

    condition = UnicodeAttribute()
    booking_id = UnicodeAttribute(null=True, attr_name="guest")
    since = IntegerAttribute()
    by = UnicodeAttribute()
    note = UnicodeAttribute(null=True)
    until = IntegerAttribute(null=True)
    was = UnicodeAttribute(null=True)
    source = UnicodeAttribute(null=True)


class RoomStepItem(InventoryTable):
    """One step of a room (`turnover#<space>`, an id that sorts by time)."""

    at = IntegerAttribute()
    by = UnicodeAttribute()
    was = UnicodeAttribute()
    to = UnicodeAttribute()
    note = UnicodeAttribute(null=True)
    booking_id = UnicodeAttribute(null=True)


class Rooms:
    """The rooms of all zones."""

    def get(self, zone_id: str, number: str) -> Room:
        """A room as it is now: one read. A room without an item is ready."""
        try:
            with translated():
                return from_item(RoomItem.get(f"rooms#{zone_id}", number, consistent_read=True))
        except RoomItem.DoesNotExist:
            return Room(zone_id, number)

    def of_zone(self, zone_id: str) -> dict[str, Room]:
        """The rooms of a zone that have an item, by number: one query."""
        with translated():
            found = RoomItem.query(f"rooms#{zone_id}", consistent_read=True)
            return {item.sk: from_item(item) for item in found}

    def history(
        self, zone_id: str, number: str, *, limit: int, after: str | None = None
    ) -> Listing[tuple[str, RoomStep]]:
        """The steps of a room, newest first, each with its id: one query."""
        return lists.newest_first(
            RoomStepItem,
            f"turnover#{zone_id}.{number}",
            lambda item: (item.sk, step_from_item(item)),
            place=lambda step: step[0],
            limit=limit,
            before=after or None,
        )


def from_item(item: RoomItem) -> Room:
    """The room in an item."""
    return Room(
        zone_id=item.pk.removeprefix("rooms#"),
        number=item.sk,
        condition=Condition(item.condition),
        booking_id=item.booking_id,
        since=unixtime.instant(item.since),
        by=item.by,
        note=item.note or "",
        until=unixtime.instant(item.until),
        was=Condition(item.was) if item.was else None,
        source=item.source or "",
    )


def writes(edit: RoomEdit) -> Iterator[Write]:
    """The room, refused where it is not what the edit relies on. The step in its history is
    written by `Steps`."""
    item, room = RoomItem(f"rooms#{edit.zone_id}", edit.number), edit.room
    until = _set_until(room.until)
    if edit.prolongs:
        inside = RoomItem.booking_id == edit.booking_id
        yield transaction.update(item, [until], inside)
        return
    actions: list[Action] = [
        until,
        RoomItem.condition.set(room.condition.value),
        RoomItem.since.set(unixtime.of(edit.at)),
        RoomItem.by.set(room.by),
        RoomItem.was.set(edit.step.was.value),
        RoomItem.source.set(edit.source),
        _set_or_remove(RoomItem.booking_id, room.booking_id),
        _set_or_remove(RoomItem.note, room.note),
    ]
    yield transaction.update(item, actions, _guard(edit), refusal=partial(_refusal, edit))


def _set_or_remove(attribute: UnicodeAttribute, value: str | None) -> Action:
    return attribute.set(value) if value else attribute.remove()


def _set_until(until: datetime | None) -> Action:
    return RoomItem.until.remove() if until is None else RoomItem.until.set(unixtime.of(until))


def _guard(edit: RoomEdit) -> Guard:
    inside, previous = RoomItem.booking_id, edit.previous_id
    empty: Guard = inside.does_not_exist()
    guard: Guard = empty if previous is None else inside == previous
    if edit.was is None:
        guard |= empty
    else:
        guard = (RoomItem.condition == edit.was.value) & guard
    if edit.was is Condition.READY_FOR_GUEST:
        guard |= RoomItem.pk.does_not_exist()
    return guard


def _refusal(edit: RoomEdit) -> errors.Refusal:
    if edit.was is None:
        return errors.CheckoutFailed(say("another_booking_in_room"))
    if (edit.was, edit.to) == (Condition.READY_FOR_GUEST, Condition.OCCUPIED):
        return errors.RoomNotReady()
    return errors.StaleVersion()


class StepTaken(errors.Conflict):
    """The number of a step is taken in the history with the partition `pk`."""

    def __init__(self, pk: str) -> None:
        super().__init__()
        self.pk = pk


class Steps:
    """Writes the steps of rooms into their histories, in the order in which they happen.

    A step has a number within its second and its room, and is refused where that number is taken:
    so each stands after those that were written before it. An instance remembers which numbers
    are taken, and begins after them.
    """

    def __init__(self) -> None:
        self._next: dict[tuple[str, str], int] = {}

    def append(
        self,
        edits: Iterable[RoomEdit],
        now: Callable[[], datetime],
        send: Callable[[Iterable[Write]], None],
    ) -> None:
        """Call `send` with the writes of the edits' steps, until their numbers are free. Raises
        StaleVersion after `MOST_TRIES`, and what `send` raises."""
        for _ in range(MOST_TRIES):
            steps = [self._step(edit, now()) for edit in edits]
            try:
                send(map(_step_write, steps))
            except StepTaken as taken:
                self._remember(step for step in steps if step.pk == taken.pk)
            else:
                return self._remember(steps)
        raise errors.StaleVersion()

    def _step(self, edit: RoomEdit, at: datetime) -> RoomStepItem:
        pk = f"turnover#{edit.zone_id}.{edit.number}"
        second = ids.sortable("RS", at, 0, tail=0)
        return step_to_item(edit.step, pk, f"{second}{self._next.get((pk, second), 0):04}")

    def _remember(self, steps: Iterable[RoomStepItem]) -> None:
        """Take the numbers of these steps for taken."""
        if len(self._next) > MOST_REMEMBERED:
            self._next.clear()
        for step in steps:
            key, number = (step.pk, step.sk[:-4]), int(step.sk[-4:])
            self._next[key] = max(number + 1, self._next.get(key, 0))


def _step_write(item: RoomStepItem) -> Write:
    return transaction.create(item, exists=partial(StepTaken, item.pk))


def step_to_item(step: RoomStep, pk: str, step_id: str) -> RoomStepItem:
    """The item of a step of the room with that history."""
    return RoomStepItem(
        pk,
        step_id,
        at=unixtime.of(step.at),
        by=step.by,
        was=step.was.value,
        to=step.to.value,
        note=step.note or None,
        booking_id=step.booking_id,
    )


def step_from_item(item: RoomStepItem) -> RoomStep:
    """The step in an item."""
    return RoomStep(
        unixtime.instant(item.at),
        item.by,
        Condition(item.was),
        Condition(item.to),
        item.note or "",
        item.booking_id,
    )
