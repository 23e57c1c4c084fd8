"""Makes moto 5.2.5's DynamoDB atomic and fast, as the real one is.

As it comes, moto oversells under threads (even a single conditional update), leaves half of an
update that it refuses, copies whole tables for each item of a transaction, restores them on
rollback and so loses unrelated writes, forgets ClientRequestToken, walks the whole table for each
query, weighs an item anew with each of its attributes, parses each condition three times, asks the
service model about every value it answers with, and remembers every item it ever made and every key
it was ever asked for. Here one lock surrounds every call, an update is whole or undone, a
transaction remembers only the items it touches, a repeated token answers as the first time, a query
walks its own partition, a full page names its end, an item is weighed when it is whole, a condition
is parsed once, answers are written as they are, an item that is gone is gone, and a key that was
only asked for leaves nothing.
"""

from __future__ import annotations

import copy
import json
import threading
from collections import OrderedDict
from collections.abc import Callable
from functools import lru_cache, partial
from typing import Any

from moto.core.responses import ActionResult
from moto.dynamodb import comparisons
from moto.dynamodb import models as dynamodb_models
from moto.dynamodb.exceptions import ItemSizeTooLarge
from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models import table as table_models
from moto.dynamodb.models.dynamo_type import DynamoType, Item, LimitedSizeDict
from moto.dynamodb.models.table import StreamRecord, Table
from moto.dynamodb.models.utilities import dynamo_json_dump
from moto.dynamodb.responses import DynamoHandler

from local import moto_requests
from local.capacity_units import item_bytes
from local.metering import DATA_OPERATIONS
from local.moto_requests import Write
from local.moto_undo import Undo

Call = Callable[[], Any]
Observer = Callable[[DynamoHandler, Call], Any]

LOCK = threading.RLock()
"""Held during every call of DynamoDB. Take it to read moto's tables directly."""

_TOKENS_KEPT = 1000
_LARGEST_ITEM = 405_000
"""Bytes: where moto draws the line, too."""
_tokens: OrderedDict[str, tuple[str, Any]] = OrderedDict()
_observers: list[Observer] = []
_narrowed: list[list[Item]] = []
_last_read: list[Item] = []
_installed = False

_call_action = DynamoHandler.call_action
_transact = DynamoDBBackend.transact_write_items
_update = DynamoDBBackend.update_item
_serialized = DynamoHandler.serialized
_query = Table.query
_get_item = Table.get_item
_all_items = Table.all_items
_get_filter_expression = comparisons.get_filter_expression


def install() -> None:
    """Put the corrected functions in place, once for the whole process."""
    global _installed
    if _installed:
        return
    _installed = True
    _replace(DynamoHandler, "call_action", _locked_call)
    _replace(DynamoDBBackend, "transact_write_items", _transact_in_place)
    _replace(DynamoDBBackend, "update_item", _update_whole)
    _replace(dynamodb_models, "copy", _CopyEverythingButTables())
    _replace(DynamoHandler, "serialized", _serialized_fast)
    _replace(Table, "query", _measured_query)
    _replace(Table, "get_item", _got)
    _replace(Table, "all_items", _items_in_question)
    _replace(Item, "__init__", _weighed_once)
    for model in (Item, StreamRecord):
        _replace(model, "__new__", _forgettable)
    for module in (dynamodb_models, table_models):
        _replace(module, "get_filter_expression", _parsed_once)


def observe(observer: Observer) -> None:
    """Put `observer` between callers and DynamoDB, outside those already there. It is called
    under LOCK."""
    _observers.append(observer)


def ignore(observer: Observer) -> None:
    """Take `observer` away again."""
    _observers.remove(observer)


def forget_tokens() -> None:
    """Forget which transactions were seen."""
    with LOCK:
        _tokens.clear()


def last_query_bytes() -> int:
    """The bytes of the entries the last query read, before its filter and projection."""
    return sum(item_bytes(plain(item)) for item in _last_read)


def plain(item: Item | None) -> dict[str, dict[str, Any]] | None:
    """A copy of moto's item in DynamoDB's notation."""
    if item is None:
        return None
    return {name: value.to_regular_json() for name, value in item.attrs.items()}


def stored(hash_key: DynamoType, range_key: DynamoType, attrs: dict[str, Any]) -> Item:
    """moto's item of attributes that were stored before, and weighed then."""
    item: Item = _forgettable(Item)
    _fill(item, hash_key, range_key, attrs)
    return item


def _replace(owner: Any, name: str, value: Any) -> None:
    setattr(owner, name, value)


def _locked_call(handler: DynamoHandler) -> Any:
    with LOCK:
        if handler._get_action() == "TransactWriteItems":
            return _once_a_token(handler)
        return _observed(handler)


def _observed(handler: DynamoHandler) -> Any:
    call: Call = partial(_call_action, handler)
    for observer in _observers:
        call = partial(observer, handler, call)
    return call()


def _once_a_token(handler: DynamoHandler) -> Any:
    params: dict[str, Any] = getattr(handler, "params", {})
    token, items = params.get("ClientRequestToken", ""), repr(params.get("TransactItems"))
    known = _tokens.get(token)
    if known and known[0] == items:
        return known[1]
    answer = _observed(handler)
    if token and answer[0] == 200:
        _tokens[token] = items, answer
        if len(_tokens) > _TOKENS_KEPT:
            _tokens.popitem(last=False)
    return answer


