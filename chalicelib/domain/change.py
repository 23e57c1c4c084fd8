"""A Change: everything one step of a use case writes, as a value.

Rules build it, `store/commit.py` makes one transaction of it. A record in a change carries the
version it will have; the write is refused unless the stored one is the version before (1: unless
there is none). Tallies, ledger entries, audit events and effects need no version.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Protocol, Self

from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.effect import Effect
from chalicelib.domain.ledger import LedgerEntry
from chalicelib.domain.occupancy import SheetEdit

if TYPE_CHECKING:
    from chalicelib.domain.booking import Booking


class Record(Protocol):
    """Anything stored under a version: bookings, sites, zones, spaces, accounts."""

    @property
    def version(self) -> int: ...


@dataclass(frozen=True)
class Tally:
    """A counter kept per account: `owing` unpaid stays, or live bookings of a zone under a quota.
    Adding is refused at `limit`."""

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
    tallies: tuple[Tally, ...] = ()
    ledger: tuple[LedgerEntry, ...] = ()
    audits: tuple[AuditEvent, ...] = ()
    effects: tuple[Effect, ...] = ()

    @property
    def booking(self) -> Booking:
        """The booking this change is about (its first record)."""
        return self.saves[0]  # type: ignore[return-value]

    @property
    def bookings(self) -> tuple[Booking, ...]:
        """The bookings it saves, where it saves nothing else."""
        return self.saves  # type: ignore[return-value]

    def saving(self, *records: Record) -> Self:
        return replace(self, saves=self.saves + records)

    def deleting(self, *records: Record) -> Self:
        return replace(self, deletes=self.deletes + records)

    def with_sheets(self, edits: Iterable[SheetEdit]) -> Self:
        return replace(self, sheets=self.sheets + tuple(edits))

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
