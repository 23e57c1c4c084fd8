"""Shifts: the cash drawer of an account from opening to close, and its difference
(docs/rules/shifts.md).

Only opening and close are stored. The cash in between comes from the ledger, whose entries name
actor and time: taking cash costs no extra write, and an exit that is written during the close is
still in the report.
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
from chalicelib.domain.core.sentence import say
from chalicelib.domain.payments import ledger
from chalicelib.domain.payments.ledger import EntryKind, LedgerEntry

LONGEST_ID: Final = 100
SECOND: Final = timedelta(seconds=1)
_ID = re.compile(rf"(?P<site>{SLUG})\.(?P<rest>SH[{ALPHABET}]{{16}})")


@dataclass(frozen=True)
class Shift:
    """The shift of an account with `cash_float` in the drawer. A closed one has the counted cash,
    the account that closed it (an owner may), and a handover note."""

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
        """The next version, closed with a count and a note. Closed again with the same values it is
        unchanged. Raises ShiftClosed for other values."""
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
        """Whether a ledger entry of the site belongs to the shift: same account, and a time from
        the second of opening to that of close."""
        return (
            entry.actor == self.account_id
            and entry.currency == self.cash_float.currency
            and self.opened_at <= entry.at
            and (self.closed_at is None or entry.at <= self.closed_at)
        )


@dataclass(frozen=True)
class Drawer:
    """The last shift of an account at a site, and when it was closed (None: it is open)."""

    shift_id: str
    closed_at: datetime | None


def opening(last: Drawer | None, now: datetime) -> datetime:
    """The opening time of a new shift: after the second in which the last one was closed, so that
    no cash counts twice. Raises ShiftOpen."""
    if last is None:
        return now
    if last.closed_at is None:
        raise errors.ShiftOpen(say("close_your_shift", shift=last.shift_id))
    return max(now, last.closed_at + SECOND)


@dataclass(frozen=True)
class Takings:
    """The cash of all entries of one kind."""

    kind: EntryKind
    count: int
    amount: Money


@dataclass(frozen=True)
class Report:
    """A shift with its cash by kind of entry, and the number of incidents its account reported."""

    shift: Shift
    takings: tuple[Takings, ...]
    incidents: int = 0

    @property
    def cash_taken(self) -> Money:
        """The cash received less the cash paid out."""
        nothing = Money.zero(self.shift.cash_float.currency)
        return sum((each.amount for each in self.takings), nothing)

    @property
    def payments(self) -> int:
        """The number of entries that moved cash."""
        return sum(each.count for each in self.takings)

    @property
    def cash_expected(self) -> Money:
        """The cash that should be in the drawer: float and cash taken."""
        return self.shift.cash_float + self.cash_taken

    @property
    def difference(self) -> Money | None:
        """Counted less expected cash, negative where cash is missing; None while the shift is
        open."""
        counted = self.shift.cash_counted
        return None if counted is None else counted - self.cash_expected


def report(shift: Shift, entries: Iterable[LedgerEntry], *, incidents: int = 0) -> Report:
    """The report of a shift from ledger entries of its site. Entries of other shifts, or without
    cash, are ignored.

    >>> from datetime import UTC
    >>> nine, ten, six = (datetime(2026, 11, 21, hour, tzinfo=UTC) for hour in (9, 10, 18))
    >>> lines = (ledger.LedgerLine("cash", 12000), ledger.LedgerLine("receivable", -12000))
    >>> paid = LedgerEntry("LE1", ten, "x", "BK1", "US1", "cash", lines, "INR")
    >>> shift = Shift("x.SH1", "x", "US1", nine, Money(50000, "INR"))
    >>> done = shift.closed(by="US1", at=six, cash_counted=Money(61000, "INR"), note="")
    >>> done = report(done, [paid])
    >>> done.payments, done.cash_taken.text(), done.cash_expected.text(), done.difference.text()
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
    """The site and the rest of a shift id. Raises ShiftNotFound for any other text.

    >>> shift_key("central.SH1NG2EK8000000007")
    ('central', 'SH1NG2EK8000000007')
    """
    found = _ID.fullmatch(shift_id) if len(shift_id) <= LONGEST_ID else None
    if found is None:
        raise errors.ShiftNotFound()
    return found["site"], found["rest"]
