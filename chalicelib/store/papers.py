"""Papers, under their booking and in their series: receipts, invoices, vouchers, credit notes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, datetime
from typing import Any, Final

from pynamodb.attributes import JSONAttribute

from chalicelib.domain.core import errors, serialize, unixtime
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.core.money import Money
from chalicelib.domain.pricing.taxing import TaxLine
from chalicelib.domain.receipts.paper import LETTERS, Draft, Paper, PaperLine, Papers, Party, Series
from chalicelib.store.dynamodb import transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import LedgerTable
from chalicelib.store.dynamodb.transaction import Write

_DIGITS: Final = 9
"""Digits of a place in a series, so that places sort as numbers."""


class PaperItem(LedgerTable):
    """A paper, twice: under its booking (`papers/<booking>`, kind and count) and in its series
    (`papers/<site>/<year>/<kind>`, place)."""

    at = IntegerAttribute()
    paper: JSONAttribute = JSONAttribute()


class PaperFile:
    """The papers of all sites."""

    def of_booking(self, booking_id: str) -> Papers:
        """The papers of a booking as they are now, in the order in which they were issued: one
        query."""
        with translated():
            found = PaperItem.query(f"papers/{booking_id}", consistent_read=True)
            return tuple(sorted((from_item(item) for item in found), key=_turn))

    def last(self, series: Series) -> Paper | None:
        """The last paper of a series as it is now: one query. None before the first."""
        with translated():
            found = PaperItem.query(
                _partition(series), scan_index_forward=False, limit=1, consistent_read=True
            )
            return next((from_item(item) for item in found), None)

    def find(self, series: Series, place: int) -> Paper | None:
        """The paper at a place of a series: one read. None for one that is not issued."""
        try:
            with translated():
                return from_item(PaperItem.get(_partition(series), _place(place)))
        except PaperItem.DoesNotExist:
            return None

    def of_series(self, series: Series, *, first: int, last: int, limit: int) -> Listing[Paper]:
        """A page of a series from a place on, up to the place `last`: one query."""
        with translated():
            found = PaperItem.query(
                _partition(series),
                PaperItem.sk.between(_place(first), _place(last)),
                limit=limit,
                page_size=limit,
            )
            papers = tuple(from_item(item) for item in found)
        more = len(papers) == limit and papers[-1].place < last
        return Listing(papers, str(papers[-1].place) if more else None)


def writes(paper: Paper) -> Iterator[Write]:
    """The paper in both places. Refused as StaleVersion where its number, or its count within the
    booking, is taken: the step starts again from its reads."""
    for keys in (_booking_key(paper), _series_key(paper)):
        yield transaction.create(_item(paper, keys), exists=errors.StaleVersion)


def _turn(paper: Paper) -> tuple[datetime, int, int]:
    """When a paper was issued; of one moment in the order of their kinds."""
    return paper.issued_at, tuple(LETTERS).index(paper.kind), paper.draft.ordinal


def _item(paper: Paper, keys: tuple[str, str]) -> PaperItem:
    return PaperItem(*keys, at=unixtime.of(paper.issued_at), paper=_pack(paper))


def _pack(paper: Paper) -> dict[str, Any]:
    """The paper without what has its default, and without its instant."""
    fields = serialize.fields(paper)
    draft = _stated(fields.pop("draft"))
    del fields["issued_at"], fields["version"]
    return _stated(fields | {"draft": draft, "issued_on": paper.issued_on.isoformat()})


def _stated(fields: dict[str, Any]) -> dict[str, Any]:
    return {name: value for name, value in fields.items() if value not in (None, "", [])}


def from_item(item: PaperItem) -> Paper:
    """The paper in an item."""
    stored = dict(item.paper)
    return Paper(
        **stored
        | {
            "draft": _draft(stored["draft"]),
            "seller": Party(**stored["seller"]),
            "issued_on": date.fromisoformat(stored["issued_on"]),
            "issued_at": unixtime.instant(item.at),
        }
    )


def _draft(stored: dict[str, Any]) -> Draft:
    draft = Draft(**stored | {"total": Money(**stored["total"])})
    taxes = (
        TaxLine(**line | {"amount": Money(**line["amount"])}) for line in stored.get("tax", ())
    )
    return replace(
        draft,
        lines=tuple(PaperLine(**line) for line in stored["lines"]),
        tax=tuple(taxes),
        buyer=None if "buyer" not in stored else Party(**stored["buyer"]),
    )


def _booking_key(paper: Paper) -> tuple[str, str]:
    return f"papers/{paper.booking_id}", f"{paper.kind}/{paper.draft.ordinal:03}"


def _series_key(paper: Paper) -> tuple[str, str]:
    return _partition(paper.series), _place(paper.place)


def _partition(series: Series) -> str:
    return f"papers/{series.site}/{series.year}/{series.kind}"


def _place(place: int) -> str:
    return str(place).zfill(_DIGITS)
