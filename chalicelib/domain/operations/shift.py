"""Shifts: who had the cash drawer from when to when, and whether what is in it is right
(docs/rules/shifts.md).

Only the two ends of a shift are stored. What was taken in between is told from the ledger, which
says of each entry who posted it and when: so taking cash costs nothing more for it, and an exit
that is still being written while the shift is closed is in its report all the same.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Final, Self

from chalicelib.domain.core import errors
from chalicelib.domain.core.constraints import SLUG
from chalicelib.domain.core.ids import ALPHABET
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments import ledger
from chalicelib.domain.payments.ledger import EntryKind, LedgerEntry

LONGEST_ID: Final = 100
SECOND: Final = timedelta(seconds=1)
_ID = re.compile(rf"(?P<site>{SLUG})\.(?P<rest>SH[{ALPHABET}]{{16}})")


@dataclass(frozen=True)
class Shift:
    """A drawer with `cash_float` in it, given to an account of a site; once it is closed with what
    was counted in it, by whom (an owner may), and the note for whoever comes next."""

    shift_id: str
    site: str
    account_id: str
    opened_at: datetime
    cash_float: Money
    closed_at: datetime | None = None
    closed_by: str | None = None
    cash_counted: Money | None = None
    note: str = ""
    version: int = 1

    @property
    def is_open(self) -> bool:
        return self.closed_at is None

    def closed(self, *, by: str, at: datetime, cash_counted: Money, note: str) -> Self:
        """The next version, with the count and the note frozen; one that was closed with the very
        same stays as it is. Raises ShiftClosed."""
        if self.is_open:
            return replace(
                self,
                closed_at=max(at, self.opened_at),
                closed_by=by,
                cash_counted=cash_counted,
                note=note,
                version=self.version + 1,
            )
        if (self.cash_counted, self.note) != (cash_counted, note):
            raise errors.ShiftClosed()
        return self

    def took(self, entry: LedgerEntry) -> bool:
        """Whether an entry of its site was posted in it: by its account, from the second of its
        opening to that of its close."""
        return (
            entry.actor == self.account_id
            and entry.currency == self.cash_float.currency
            and self.opened_at <= entry.at
            and (self.closed_at is None or entry.at <= self.closed_at)
        )


@dataclass(frozen=True)
class Drawer:
    """The shift that somebody opened last at a site, and when it was closed; None: it is open."""

    shift_id: str
    closed_at: datetime | None


def opening(last: Drawer | None, now: datetime) -> datetime:
    """When the shift begins that is opened now: behind the second in which the last one was closed,
    so that no cash counts in both. Raises ShiftOpen."""
    if last is None:
        return now
    if last.closed_at is None:
        raise errors.ShiftOpen(f"You have the shift {last.shift_id} open. Close it first.")
    return max(now, last.closed_at + SECOND)


@dataclass(frozen=True)
class Takings:
    """The cash of all entries of one kind."""

    kind: EntryKind
    count: int
    amount: Money


@dataclass(frozen=True)
class Report:
    """A shift, the cash that came in during it by the kind of entry, and how many incidents its
    account reported meanwhile."""

    shift: Shift
    takings: tuple[Takings, ...]
    incidents: int = 0

    @property
    def cash_taken(self) -> Money:
        """The sum of the cash lines: what came in less what went out."""
        nothing = Money.zero(self.shift.cash_float.currency)
        return sum((each.amount for each in self.takings), nothing)

    @property
    def payments(self) -> int:
        """How many entries moved cash."""
        return sum(each.count for each in self.takings)

    @property
    def cash_expected(self) -> Money:
        """What should be in the drawer."""
        return self.shift.cash_float + self.cash_taken

    @property
    def difference(self) -> Money | None:
        """What was counted less what should be there: below zero where cash is missing, None while
        the shift is open."""
        counted = self.shift.cash_counted
        return None if counted is None else counted - self.cash_expected


def report(shift: Shift, entries: Iterable[LedgerEntry], *, incidents: int = 0) -> Report:
    """The report of a shift from entries of its site; those that are not its own, or moved no cash,
    count for nothing.

    >>> from datetime import UTC
    >>> nine, ten, six = (datetime(2026, 11, 21, hour, tzinfo=UTC) for hour in (9, 10, 18))
    >>> lines = (ledger.LedgerLine("cash", 12000), ledger.LedgerLine("receivable", -12000))
    >>> paid = LedgerEntry("LE1", ten, "x", "BK1", "US1", "cash", lines, "INR")
    >>> shift = Shift("x.SH1", "x", "US1", nine, Money(50000, "INR"))
    >>> done = shift.closed(by="US1", at=six, cash_counted=Money(61000, "INR"), note="")
    >>> told = report(done, [paid])
    >>> told.payments, told.cash_taken.text(), told.cash_expected.text(), told.difference.text()
    (1, '120.00', '620.00', '-10.00')
    """
    cash: dict[EntryKind, list[int]] = {}
    for entry in filter(shift.took, entries):
        lines = [line.minor for line in entry.lines if line.account == ledger.CASH]
        if lines:
            cash.setdefault(entry.kind, []).append(sum(lines))
    currency = shift.cash_float.currency
    takings = (Takings(kind, len(cash[kind]), Money(sum(cash[kind]), currency)) for kind in cash)
    return Report(shift, tuple(takings), incidents)


def shift_key(shift_id: str) -> tuple[str, str]:
    """The site in the id of a shift, and the rest of it. Raises ShiftNotFound where it is none.

    >>> shift_key("central.SH1NG2EK8000000007")
    ('central', 'SH1NG2EK8000000007')
    """
    found = _ID.fullmatch(shift_id) if len(shift_id) <= LONGEST_ID else None
    if found is None:
        raise errors.ShiftNotFound()
    return found["site"], found["rest"]
