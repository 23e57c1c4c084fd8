"""A Change: everything that one step of a use case writes, as a value.

Rules build it, `store/dynamodb/commit.py` writes it in one transaction. A saved record carries its
new version; the write is refused unless the stored version is the one before (for version 1: unless
there is none). Tallies, ledger entries, audit events and effects have no version.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import TYPE_CHECKING, Final, Literal, Protocol, Self

from chalicelib.domain.occupancy.occupancy import SheetEdit, merge

if TYPE_CHECKING:
    from chalicelib.domain.core.audit import AuditEvent
    from chalicelib.domain.core.effect import Effect
    from chalicelib.domain.housekeeping.turnover import RoomEdit
    from chalicelib.domain.payments.ledger import LedgerEntry
    from chalicelib.domain.waitlist.queue import QueueEdit, WishEdit


class Record(Protocol):
    """A record with a version: a booking, a site, a zone, a space, an account, a mailbox."""

    @property
    def version(self) -> int: ...


OWING: Final = "owing"
"""The name of the counter of a customer's unpaid stays and no-shows. The customer cannot book where
something is unpaid."""

WEBHOOKS: Final = "webhooks"
"""The name of the counter of a site's webhooks."""

UNPROVED: Final = "unproved"
"""The name of the counter of the bookings that a customer made before the address was verified. It
only rises, so its limit says which bookings were counted before."""

API_KEYS: Final = "api_keys"
"""The name of the counter of a site's API keys."""


@dataclass(frozen=True)
class Tally:
    """A step of a stored counter: of an account (`owing` for what is unpaid, its live bookings of a
    zone with a quota, its allowances, or the bookings it made before its address was verified), or
    of a site (its webhooks, its API keys in force). An increment is refused above `limit`. The
    counter may be deleted when it `expires`. `member` is what `owing` counts: one debt."""

    locator: str
    name: str
    by: int
    limit: int | None = None
    expires: datetime | None = None
    member: str | None = None


@dataclass(frozen=True)
class OpenPlace:
    """A site (by slug) or a zone (by id) that a Change relies on. The Change is refused where the
    place has been closed for good since it was read, or a site has got another `currency`."""

    kind: Literal["site", "zone"]
    name: str
    currency: str | None = None


@dataclass(frozen=True)
class MadeZones:
    """The zones that were ever made at a site, as many as were seen. A Change that relies on them
    is refused where one more has been made."""

    site: str
    count: int


@dataclass(frozen=True)
class VehicleOut:
    """A vehicle, by its compared plate, of which no covered stay goes on at a site. A Change that
    takes days from its season pass is refused otherwise."""

    site: str
    plate: str


Reliance = OpenPlace | MadeZones | VehicleOut
"""What a Change may rely on."""


@dataclass(frozen=True)
class Change:
    """The records to save and to delete, with the edits, entries, events and effects of the
    step."""

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
    relies_on: tuple[Reliance, ...] = ()

    @property
    def writes(self) -> int:
        """The largest number of items it writes. Some records are two items: a waitlist entry and
        its place, a shift and the drawer of its account, a room and its history."""
        lists = (self.deletes, self.sheets, self.queues, self.wishes, self.tallies, self.ledger)
        pairs = 2 * (len(self.saves) + len(self.rooms))
        singles = len(self.audits) + bool(self.effects) + len(self.relies_on)
        return pairs + sum(map(len, lists)) + singles

    def saving(self, *records: Record) -> Self:
        return replace(self, saves=self.saves + records)

    def deleting(self, *records: Record) -> Self:
        return replace(self, deletes=self.deletes + records)

    def with_sheets(self, edits: Iterable[SheetEdit]) -> Self:
        """With `edits`, merged to one for each sheet: a transaction writes an item once."""
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
        return replace(self, tallies=self.tallies + tallies) if tallies else self

    def posting(self, *entries: LedgerEntry) -> Self:
        return replace(self, ledger=self.ledger + entries)

    def auditing(self, *events: AuditEvent) -> Self:
        return replace(self, audits=self.audits + events)

    def relying_on(self, *seen: Reliance) -> Self:
        return replace(self, relies_on=self.relies_on + seen)

    def sending(self, *effects: Effect) -> Self:
        return replace(self, effects=self.effects + effects) if effects else self


def saving(*records: Record) -> Change:
    """A change that saves `records`."""
    return Change(saves=records)
