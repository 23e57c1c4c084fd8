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
    held = sums(entries)
    expected: dict[str, int] = {
        "received and not paid back": booking.kept,
        "prepaid": -booking.prepaid,
        "owed": _owed(booking),
        **dict(at_gateways(booking)),
    }
    found: dict[str, int] = {
        "received and not paid back": sum(held[account] for account in _MONEY),
        "prepaid": held[ledger.PREPAID],
        "owed": held[ledger.RECEIVABLE],
        **{name: held[account] for name, account in ledger.GATEWAY_ACCOUNTS.items()},
    }
    return tuple(_differences(expected, found))


_MONEY = (
    ledger.CASH,
    ledger.BEFORE,
    ledger.GATEWAY_FEES,
    *ledger.GATEWAY_ACCOUNTS.values(),
)
"""The accounts in which money lies that was received."""


def _owed(booking: Booking) -> int:
    if booking.payment_status != "due" or booking.bill is None:
        return 0
    return booking.bill.amount_due.minor


def sums(entries: Iterable[LedgerEntry]) -> Counter[str]:
    """The balance of each account, in minor units of the one currency of the entries."""
    held: Counter[str] = Counter()
    for entry in entries:
        for line in entry.lines:
            held[line.account] += line.minor
    return held


def at_gateways(booking: Booking) -> Mapping[str, int]:
    """The money of a booking that lies at each gateway, less what the gateway keeps."""
    held: dict[str, int] = dict.fromkeys(ledger.GATEWAY_ACCOUNTS, 0)
    for payment in booking.payments:
        held[payment.gateway] += payment.kept - payment.fees
    return held


def _differences(expected: Mapping[str, int], found: Mapping[str, int]) -> Iterator[str]:
    for name, minor in expected.items():
        if found[name] != minor:
            yield f"{name}: {minor} by the booking, {found[name]} by the ledger"
