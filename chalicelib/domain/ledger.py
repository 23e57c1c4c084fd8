"""The ledger: append-only double-entry lines, one entry a step (lifecycle.md, Ledger).

Lines are signed: a debit is positive, a credit negative, and the lines of an entry add up to zero.
So cash and receivable stand in the ledger as what is there and what is owed, revenue and tax below
zero as what was earned and what belongs to the tax office.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from chalicelib.domain.bill import Bill
from chalicelib.domain.money import Money

CASH = "cash"
RECEIVABLE = "receivable"
REVENUE = "revenue"
TAX = "tax"
PREPAID = "prepaid"
WAIVED = "waived"

Kind = Literal["billed", "cash", "fee", "waived", "refunded"]


@dataclass(frozen=True, slots=True)
class Line:
    """Minor units into (+, debit) or out of (-, credit) an account."""

    account: str
    minor: int


@dataclass(frozen=True, slots=True)
class Posting:
    """Who posts an entry, under which id, when and for which booking; in which shift, if any."""

    entry_id: str
    at: datetime
    site: str
    booking_id: str
    actor: str
    shift_id: str | None = None


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """All lines of one step, in one currency; ValueError unless they add up to zero.

    A step that moves no money (a zero bill) has no lines and needs not be kept.
    """

    entry_id: str
    at: datetime
    site: str
    booking_id: str
    actor: str
    kind: Kind
    lines: tuple[Line, ...]
    currency: str
    shift_id: str | None = None

    def __post_init__(self) -> None:
        if sum(line.minor for line in self.lines) != 0:
            raise ValueError(f"the lines of {self.entry_id} do not add up to zero")


def exit_paid_cash(bill: Bill, posting: Posting) -> LedgerEntry:
    """Post a stay that ends at the gate: what is due of `bill` has come in as cash."""
    return _entry("cash", posting, bill.currency, {CASH: bill.amount_due.minor, **_earned(bill)})


def left_due(bill: Bill, posting: Posting) -> LedgerEntry:
    """Post a stay that ended by itself: what is due of `bill` is owed from now on."""
    lines = {RECEIVABLE: bill.amount_due.minor, **_earned(bill)}
    return _entry("billed", posting, bill.currency, lines)


def due_paid_cash(amount: Money, posting: Posting) -> LedgerEntry:
    """Post cash received for what was owed."""
    return _settled("cash", CASH, amount, posting)


def waived(amount: Money, posting: Posting) -> LedgerEntry:
    """Post that what was owed need not be paid."""
    return _settled("waived", WAIVED, amount, posting)


def balance(entries: Iterable[LedgerEntry], account: str) -> dict[str, Money]:
    """Return what `account` holds, by currency; currencies without a line there are left out."""
    held: dict[str, Money] = {}
    for entry in entries:
        for line in entry.lines:
            if line.account == account:
                before = held.get(entry.currency, Money.zero(entry.currency))
                held[entry.currency] = before + Money(line.minor, entry.currency)
    return held


def _earned(bill: Bill) -> dict[str, int]:
    """What has been paid before is used up; the rest of what is charged is earned and taxed."""
    used = bill.charged - bill.amount_due
    return {
        PREPAID: used.minor,
        REVENUE: (bill.tax_total - bill.charged).minor,
        TAX: -bill.tax_total.minor,
    }


def _settled(kind: Kind, account: str, amount: Money, posting: Posting) -> LedgerEntry:
    if amount < Money.zero(amount.currency):
        raise ValueError("what was owed is settled by an amount above zero")
    lines = {account: amount.minor, RECEIVABLE: -amount.minor}
    return _entry(kind, posting, amount.currency, lines)


def _entry(kind: Kind, posting: Posting, currency: str, lines: dict[str, int]) -> LedgerEntry:
    return LedgerEntry(
        entry_id=posting.entry_id,
        at=posting.at,
        site=posting.site,
        booking_id=posting.booking_id,
        actor=posting.actor,
        kind=kind,
        lines=tuple(Line(account, minor) for account, minor in lines.items() if minor),
        currency=currency,
        shift_id=posting.shift_id,
    )
