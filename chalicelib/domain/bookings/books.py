"""Whether the books agree: what a booking says of its money, its ledger entries, and what lies at
the gateways (docs/rules/billing.md, The ledger)."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Iterator, Mapping

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.payments import ledger
from chalicelib.domain.payments.ledger import LedgerEntry


def faults_of(booking: Booking, entries: Iterable[LedgerEntry]) -> tuple[str, ...]:
    """What of all ledger entries of a booking does not agree with it, in words for staff; nothing
    where they agree."""
    entries = tuple(entries)
    held = sums(entries)
    brought = sums(entry for entry in entries if entry.kind != "settled")
    charged, taxed = _billed(booking)
    deposit = booking.deposit
    expected: dict[str, int] = {
        "received and not paid back": booking.kept + deposit.kept + booking.deposit_held,
        "prepaid": -booking.prepaid,
        "held as deposit": -booking.deposit_held,
        "owed": booking.amount_owed.minor,
        "waived": _waived(booking),
        "earned": taxed - charged + deposit.tax - deposit.kept,
        "tax": tax_back(booking) - taxed - deposit.tax,
        "paid back of the bill": _back(booking) - tax_back(booking),
        **dict(at_gateways(booking)),
    }
    found: dict[str, int] = {
        "received and not paid back": sum(held[account] for account in _MONEY),
        "prepaid": held[ledger.PREPAID],
        "held as deposit": held[ledger.DEPOSITS],
        "owed": held[ledger.RECEIVABLE],
        "waived": held[ledger.WAIVED],
        "earned": held[ledger.REVENUE],
        "tax": held[ledger.TAX],
        "paid back of the bill": held[ledger.REFUNDED],
        **{name: brought[account] for name, account in ledger.GATEWAY_ACCOUNTS.items()},
    }
    return tuple(_differences(expected, found))


_MONEY = (
    ledger.BANK,
    ledger.CASH,
    ledger.BEFORE,
    ledger.GATEWAY_FEES,
    *ledger.GATEWAY_ACCOUNTS.values(),
)
"""The accounts in which money lies that was received."""


def _waived(booking: Booking) -> int:
    if booking.bill is None or all(entry.what != "waived" for entry in booking.timeline):
        return 0
    return booking.bill.amount_due.minor


def _billed(booking: Booking) -> tuple[int, int]:
    """The charge of its bill, and the tax in it."""
    bill = booking.bill
    return (0, 0) if bill is None else (bill.charged.minor, bill.tax_total.minor)


def _back(booking: Booking) -> int:
    """What was paid back of the bill. Below zero where a refund failed after the bill was made:
    more is kept than the bill knew of."""
    charged, _ = _billed(booking)
    settled = charged - booking.amount_owed.minor - _waived(booking)
    return settled - min(booking.kept, charged)


def tax_back(booking: Booking) -> int:
    """The tax in what was paid back of the bill, in minor units: of all of it, all of the tax."""
    charged, taxed = _billed(booking)
    back = max(_back(booking), 0)
    return (2 * taxed * back + charged) // (2 * charged) if charged else 0


def sums(entries: Iterable[LedgerEntry]) -> Counter[str]:
    """The balance of each account, in minor units of the one currency of the entries."""
    held: Counter[str] = Counter()
    for entry in entries:
        for line in entry.lines:
            held[line.account] += line.minor
    return held


def at_gateways(booking: Booking) -> Mapping[str, int]:
    """The money of a booking that each gateway has brought, less what the gateway keeps: it lies
    there or was settled."""
    held: dict[str, int] = dict.fromkeys(ledger.GATEWAY_ACCOUNTS, 0)
    for payment in booking.payments:
        held[payment.gateway] += payment.kept - payment.fees
    return held


def _differences(expected: Mapping[str, int], found: Mapping[str, int]) -> Iterator[str]:
    for name, minor in expected.items():
        if found[name] != minor:
            yield f"{name}: {minor} by the booking, {found[name]} by the ledger"
