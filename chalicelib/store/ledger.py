"""Ledger entries: appended, never changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import astuple
from datetime import date, timedelta
from typing import Final, cast

from pynamodb.attributes import JSONAttribute, UnicodeAttribute

from chalicelib.domain.core import ids, unixtime
from chalicelib.domain.core.interval import Interval, utc_days
from chalicelib.domain.payments.ledger import EntryKind, LedgerEntry, LedgerLine
from chalicelib.store.dynamodb import transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import LedgerTable
from chalicelib.store.dynamodb.transaction import Write

LATE: Final = timedelta(minutes=1)
"""An entry's id is made after its instant, in the same request: later by less than this."""


class LedgerItem(LedgerTable):
    """One entry (`<site>#<UTC day>`, its id): all amounts of one step."""

    booking_id = UnicodeAttribute()
    at = IntegerAttribute()
    actor = UnicodeAttribute()
    kind = UnicodeAttribute()
    currency = UnicodeAttribute()
    lines: JSONAttribute = JSONAttribute()


class Ledger:
    """The ledger entries of all sites."""

    def of_day(self, site: str, day: date) -> tuple[LedgerEntry, ...]:
        """A site's entries of one UTC day, in order: one query."""
        with translated():
            found = LedgerItem.query(_partition(site, day), consistent_read=True)
            return tuple(from_item(item) for item in found)

    def during(self, site: str, span: Interval) -> tuple[LedgerEntry, ...]:
        """A site's entries of an interval: one query per UTC day."""
        return tuple(
            entry
            for day in utc_days(span)
            for entry in self.of_day(site, day)
            if span.start <= entry.at < span.end
        )

    def posted_by(self, site: str, actor: str, during: Interval) -> tuple[LedgerEntry, ...]:
        """The entries that an actor posted at a site during an interval, and some of the minute
        after it: one query per UTC day, of the site's entries from the start on."""
        first, last = ids.earliest("LE", during.start), ids.earliest("LE", during.end + LATE)
        with translated():
            return tuple(
                from_item(item)
                for day in utc_days(during)
                for item in LedgerItem.query(
                    _partition(site, day),
                    LedgerItem.sk.between(first, last),
                    filter_condition=LedgerItem.actor == actor,
                    consistent_read=True,
                )
            )


def writes(entry: LedgerEntry) -> Iterator[Write]:
    """The entry, refused where it exists already."""
    yield transaction.create(to_item(entry))


def to_item(entry: LedgerEntry) -> LedgerItem:
    """The item of an entry."""
    return LedgerItem(
        _partition(entry.site, entry.at.date()),
        entry.entry_id,
        booking_id=entry.booking_id,
        at=unixtime.of(entry.at),
        actor=entry.actor,
        kind=entry.kind,
        currency=entry.currency,
        lines=[list(astuple(line)) for line in entry.lines],
    )


def from_item(item: LedgerItem) -> LedgerEntry:
    """The entry in an item."""
    return LedgerEntry(
        entry_id=item.sk,
        at=unixtime.instant(item.at),
        site=item.pk.split("#")[0],
        booking_id=item.booking_id,
        actor=item.actor,
        kind=cast(EntryKind, item.kind),
        lines=tuple(LedgerLine(account, minor) for account, minor in item.lines),
        currency=item.currency,
    )


def _partition(site: str, day: date) -> str:
    return f"{site}#{day.isoformat()}"
