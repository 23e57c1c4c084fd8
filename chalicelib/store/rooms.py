"""Rooms in and out of the inventory table: their condition, and their history step by step."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Final

from pynamodb.expressions.condition import Condition as Guard
from pynamodb.expressions.update import Action

from chalicelib.domain.core import errors, ids, unixtime
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.housekeeping.turnover import Condition, Room, RoomEdit, RoomStep
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import RoomItem, RoomStepItem

MOST_KNOWN: Final = 1000
"""Rooms and seconds whose last step an instance remembers."""


class RoomStore:
    """Reads of rooms. They are written by `commit` alone."""

    def get(self, zone_id: str, number: str) -> Room:
        """A room as it is now: one read. One that was never touched is ready."""
        try:
            with translated():
                return from_item(RoomItem.get(f"rooms#{zone_id}", number, consistent_read=True))
        except RoomItem.DoesNotExist:
            return Room(zone_id, number)

    def of_zone(self, zone_id: str) -> dict[str, Room]:
        """All rooms of a zone that were ever touched, by number: one query."""
        with translated():
            found = RoomItem.query(f"rooms#{zone_id}", consistent_read=True)
            return {item.sk: from_item(item) for item in found}

    def history(
        self, zone_id: str, number: str, *, limit: int, after: str | None = None
    ) -> Listing[tuple[str, RoomStep]]:
        """What became of a room, newest first, each step with its id: one query."""
        key = f"turnover#{zone_id}.{number}"
        behind = RoomStepItem.sk < after if after else None
        with translated():
            found = RoomStepItem.query(
                key,
                behind,
                scan_index_forward=False,
                limit=limit,
                page_size=limit,
                consistent_read=True,
            )
            steps = tuple((item.sk, _step(item)) for item in found)
        return Listing(steps, steps[-1][0] if steps and found.last_evaluated_key else None)


def edited(edit: RoomEdit) -> tuple[RoomItem, list[Action], Guard]:
    """The actions and the guard of an edit."""
    item, room = RoomItem(f"rooms#{edit.zone_id}", edit.number), edit.room
    actions: list[Action] = [
        RoomItem.condition.set(room.condition.value),
        RoomItem.since.set(unixtime.of(edit.at)),
        RoomItem.by.set(room.by),
        RoomItem.guest.set(room.guest) if room.guest else RoomItem.guest.remove(),
        RoomItem.note.set(room.note) if room.note else RoomItem.note.remove(),
    ]
    return item, actions, _guard(edit)


def _guard(edit: RoomEdit) -> Guard:
    nobody: Guard = RoomItem.guest.does_not_exist()
    who: Guard = nobody if edit.leaving is None else RoomItem.guest == edit.leaving
    guard: Guard
    if edit.was is None:
        guard = who | nobody
    elif edit.was is Condition.READY_FOR_GUEST:
        guard = (RoomItem.condition == edit.was.value) & who | RoomItem.pk.does_not_exist()
    else:
        guard = (RoomItem.condition == edit.was.value) & who
    return guard


class StepTaken(errors.Conflict):
    """Somebody else has that place in a history; the message is its partition."""


class Steps:
    """The history's lines of steps on their way in. A step is numbered within its second and its
    room, on the condition that nobody has that number: so whatever came before it stands before
    it. The numbers this instance knows to be taken are not tried again."""

    def __init__(self) -> None:
        self._next: dict[tuple[str, str], int] = {}

    def next(self, edit: RoomEdit, at: datetime) -> RoomStepItem:
        """The line of an edit written at `at`."""
        key = f"turnover#{edit.zone_id}.{edit.number}"
        second = ids.sortable("RS", at, 0, tail=0)
        return _step_item(key, f"{second}{self._next.get((key, second), 0):04}", edit.step)

    def know(self, steps: Iterable[RoomStepItem]) -> None:
        """These are in the history, written by whomever."""
        if len(self._next) > MOST_KNOWN:
            self._next.clear()
        for step in steps:
            place, nth = (step.pk, step.sk[:-4]), int(step.sk[-4:])
            self._next[place] = max(nth + 1, self._next.get(place, 0))


def _step_item(key: str, step_id: str, step: RoomStep) -> RoomStepItem:
    return RoomStepItem(
        key,
        step_id,
        at=unixtime.of(step.at),
        by=step.by,
        was=step.was.value,
        to=step.to.value,
        note=step.note or None,
        booking_id=step.booking_id,
    )


def _step(item: RoomStepItem) -> RoomStep:
    return RoomStep(
        unixtime.instant(item.at),
        item.by,
        Condition(item.was),
        Condition(item.to),
        item.note or "",
        item.booking_id,
    )


def from_item(item: RoomItem) -> Room:
    return Room(
        zone_id=item.pk.removeprefix("rooms#"),
        number=item.sk,
        condition=Condition(item.condition),
        guest=item.guest,
        since=unixtime.instant(item.since),
        by=item.by,
        note=item.note or "",
    )