def _serialized_fast(handler: DynamoHandler, result: ActionResult) -> Any:
    value = result.result
    if handler._get_action() not in DATA_OPERATIONS or not isinstance(value, dict):
        return _serialized(handler, result)
    headers = {"Content-Type": "application/x-amz-json-1.0", **handler.response_headers}
    shown = {name: part for name, part in value.items() if part is not None}
    return 200, headers, dynamo_json_dump(shown)


class _CopyEverythingButTables:
    """Stands for the module `copy` inside moto's models."""

    def __getattr__(self, name: str) -> Any:
        return getattr(copy, name)

    @staticmethod
    def deepcopy(value: Any, memo: dict[int, Any] | None = None) -> Any:
        return value if isinstance(value, Table) else copy.deepcopy(value, memo)


def _transact_in_place(backend: DynamoDBBackend, transact_items: list[dict[str, Any]]) -> None:
    params = {"TransactItems": transact_items}
    undo = Undo(backend, moto_requests.writes("TransactWriteItems", params, backend.tables))
    try:
        _transact(backend, transact_items)
    except BaseException:
        undo()
        raise


def _update_whole(
    backend: DynamoDBBackend, table_name: str, key: dict[str, Any], **facts: Any
) -> Item:
    table = backend.tables.get(table_name)
    undo = Undo(backend, [Write("Update", table, key)] if table else [])
    try:
        return _update(backend, table_name, key, **facts)
    except BaseException:
        undo()
        raise


def _got(table: Table, hash_key: DynamoType, *others: Any, **named: Any) -> Item | None:
    """moto's get, which makes an empty partition for each key that has none."""
    if hash_key not in table.items:
        return None
    return _get_item(table, hash_key, *others, **named)


def _measured_query(
    table: Table,
    hash_key: DynamoType | None,
    range_comparison: str | None,
    range_objs: list[DynamoType],
    limit: int,
    exclusive_start_key: dict[str, Any],
    scan_index_forward: bool,
    projection_expressions: list[list[str]] | None,
    index_name: str | None = None,
    consistent_read: bool = False,
    filter_expression: Any = None,
    **conditions: Any,
) -> tuple[list[Item], int, dict[str, Any] | None]:
    global _last_read
    _narrowed.append(_candidates(table, hash_key, index_name, conditions))
    try:
        found, scanned, last = _query(
            table,
            hash_key,
            range_comparison,
            range_objs,
            limit,
            exclusive_start_key,
            scan_index_forward,
            None,
            index_name,
            consistent_read,
            None,
            **conditions,
        )
    finally:
        _narrowed.pop()
    if found and scanned == limit:  # a full page always names its end, even where nothing follows
        last = table._get_last_evaluated_key(found[-1], index_name)
    _last_read = found
    if filter_expression is not None:
        found = [item for item in found if filter_expression.expr(item)]
    if projection_expressions:
        found = [item.project(projection_expressions) for item in found]
    return found, scanned, last


def _candidates(
    table: Table, hash_key: DynamoType | None, index_name: str | None, conditions: dict[str, Any]
) -> list[Item]:
    if index_name:
        wanted = [(name, value.value) for name, value in conditions["hash_key_conditions"]]
        return [item for item in _unsorted(table) if _bears(item, wanted)]
    if hash_key not in table.items:
        return []
    partition: Any = table.items[hash_key]
    return list(partition.values()) if table.range_key_attr else [partition]


def _unsorted(table: Table) -> list[Item]:
    if not table.range_key_attr:
        return list(table.items.values())  # type: ignore[arg-type]
    return [item for partition in table.items.values() for item in partition.values()]


def _bears(item: Item, wanted: list[tuple[str, Any]]) -> bool:
    return all(name in item.attrs and item.attrs[name].value == value for name, value in wanted)


def _items_in_question(table: Table) -> list[Item]:
    return _narrowed[-1] if _narrowed else _all_items(table)


def _forgettable(model: type[Any], *_: Any, **__: Any) -> Any:
    """An instance that moto does not remember after its last use."""
    return object.__new__(model)


def _weighed_once(
    item: Item, hash_key: DynamoType, range_key: DynamoType | None, attrs: dict[str, Any]
) -> None:
    _fill(item, hash_key, range_key, attrs)
    if item.size() > _LARGEST_ITEM:
        raise ItemSizeTooLarge


def _fill(
    item: Item, hash_key: DynamoType, range_key: DynamoType | None, attrs: dict[str, Any]
) -> None:
    item.hash_key, item.range_key, item.attrs = hash_key, range_key, LimitedSizeDict()
    for name, value in attrs.items():
        dict.__setitem__(item.attrs, name, DynamoType(value))


def _parsed_once(expr: str | None, names: Any, values: Any) -> Any:
    return _parsed(expr, json.dumps(names), json.dumps(values))


@lru_cache(maxsize=1000)
def _parsed(expr: str | None, names: str, values: str) -> Any:
    return _get_filter_expression(expr, json.loads(names), json.loads(values))
