"""Stays that time has ended, by site and actual end: appended, never changed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.core import unixtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.stays.auto_checkout import AutoCheckout
from chalicelib.store.dynamodb import transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import BookingsTable
from chalicelib.store.dynamodb.transaction import Write

_SECOND: Final = timedelta(seconds=1)


class AutoCheckoutItem(BookingsTable):
    """One stay of a site that time has ended (`auto#<site>`, `ended#<epoch second>#<booking>`)."""

    since = IntegerAttribute()


def count(site: str, during: Interval) -> int:
    """How many stays of a site time ended in an interval: one query."""
    first, last = _key(during.start), _key(during.end - _SECOND, "~")
    with translated():
        return AutoCheckoutItem.count(
            _partition(site), AutoCheckoutItem.sk.between(first, last), consistent_read=True
        )


def latest(site: str, *, limit: int) -> tuple[AutoCheckout, ...]:
    """The stays of a site that time ended last, by their actual end: one query."""
    with translated():
        found = AutoCheckoutItem.query(
            _partition(site),
            scan_index_forward=False,
            limit=limit,
            page_size=limit,
            consistent_read=True,
        )
        return tuple(_from_item(item, site) for item in found)


def writes(record: AutoCheckout) -> Iterator[Write]:
    """The record, refused where the stay has one already."""
    key = _partition(record.site), _key(record.ended_at, record.booking_id)
    yield transaction.create(AutoCheckoutItem(*key, since=unixtime.of(record.started_at)))


def _from_item(item: AutoCheckoutItem, site: str) -> AutoCheckout:
    _, ended, booking_id = item.sk.split("#")
    return AutoCheckout(
        site, booking_id, unixtime.instant(item.since), unixtime.instant(int(ended))
    )


def _partition(site: str) -> str:
    return f"auto#{site}"


def _key(at: datetime, booking_id: str = "") -> str:
    """Sorts by the instant: ten digits last until 2286."""
    return f"ended#{unixtime.of(at):010}#{booking_id}"
