"""The books of a site: whether its ledger agrees with its bookings, its gateways and its drawers
(docs/decisions/books.md)."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date, datetime
from typing import Final

from chalicelib.domain.bookings import books
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import ids
from chalicelib.domain.operations.shift import Report
from chalicelib.domain.payments import ledger
from chalicelib.domain.payments.ledger import EntryKind, LedgerEntry
from chalicelib.domain.payments.review import Difference

AT_GATEWAYS: Final[frozenset[EntryKind]] = frozenset({"captured", "refunded", "settled"})
"""The kinds of entries that may move money at a gateway."""

Sums = Mapping[str, Mapping[str, int]]
"""By currency, for each account what was moved, in minor units."""


@dataclass(frozen=True)
class DayBooks:
    """The proof of a site's books for a local day, made at `proved_at`: the sums of the day's
    entries, how many there were, and how many differences were found."""

    site: str
    on: date
    proved_at: datetime
    sums: Sums
    entries: int
    differences: int
    version: int = 1


def sums(entries: Iterable[LedgerEntry]) -> Sums:
    """What entries moved. In each currency it adds up to zero."""
    found: defaultdict[str, defaultdict[str, int]] = defaultdict(lambda: defaultdict(int))
    for entry in entries:
        for line in entry.lines:
            found[entry.currency][line.account] += line.minor
    return {currency: dict(accounts) for currency, accounts in found.items()}


def faults_of_site(
    site: str,
    bookings: Iterable[Booking],
    entries: Iterable[LedgerEntry],
    drawers: Iterable[Report] = (),
) -> tuple[Difference, ...]:
    """What does not agree in the books of a site: `entries` are all those of the `bookings`, and
    maybe others; `drawers` are the reports of shifts."""
    entries = tuple(entries)
    return (
        *_of_entries(site, entries),
        *_of_bookings(bookings, entries),
        *(each for drawer in drawers for each in _of_drawer(drawer)),
    )


def _of_entries(site: str, entries: Iterable[LedgerEntry]) -> Iterator[Difference]:
    """Entries of another site, and gateway money that moved in another way than through it."""
    for entry in entries:
        if entry.site != site:
            yield Difference(entry.entry_id, f"an entry of {entry.site}", entry.booking_id)
        for name, account in ledger.GATEWAY_ACCOUNTS.items():
            if entry.kind not in AT_GATEWAYS and _moves(entry, account):
                reason = f"an entry of the kind {entry.kind} moves money at {name}"
                yield Difference(entry.entry_id, reason, entry.booking_id, name)
        if entry.kind != "settled" and _moves(entry, ledger.BANK):
            reason = f"an entry of the kind {entry.kind} moves money at the bank"
            yield Difference(entry.entry_id, reason, entry.booking_id)


def _moves(entry: LedgerEntry, account: str) -> bool:
    return any(line.account == account for line in entry.lines)


def _of_bookings(
    bookings: Iterable[Booking], entries: Iterable[LedgerEntry]
) -> Iterator[Difference]:
    own: defaultdict[str, list[LedgerEntry]] = defaultdict(list)
    for entry in entries:
        own[entry.booking_id].append(entry)
    known = {each.booking_id: each for each in bookings}
    for booking_id in own.keys() - known.keys():
        if ids.booking_key(booking_id) is not None:
            yield Difference(booking_id, "the ledger has money of a booking that does not exist")
    for booking_id, booking in known.items():
        for reason in books.faults_of(booking, own[booking_id]):
            yield Difference(booking_id, reason, booking_id, at=booking.created_at)


def _of_drawer(report: Report) -> Iterator[Difference]:
    difference, shift = report.difference, report.shift
    if difference:
        amount = f"{difference.text()} {difference.currency}"
        reason = f"the cash counted less the cash expected is {amount}"
        yield Difference(shift.shift_id, reason, at=shift.closed_at)
