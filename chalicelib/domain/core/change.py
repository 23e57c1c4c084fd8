"""A Change: everything one step of a use case writes, as a value.

Rules build it, `store/commit.py` makes one transaction of it. A record in a change carries the
version it will have; the write is refused unless the stored one is the version before (1: unless
there is none). Tallies, ledger entries, audit events and effects need no version.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from typing import Final, Protocol, Self

from chalicelib.domain.core.audit import AuditEvent
from chalicelib.domain.core.effect import Effect
from chalicelib.domain.housekeeping.turnover import RoomEdit
from chalicelib.domain.occupancy.occupancy import SheetEdit, merge
from chalicelib.domain.payments.ledger import LedgerEntry
from chalicelib.domain.waitlist.queue import QueueEdit, WishEdit


class Record(Protocol):
    """Anything stored under a version: bookings, sites, zones, spaces, accounts,
    mailboxes."""

    @property
    def version(self) -> int: ...


WEBHOOKS: Final = "webhooks"
"""The name of the counter of a site's webhooks."""


@dataclass(frozen=True)
class Tally:
    """A counter kept per account: `owing` unpaid stays, or live bookings of a zone under a quota;
    or per site: its webhooks. Adding is refused at `limit`."""

    locator: str
    name: str
    by: int
    limit: int | None = None


@dataclass(frozen=True)
class Change:
    """Records to save, records to delete, and what goes with them."""

    saves: tuple[Record, ...] = ()
    deletes: tuple[Record, ...] = ()
    sheets: tuple[SheetEdit, ...] = ()
    rooms: tuple[RoomEdit, ...] = ()
    queues: tuple[QueueEdit, ...] = ()
    wishes: tuple[WishEdit, ...] = ()
    tallies: tuple[Tally, ...] = ()
    ledger: tuple[LedgerEntry, ...] = ()
    audits: tuple[AuditEvent, ...] = ()
    effects: tuple[Effect, ...] = ()

    @property
    def writes(self) -> int:
        """How many items it writes at most: a waitlist entry's are itself and its
        place, a shift's itself and its account's drawer, a room's its condition and its
        history."""
        lists = (self.deletes, self.sheets, self.queues, self.wishes, self.tallies, self.ledger)
        pairs = 2 * (len(self.saves) + len(self.rooms))
        return pairs + sum(map(len, lists)) + len(self.audits) + bool(self.effects)

    def saving(self, *records: Record) -> Self:
        return replace(self, saves=self.saves + records)

    def deleting(self, *records: Record) -> Self:
        return replace(self, deletes=self.deletes + records)

    def with_sheets(self, edits: Iterable[SheetEdit]) -> Self:
        """With `edits` too: one for each sheet, because a transaction touches an item once."""
        return replace(self, sheets=merge((*self.sheets, *edits)))

    def turning(self, *edits: RoomEdit) -> Self:
        return replace(self, rooms=self.rooms + edits)

    def queueing(self, *edits: QueueEdit) -> Self:
        return replace(self, queues=self.queues + edits)

    def wishing(self, *edits: WishEdit) -> Self:
        return replace(self, wishes=self.wishes + edits)

    def joined_with(self, other: Change) -> Self:
        """This change and `other` as one."""
        parts = {
            part.name: getattr(self, part.name) + getattr(other, part.name)
            for part in fields(self)
            if part.name != "sheets"
        }
        return replace(self, **parts).with_sheets(other.sheets)

    def counting(self, *tallies: Tally) -> Self:
        return replace(self, tallies=self.tallies + tallies)

    def posting(self, *entries: LedgerEntry) -> Self:
        return replace(self, ledger=self.ledger + entries)

    def auditing(self, *events: AuditEvent) -> Self:
        return replace(self, audits=self.audits + events)

    def sending(self, *effects: Effect) -> Self:
        return replace(self, effects=self.effects + effects)


def saving(*records: Record) -> Change:
    """A change that saves `records`."""
    return Change(saves=records)
