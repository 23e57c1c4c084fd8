"""Meters the embedded DynamoDB: moto's own ConsumedCapacity is a constant."""

from __future__ import annotations

import json
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.dynamodb.responses import DynamoHandler

from local import moto_fixes
from local.metering import DATA_OPERATIONS, Charge, Meter
from local.units import (
    Item,
    TableShape,
    item_bytes,
    read_units,
    refused_write_units,
    shape_of,
    write_units,
)


@dataclass(frozen=True)
class _Write:
    """One write of a request, and what stood there before it."""

    table: Table
    key: Mapping[str, Any]
    before: Item | None

    @property
    def after(self) -> Item | None:
        return _stored(self.table, self.key)


class MotoMeter:
    """An observer of `moto_fixes` that reports each request for one of `tables` to a Meter."""

    def __init__(self, meter: Meter, tables: Collection[str]) -> None:
        self._meter = meter
        self._tables = frozenset(tables)

    def __call__(self, handler: DynamoHandler, call: moto_fixes.Call) -> Any:
        operation, params = handler._get_action(), dict(getattr(handler, "params", {}))
        if operation not in DATA_OPERATIONS or not self._tables & _named(params):
            return call()
        tables: dict[str, Table] = handler.dynamodb_backend.tables
        writes = [
            _Write(tables[name], key, _stored(tables[name], key))
            for name, key in _keys_written(operation, params, tables)
        ]
        answer = call()
        done = answer[0] == 200
        charges = _charges(writes, done=done, transactional=operation.startswith("Transact"))
        if done and not writes:
            charges = list(_reads(operation, params, tables, answer[2]))
        self._meter.add(operation, charges)
        return answer


def _named(params: dict[str, Any]) -> set[str]:
    """The tables a request is about."""
    if "TransactItems" in params:
        return {one["TableName"] for item in params["TransactItems"] for one in item.values()}
    return set(params["RequestItems"] if "RequestItems" in params else [params["TableName"]])


def _charges(writes: list[_Write], *, done: bool, transactional: bool) -> list[Charge]:
    charges = []
    for write in writes:
        if done:
            units = write_units(write.before, write.after, _shape(write.table), transactional)
        else:
            units = refused_write_units(write.before, transactional)
        charges.append(Charge(write.table.name, writes=units))
    return charges


def _keys_written(
    operation: str, params: dict[str, Any], tables: dict[str, Table]
) -> Iterator[tuple[str, dict[str, Any]]]:
    for name, write in _writes(operation, params):
        key = write.get("Key") or write.get("Item") or {}
        table = tables.get(name)
        if table is not None and all(part in key for part in table.table_key_attrs):
            yield name, {part: key[part] for part in table.table_key_attrs}


def _writes(operation: str, params: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    if operation in ("PutItem", "UpdateItem", "DeleteItem"):
        yield params["TableName"], params
    elif operation == "TransactWriteItems":
        for item in params["TransactItems"]:
            for write in item.values():
                yield write["TableName"], write
    elif operation == "BatchWriteItem":
        for name, requests in params["RequestItems"].items():
            for request in requests:
                yield name, next(iter(request.values()))


def _reads(
    operation: str, params: dict[str, Any], tables: dict[str, Table], body: Any
) -> Iterator[Charge]:
    if operation == "Query":
        yield _page(params, moto_fixes.last_query_bytes())
    elif operation == "Scan":  # counted by what it answers with, so a filter hides a part
        yield _page(params, sum(item_bytes(item) for item in json.loads(body)["Items"]))
    else:
        for name, key, weight in _keys_read(operation, params):
            size = item_bytes(_stored(tables[name], key))
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


def _stored(table: Table, key: Mapping[str, Any]) -> Item | None:
    hash_key = DynamoType(key[table.hash_key_attr])
    range_key = DynamoType(key[table.range_key_attr]) if table.range_key_attr else None
    return moto_fixes.plain(table.get_item(hash_key, range_key))


def _shape(table: Table) -> TableShape:
    return shape_of(
        {
            "TableName": table.name,
            "KeySchema": table.schema,
            "GlobalSecondaryIndexes": [index.describe() for index in table.global_indexes],
        }
    )
