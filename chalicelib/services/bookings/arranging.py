"""Plans that move bookings and offers to other spaces: which of them may move, and the change that
writes it (docs/decisions/rearranging.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from typing import Generic, TypeVar

from chalicelib.domain.bookings import reschedule
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.deadline import DeadlineKind
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.change import Change
from chalicelib.domain.occupancy.inventory import Inventory, Move
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.services.core.deps import Deps

Planned = TypeVar("Planned")


@dataclass(frozen=True)
class Arranged(Generic[Planned]):
    """What was planned with an inventory, and the change that writes its moves, not committed
    yet."""

    planned: Planned
    inventory: Inventory
    moves: Change


def arranged(
    deps: Deps, inventory: Inventory, plan: Callable[[Inventory], tuple[Planned, Inventory] | None]
) -> Arranged[Planned] | None:
    """The first plan in which all that move may move. `plan` takes an inventory, and gives what it
    planned with the inventory afterwards; None where it finds nothing. Holders that cannot move
    after all are kept in their spaces, and it plans once more: what `moved` and `_keeping` read,
    nothing where nobody moves."""
    while True:
        found = plan(inventory)
        if found is None:
            return None
        planned, after = found
        moves, stay = moved(deps, inventory, after)
        if not stay:
            return Arranged(planned, inventory, moves)
        inventory = _keeping(deps, inventory, stay)


def moved(deps: Deps, before: Inventory, after: Inventory) -> tuple[Change, frozenset[str]]:
    """The change that writes the moves between two inventories, and the holders that have to stay,
    because they have changed or are about to. One batch read for bookings, one for offers."""
    change, stay = Change(), set()
    for move, record in _movers(deps, after.moves_since(before)):
        if record is None or not _may_move(deps, record, move):
            stay.add(move.holder)
        elif isinstance(record, Booking):
            step = reschedule.rearrange(record, move.after, sheets=before.sheets, now=deps.now())
            change = change.joined_with(step)
        else:
            change = change.joined_with(
                record.rearrange(move.after, sheets=before.sheets, now=deps.now())
            )
    return change, frozenset(stay)


def _keeping(deps: Deps, inventory: Inventory, stay: frozenset[str]) -> Inventory:
    """The inventory in which the holders that have to `stay` keep their space. All others that only
    seem to be movable keep theirs too, so that the next plan is the last. One batch read for each
    hundred that seem to be."""
    seem = [
        Move(taker.holder, taker.interval, taker.number, taker.number)
        for takers in inventory.takers.values()
        for taker in takers
        if not taker.is_fixed and taker.holder not in stay
    ]
    fixed = {
        move.holder
        for move, record in _movers(deps, seem)
        if record is None or not _may_move(deps, record, move)
    }
    return inventory.keeping(stay | fixed)


def _movers(deps: Deps, moves: Iterable[Move]) -> Iterator[tuple[Move, Booking | Entry | None]]:
    moves = tuple(moves)
    ids = [move.holder for move in moves]
    bookings = [each for each in ids if each.startswith("BK")]
    entries = [each for each in ids if each.startswith("WL")]
    records: dict[str, Booking | Entry] = {}
    if bookings:
        records |= {each.booking_id: each for each in deps.bookings.many(bookings)}
    if entries:
        records |= {each.entry_id: each for each in deps.waitlist.many(entries)}
    for move in moves:
        yield move, records.get(move.holder)


def _may_move(deps: Deps, record: Booking | Entry, move: Move) -> bool:
    due = record.deadline is not None and record.deadline.is_due(deps.now())
    if isinstance(record, Entry):
        return (
            record.is_space_provisional
            and not due
            and (record.held, record.interval) == (move.before, move.interval)
        )
    return (
        record.is_space_provisional
        and record.status is Status.BOOKED
        and not (due and record.deadline and record.deadline.kind is DeadlineKind.AUTO_CANCEL)
        and (record.number, record.occupied) == (move.before, move.interval)
    )
