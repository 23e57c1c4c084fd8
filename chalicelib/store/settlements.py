"""Rows that gateways have settled, each kept once, and the days that were compared."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import date
from typing import Final

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.core import unixtime
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.payments.settlement import ComparedDay, Settled
from chalicelib.store.dynamodb import transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import LedgerTable
from chalicelib.store.dynamodb.transaction import Write

SORT_KEY: Final = "settled"


class SettledItem(LedgerTable):
    """A row (`settled/<gateway>/<the gateway's id>`, `settled`) whose money was moved."""

    booking_id = UnicodeAttribute()
    net = IntegerAttribute()
    at = IntegerAttribute()


class ComparedItem(LedgerTable):
    """A day whose rows were compared (`settlements/<gateway>`, the date)."""

    rows = IntegerAttribute()


class Settlements:
    """The settlements of all gateways."""

    def last(self, gateway: GatewayName) -> date | None:
        """The last day that was compared; None before the first one: one query."""
        with translated():
            found = ComparedItem.query(
                _partition(gateway), scan_index_forward=False, limit=1, page_size=1
            )
            return next((date.fromisoformat(item.sk) for item in found), None)

    def known(self, names: Iterable[tuple[GatewayName, str]]) -> frozenset[str]:
        """Which of the gateway's ids were settled: one batch read for each hundred."""
        keys = [(_key(*name), SORT_KEY) for name in dict.fromkeys(names)]
        if not keys:
            return frozenset()
        with translated():
            found = SettledItem.batch_get(keys, consistent_read=True)
            return frozenset(item.pk.split("/", 2)[2] for item in found)


def writes(row: Settled) -> Iterator[Write]:
    """The row, refused as AlreadyExists where its money was moved before."""
    yield transaction.create(
        SettledItem(
            _key(row.gateway, row.gateway_id),
            SORT_KEY,
            booking_id=row.booking_id,
            net=row.net,
            at=unixtime.of(row.at),
        )
    )


def day_writes(day: ComparedDay) -> Iterator[Write]:
    """The day. One that is compared again is the same."""
    yield Write("put", ComparedItem(_partition(day.gateway), day.on.isoformat(), rows=day.rows))


def _key(gateway: GatewayName, gateway_id: str) -> str:
    return f"settled/{gateway}/{gateway_id}"


def _partition(gateway: GatewayName) -> str:
    return f"settlements/{gateway}"
