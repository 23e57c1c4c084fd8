"""Meters the embedded DynamoDB: moto's own ConsumedCapacity is a constant."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass
from typing import Any

from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

from local import moto_fixes, moto_requests
from local.capacity_units import (
    Item,
    TableShape,
    item_bytes,
    read_units,
    refused_write_units,
    shape_of,
    write_units,
)
from local.metering import DATA_OPERATIONS, Charge, Meter
from local.moto_requests import item_under, tables_named


@dataclass(frozen=True)
class _Measured:
    """A write, and the item under its key before it."""

    write: moto_requests.Write
    before: Item | None

    @property
    def after(self) -> Item | None:
        return moto_fixes.plain(self.write.item)


class MotoMeter:
    """An observer of `moto_fixes` that reports each request for one of `tables` to a Meter."""

    def __init__(self, meter: Meter, tables: Collection[str]) -> None:
        self._meter = meter
        self._tables = frozenset(tables)

    def __call__(self, handler: DynamoHandler, call: moto_fixes.Call) -> Any:
        operation, params = handler._get_action(), dict(getattr(handler, "params", {}))
        if operation not in DATA_OPERATIONS or not self._tables & tables_named(params):
            return call()
        tables: dict[str, Table] = handler.dynamodb_backend.tables
        writes = [
            _Measured(write, moto_fixes.plain(write.item))
            for write in moto_requests.writes(operation, params, tables)
        ]
        answer = call()
        done = answer[0] == 200
        charges = _charges(writes, done=done, transactional=operation.startswith("Transact"))
        if done and not writes:
            charges = list(_reads(operation, params, tables, answer[2]))
        self._meter.add(operation, charges)
        return answer


def _charges(writes: list[_Measured], *, done: bool, transactional: bool) -> list[Charge]:
    charges = []
    for each in writes:
        table = each.write.table
        if done:
            units = write_units(each.before, each.after, _shape(table), transactional)
        else:
            units = refused_write_units(each.before, transactional)
        charges.append(Charge(table.name, writes=units))
    return charges


def _reads(
    operation: str, params: dict[str, Any], tables: dict[str, Table], body: Any
) -> Iterator[Charge]:
    if operation == "Query":
        yield _page(params, moto_fixes.last_query_bytes())
    elif operation == "Scan":  # counted by what it answers with, so a filter hides a part
        yield _page(params, sum(item_bytes(item) for item in json.loads(body)["Items"]))
    else:
        for name, key, weight in _keys_read(operation, params):
            size = item_bytes(moto_fixes.plain(item_under(tables[name], key)))
            yield Charge(name, reads=read_units([size]) * weight)


def _page(params: dict[str, Any], size: int) -> Charge:
    consistent = bool(params.get("ConsistentRead"))
    return Charge(params["TableName"], reads=read_units([size], consistent=consistent, summed=True))


def _keys_read(operation: str, params: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any], int]]:
    """Table, key, and how many times an eventually consistent read it costs."""
    if operation == "GetItem":
        yield params["TableName"], params["Key"], 2 if params.get("ConsistentRead") else 1
    elif operation == "TransactGetItems":
        for item in params["TransactItems"]:
            yield item["Get"]["TableName"], item["Get"]["Key"], 4
    elif operation == "BatchGetItem":
        for name, request in params["RequestItems"].items():
            for key in request["Keys"]:
                yield name, key, 2 if request.get("ConsistentRead") else 1


def _shape(table: Table) -> TableShape:
    return shape_of(
        {
            "TableName": table.name,
            "KeySchema": table.schema,
            "GlobalSecondaryIndexes": [index.describe() for index in table.global_indexes],
        }
    )
