"""The proofs of the books of each site, a day an item."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from pynamodb.attributes import JSONAttribute

from chalicelib.domain.core import unixtime
from chalicelib.domain.operations.day_books import DayBooks
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import LedgerTable
from chalicelib.store.dynamodb.transaction import Write


class DayItem(LedgerTable):
    """The proof of a local day (`days/<site>`, the date): the sums of its entries."""

    proved = IntegerAttribute()
    sums: JSONAttribute = JSONAttribute()
    entries = IntegerAttribute()
    differences = IntegerAttribute()


class DaysOfBooks:
    """The days that were proved, of all sites."""

    def last(self, site: str) -> DayBooks | None:
        """The last day of a site that was proved; None before the first one: one query."""
        with translated():
            found = DayItem.query(_partition(site), scan_index_forward=False, limit=1, page_size=1)
            return next((_record(item) for item in found), None)


def writes(day: DayBooks) -> Iterator[Write]:
    """The proof of a day. One that is made at the same time says the same."""
    yield Write(
        "put",
        DayItem(
            _partition(day.site),
            day.on.isoformat(),
            proved=unixtime.of(day.proved_at),
            sums=day.sums,
            entries=day.entries,
            differences=day.differences,
        ),
    )


def _record(item: DayItem) -> DayBooks:
    return DayBooks(
        item.pk.removeprefix("days/"),
        date.fromisoformat(item.sk),
        unixtime.instant(item.proved),
        item.sums,
        item.entries,
        item.differences,
    )


def _partition(site: str) -> str:
    return f"days/{site}"
