"""The ledger: append-only, double-entry, one entry a step (docs/rules/billing.md, The ledger).

The lines of an entry are signed and add up to zero: a debit is positive, a credit negative. So the
balances of cash and receivable are the money in hand and the money owed; those of revenue, tax and
prepaid are negative: the money earned, the tax collected, and what guests paid before their stay.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Final, Literal, Protocol, TypedDict, Unpack

from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.domain.pricing.bill import Bill

CASH = "cash"
RECEIVABLE = "receivable"
REVENUE = "revenue"
TAX = "tax"
PREPAID = "prepaid"
WAIVED = "waived"
DEPOSITS = "deposits"
"""Deposits that are held: they belong to the guests."""

BEFORE = "before"
"""Money that another system received, before the booking was brought over."""

REFUNDED = "refunded"
"""What was paid back of what had been billed, without its tax: it lessens the revenue."""

GATEWAY_FEES = "gateway_fees"
"""What gateways keep of the payments that they bring."""

BANK = "bank"
"""The money that gateways have paid out to us."""

GATEWAY_ACCOUNTS: Final[Mapping[GatewayName, str]] = {"razorpay": "razorpay", "phonepe": "phonepe"}
"""For each gateway the account of the money that lies there until it is settled."""

EntryKind = Literal[
    "billed", "cash", "fee", "waived", "refunded", "brought_over", "captured", "settled",
]  # fmt: skip

RECEIVED: Final[Mapping[PaymentMethod, tuple[EntryKind, str]]] = {
    PaymentMethod.CASH: ("cash", CASH)
}
"""The kind of entry and the account for money received by each method that is available."""


@dataclass(frozen=True, slots=True)
class LedgerLine:
    """An amount in minor units that goes into an account (a debit, positive) or out of it (a
    credit, negative)."""

    account: str
    minor: int


class Billed(Protocol):
    """The booking an entry belongs to, and its site."""

    @property
    def booking_id(self) -> str: ...

    @property
    def site(self) -> str: ...


class Posting(TypedDict):
    """The id, the instant and the account (`actor`) of a posting."""

    entry_id: str
    at: datetime
    actor: str


@dataclass(frozen=True, slots=True)
class LedgerEntry:
    """All lines of one step, in one currency. Raises ValueError unless they add up to zero. A step
    that moves no money (a bill of zero) has no lines and need not be stored."""

    entry_id: str
    at: datetime
    site: str
    booking_id: str
    actor: str
    kind: EntryKind
    lines: tuple[LedgerLine, ...]
    currency: str

    def __post_init__(self) -> None:
        if sum(line.minor for line in self.lines) != 0:
            raise ValueError(f"the lines of {self.entry_id} do not add up to zero")


def exit_paid(
    booking: Billed, bill: Bill, method: PaymentMethod, **posting: Unpack[Posting]
) -> LedgerEntry:
    """Post a stay that is paid as it ends: what is due of `bill` is received by `method`."""
    kind, account = RECEIVED[method]
    lines = {account: bill.amount_due.minor, **_earned(bill)}
    return _entry(kind, booking, bill.currency, lines, **posting)


def left_due(booking: Billed, bill: Bill, **posting: Unpack[Posting]) -> LedgerEntry:
    """Post a stay that ends without a payment: what is due of `bill` is owed from now on."""
    lines = {RECEIVABLE: bill.amount_due.minor, **_earned(bill)}
    return _entry("billed", booking, bill.currency, lines, **posting)


def due_paid(
    booking: Billed,
    amount: Money,
    method: PaymentMethod,
    *,
    surplus: int = 0,
    **posting: Unpack[Posting],
) -> LedgerEntry:
    """Post a payment by `method` of what was owed. `surplus` is what is kept beyond the bill from
    now on, in minor units: a refund had failed meanwhile. Raises ValueError unless the amount is
    above zero."""
    kind, account = RECEIVED[method]
    lines = _settled(account, amount) | {PREPAID: -surplus, REFUNDED: surplus}
    return _entry(kind, booking, amount.currency, lines, **posting)


def waived(booking: Billed, amount: Money, **posting: Unpack[Posting]) -> LedgerEntry:
    """Post a waiver of what was owed. Raises ValueError unless it is above zero."""
    return _entry("waived", booking, amount.currency, _settled(WAIVED, amount), **posting)


def brought_over(
    booking: Billed, bill: Bill | None, paid: Money, **posting: Unpack[Posting]
) -> LedgerEntry:
    """Post what another system has billed and received: `paid` lies there, in no drawer of ours.
    What is due of `bill` is owed; what was paid beyond it, or without one, is prepaid."""
    zero = Money.zero(paid.currency)
    charged, due = (bill.charged, bill.amount_due) if bill else (zero, zero)
    lines = {
        BEFORE: paid.minor,
        RECEIVABLE: due.minor,
        PREPAID: -max(paid - charged, zero).minor,
        REVENUE: -charged.minor,
    }
    return _entry("brought_over", booking, paid.currency, lines, **posting)


@dataclass(frozen=True, slots=True)
class Moved:
    """What a step changes, in minor units: the money at each gateway, what gateways keep of it, and
    the cash in the drawer; of that, what pays a debt, and what is prepaid from now on. `billed` is
    a bill that the step makes, `untaxed` the tax in what goes back of one. `deposits` is what is
    held of a deposit from now on, `forfeited` what is kept of it for good, with its tax."""

    gateways: Mapping[GatewayName, int]
    fees: int = 0
    cash: int = 0
    settled: int = 0
    prepaid: int = 0
    billed: Bill | None = None
    untaxed: int = 0
    deposits: int = 0
    forfeited: int = 0
    forfeited_tax: int = 0

    @property
    def minor(self) -> int:
        """The money that came in; below zero what went out."""
        return sum(self.gateways.values()) + self.fees + self.cash

    @property
    def earned(self) -> int:
        """The charge of the bill, and what is kept of a deposit."""
        return self.forfeited + (0 if self.billed is None else self.billed.charged.minor)

    @property
    def tax(self) -> int:
        """The tax in both."""
        return self.forfeited_tax + (0 if self.billed is None else self.billed.tax_total.minor)

    @property
    def kind(self) -> EntryKind:
        """The kind of its entry."""
        if self.minor < 0:
            return "refunded"
        if self.cash > 0:
            return "cash"
        earns = self.forfeited or self.billed is not None
        return "billed" if earns and not self.minor else "captured"


def moved(booking: Billed, currency: str, money: Moved, **posting: Unpack[Posting]) -> LedgerEntry:
    """Post money that came in through a gateway, or went back, and what is kept of an advance. What
    pays no debt, earns nothing and was not prepaid is a refund of what had been billed."""
    back = money.settled + money.prepaid + money.deposits + money.earned - money.minor
    lines = {
        **{GATEWAY_ACCOUNTS[name]: minor for name, minor in money.gateways.items()},
        GATEWAY_FEES: money.fees,
        CASH: money.cash,
        RECEIVABLE: -money.settled,
        PREPAID: -money.prepaid,
        DEPOSITS: -money.deposits,
        REVENUE: money.tax - money.earned,
        TAX: money.untaxed - money.tax,
        REFUNDED: back - money.untaxed,
    }
    return _entry(money.kind, booking, currency, lines, **posting)


def settled(
    booking: Billed, gateway: GatewayName, net: Money, **posting: Unpack[Posting]
) -> LedgerEntry:
    """Post a row of a settlement: `net` has gone from the gateway to the bank; below zero what the
    gateway has taken back."""
    lines = {BANK: net.minor, GATEWAY_ACCOUNTS[gateway]: -net.minor}
    return _entry("settled", booking, net.currency, lines, **posting)


def balance(entries: Iterable[LedgerEntry], account: str) -> dict[str, Money]:
    """The balance of an account by currency; a currency without a line there is left out."""
    held: dict[str, Money] = {}
    for entry in entries:
        for line in entry.lines:
            if line.account == account:
                before = held.get(entry.currency, Money.zero(entry.currency))
                held[entry.currency] = before + Money(line.minor, entry.currency)
    return held


def _earned(bill: Bill) -> dict[str, int]:
    """The lines that a bill earns: the prepaid part is used up, the charge is revenue and tax."""
    used = bill.charged - bill.amount_due
    return {
        PREPAID: used.minor,
        REVENUE: (bill.tax_total - bill.charged).minor,
        TAX: -bill.tax_total.minor,
    }


def _settled(account: str, amount: Money) -> dict[str, int]:
    if amount.minor <= 0:
        raise ValueError("what was owed is settled by an amount above zero")
    return {account: amount.minor, RECEIVABLE: -amount.minor}


def _entry(
    kind: EntryKind,
    booking: Billed,
    currency: str,
    lines: dict[str, int],
    **posting: Unpack[Posting],
) -> LedgerEntry:
    return LedgerEntry(
        site=booking.site,
        booking_id=booking.booking_id,
        kind=kind,
        lines=tuple(LedgerLine(account, minor) for account, minor in lines.items() if minor),
        currency=currency,
        **posting,
    )
