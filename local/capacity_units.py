"""What DynamoDB charges for a request: its published rules for item sizes and capacity units.

moto answers with a constant, so the local runtime counts by itself. Items are in DynamoDB's own
notation: `{"name": {"S": "Ann"}}`.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

Item = Mapping[str, Mapping[str, Any]]

WRITE_BYTES = 1024
READ_BYTES = 4096
TABLE = "table"
_NESTED_BYTES = 3
_ELEMENT_BYTES = 1
_NUMBER_BYTES = 21


@dataclass(frozen=True)
class IndexShape:
    """A global secondary index: its key, and what else it carries (None means everything)."""

    name: str
    key: tuple[str, ...]
    carries: frozenset[str] | None


@dataclass(frozen=True)
class TableShape:
    """A table's key and its indexes, as far as they decide what a write costs."""

    name: str
    key: tuple[str, ...]
    indexes: tuple[IndexShape, ...] = ()


def shape_of(description: Mapping[str, Any]) -> TableShape:
    """The shape of a table as CreateTable and DescribeTable write it down."""
    key = _key_names(description)
    indexes = description.get("GlobalSecondaryIndexes") or ()
    return TableShape(
        description["TableName"], key, tuple(_index_shape(index, key) for index in indexes)
    )


def _index_shape(index: Mapping[str, Any], table_key: tuple[str, ...]) -> IndexShape:
    key = _key_names(index)
    projection = index["Projection"]
    if projection["ProjectionType"] == "ALL":
        return IndexShape(index["IndexName"], key, None)
    carries = frozenset((*table_key, *key, *projection.get("NonKeyAttributes", ())))
    return IndexShape(index["IndexName"], key, carries)


def _key_names(schema: Mapping[str, Any]) -> tuple[str, ...]:
    return tuple(part["AttributeName"] for part in schema["KeySchema"])


def item_bytes(item: Item | None) -> int:
    """The size DynamoDB bills for: UTF-8 names and values (AWS, "DynamoDB item sizes").

    >>> item_bytes({"name": {"S": "Zoë"}, "n": {"N": "1234"}})
    12
    """
    return sum(len(name.encode()) + value_bytes(value) for name, value in (item or {}).items())


def value_bytes(value: Mapping[str, Any]) -> int:
    """The size of one attribute value, without its name.

    A number takes a byte, and one for every two significant digits; a list or map three bytes,
    and one for every element.

    >>> value_bytes({"L": [{"N": "5"}, {"BOOL": True}]})
    8
    """
    kind, content = next(iter(value.items()))
    if kind in ("S", "B"):
        return _text_bytes(content)
    if kind == "N":
        return _number_bytes(content)
    if kind in ("SS", "BS", "NS"):
        return sum(value_bytes({kind[0]: one}) for one in content)
    if kind == "L":
        return _NESTED_BYTES + sum(_ELEMENT_BYTES + value_bytes(one) for one in content)
    if kind == "M":
        return _NESTED_BYTES + _ELEMENT_BYTES * len(content) + item_bytes(content)
    return 1


def _text_bytes(content: str | bytes) -> int:
    return len(content.encode() if isinstance(content, str) else content)


def _number_bytes(text: str) -> int:
    digits = text.lower().partition("e")[0].lstrip("-").replace(".", "").strip("0")
    return min(_NUMBER_BYTES, 1 + (len(digits) + 1) // 2 + text.startswith("-"))


def write_units(
    before: Item | None, after: Item | None, table: TableShape, transactional: bool = False
) -> dict[str, int]:
    """Write units of one write that turned `before` into `after`, by table and index.

    A started KB of the larger of the two costs one unit, two in a transaction. An index costs
    one a started KB where an entry comes, goes or changes, two entries where its key moves, and
    nothing where nothing it carries changed. Whether AWS doubles index writes inside a
    transaction is not published; they are counted once.
    """
    size = max(item_bytes(before), item_bytes(after))
    units = {TABLE: _started(size, WRITE_BYTES) * (2 if transactional else 1)}
    for index in table.indexes:
        cost = _index_units(_entry(before, index), _entry(after, index), index)
        if cost:
            units[index.name] = cost
    return units


def refused_write_units(current: Item | None, transactional: bool = False) -> dict[str, int]:
    """Write units of a write whose condition failed: those of the item that stands there."""
    return write_units(current, current, TableShape("", ()), transactional)


def _entry(item: Item | None, index: IndexShape) -> Item | None:
    if item is None or any(name not in item for name in index.key):
        return None
    if index.carries is None:
        return item
    return {name: value for name, value in item.items() if name in index.carries}


def _index_units(before: Item | None, after: Item | None, index: IndexShape) -> int:
    if before == after:
        return 0
    if before and after and any(before[name] != after[name] for name in index.key):
        return _index_units(before, None, index) + _index_units(None, after, index)
    return _started(max(item_bytes(before), item_bytes(after)), WRITE_BYTES)


def read_units(sizes: Iterable[int], *, consistent: bool = False, summed: bool = False) -> float:
    """Read units of the items read, given their sizes in bytes.

    A started 4 KB costs one unit when strongly consistent and half of one otherwise. GetItem and
    BatchGetItem round each item up, Query and Scan the sum of a page (`summed`).

    >>> read_units([100, 5000]), read_units([100, 5000], summed=True), read_units([], summed=True)
    (1.5, 1.0, 0.5)
    """
    blocks = [sum(sizes)] if summed else sizes
    return sum(_started(size, READ_BYTES) for size in blocks) * (1.0 if consistent else 0.5)


def _started(size: int, block: int) -> int:
    return max(1, -(-size // block))
