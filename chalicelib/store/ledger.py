"""Ledger entries: appended, never changed."""

from __future__ import annotations

from dataclasses import astuple
from datetime import UTC, date, datetime
from typing import cast

from chalicelib.domain.ledger import Kind, LedgerEntry, Line
from chalicelib.store.retry import translated
from chalicelib.store.schema import LedgerItem


class Ledger:
    """Reads of the ledger."""

    def of_day(self, site: str, day: date) -> tuple[LedgerEntry, ...]:
        """A site's entries of one UTC day, in order."""
        with translated():
            return tuple(from_item(item) for item in LedgerItem.query(_partition(site, day)))


def item(entry: LedgerEntry) -> LedgerItem:
    return LedgerItem(
        _partition(entry.site, entry.at.date()),
        entry.entry_id,
        booking_id=entry.booking_id,
        at=int(entry.at.timestamp()),
        actor=entry.actor,
        kind=entry.kind,
        currency=entry.currency,
        shift_id=entry.shift_id,
        lines=[list(astuple(line)) for line in entry.lines],
    )


def from_item(item: LedgerItem) -> LedgerEntry:
    return LedgerEntry(
        entry_id=item.sk,
        at=datetime.fromtimestamp(int(item.at), UTC),
        site=item.pk.split("#")[0],
        booking_id=item.booking_id,
        actor=item.actor,
        kind=cast(Kind, item.kind),
        lines=tuple(Line(account, minor) for account, minor in item.lines),
        currency=item.currency,
        shift_id=item.shift_id,
    )


def _partition(site: str, day: date) -> str:
    return f"{site}#{day.isoformat()}"
