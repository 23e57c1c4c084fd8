"""What a request to moto's DynamoDB names: its tables, and the items it writes."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType, Item
from moto.dynamodb.models.table import Table

Params = Mapping[str, Any]

_SINGLE = {"PutItem": "Put", "UpdateItem": "Update", "DeleteItem": "Delete"}
_BATCHED = {"PutRequest": "Put", "DeleteRequest": "Delete"}


@dataclass(frozen=True)
class Write:
    """One write of a request. `action` is Put, Update, Delete or ConditionCheck."""

    action: str
    table: Table
    key: Params

    @property
    def item(self) -> Item | None:
        """The item under the key now."""
        return item_under(self.table, self.key)


def keys_of(table: Table, key: Params) -> tuple[DynamoType, DynamoType | None]:
    """`key` as moto's hash key and range key; a table may have no range key."""
    name = table.range_key_attr
    return DynamoType(key[table.hash_key_attr]), DynamoType(key[name]) if name else None


def item_under(table: Table, key: Params) -> Item | None:
    """The item of `table` under `key`."""
    return table.get_item(*keys_of(table, key))


def tables_named(params: Params) -> set[str]:
    """The names of the tables a request is about."""
    if "TransactItems" in params:
        return {one["TableName"] for item in params["TransactItems"] for one in item.values()}
    return set(params["RequestItems"] if "RequestItems" in params else [params["TableName"]])


def writes(operation: str, params: Params, tables: Mapping[str, Table]) -> list[Write]:
    """The writes of a request to one of `tables` that name a whole key."""
    found = []
    for action, name, write in _asked(operation, params):
        key = write.get("Key") or write.get("Item") or {}
        table = tables.get(name)
        if table is not None and all(part in key for part in table.table_key_attrs):
            found.append(Write(action, table, {part: key[part] for part in table.table_key_attrs}))
    return found


def _asked(operation: str, params: Params) -> Iterator[tuple[str, str, Params]]:
    """Action, table name and body of each write."""
    if operation in _SINGLE:
        yield _SINGLE[operation], params["TableName"], params
    elif operation == "TransactWriteItems":
        for item in params["TransactItems"]:
            for action, write in item.items():
                yield action, write.get("TableName", ""), write
    elif operation == "BatchWriteItem":
        for name, requests in params["RequestItems"].items():
            for request in requests:
                for action, write in request.items():
                    yield _BATCHED[action], name, write
