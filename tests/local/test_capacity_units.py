"""The rules of DynamoDB's price list, a row each."""

from __future__ import annotations

from typing import Any

import pytest

from local.capacity_units import (
    IndexShape,
    Item,
    TableShape,
    item_bytes,
    read_units,
    refused_write_units,
    shape_of,
    value_bytes,
    write_units,
)

KEYS = frozenset({"pk", "sk", "day", "seat"})
TABLE = TableShape(
    "t",
    ("pk", "sk"),
    (
        IndexShape("keys", ("day", "seat"), KEYS),
        IndexShape("some", ("day", "seat"), KEYS | {"status"}),
        IndexShape("all", ("day", "seat"), None),
    ),
)


def an_item(size: int = 0, **attributes: str) -> Item:
    item = {name: {"S": value} for name, value in {"pk": "a", "sk": "b", **attributes}.items()}
    return {**item, "pad": {"S": "x" * (size - item_bytes(item) - 3)}} if size else item


INDEXED = an_item(day="mon", seat="1", status="new")


@pytest.mark.parametrize(
    ("value", "size"),
    [
        ({"S": "abc"}, 3),
        ({"S": "é"}, 2),  # UTF-8
        ({"B": b"abcd"}, 4),
        ({"N": "0"}, 1),
        ({"N": "7"}, 2),
        ({"N": "123"}, 3),  # a byte for two digits, and one
        ({"N": "1200"}, 2),  # zeros at the ends do not count
        ({"N": "-7"}, 3),
        ({"BOOL": False}, 1),
        ({"NULL": True}, 1),
        ({"SS": ["ab", "c"]}, 3),
        ({"L": []}, 3),
        ({"M": {"a": {"S": "b"}}}, 6),
    ],
)
def test_a_value_weighs_what_the_manual_says(value: dict[str, Any], size: int) -> None:
    assert value_bytes(value) == size


@pytest.mark.parametrize(
    ("before", "after", "transactional", "units"),
    [
        (None, an_item(1024), False, 1),
        (None, an_item(1025), False, 2),
        (None, an_item(1024), True, 2),
        (None, an_item(1025), True, 4),
        (an_item(3000), an_item(500), False, 3),  # the larger of the two
        (an_item(3000), None, False, 3),
        (None, None, False, 1),  # deleting what is not there
        (None, None, True, 2),
    ],
)
def test_a_write_costs_by_the_started_kilobyte(
    before: Item | None, after: Item | None, transactional: bool, units: int
) -> None:
    assert write_units(before, after, TABLE, transactional) == {"table": units}


@pytest.mark.parametrize(
    ("before", "after", "units"),
    [
        # a new entry, an entry gone
        (None, INDEXED, {"table": 1, "keys": 1, "some": 1, "all": 1}),
        (INDEXED, None, {"table": 1, "keys": 1, "some": 1, "all": 1}),
        # an attribute only `all` carries, one that `some` carries too
        (INDEXED, {**INDEXED, "note": {"S": "n"}}, {"table": 1, "all": 1}),
        (INDEXED, {**INDEXED, "status": {"S": "old"}}, {"table": 1, "some": 1, "all": 1}),
        # the index key moves: one entry out, one in
        (INDEXED, {**INDEXED, "seat": {"S": "2"}}, {"table": 1, "keys": 2, "some": 2, "all": 2}),
        # nothing changes; the item is in no index before and after
        (INDEXED, INDEXED, {"table": 1}),
        (an_item(day="mon"), an_item(day="tue"), {"table": 1}),
        # the item enters the sparse index, and leaves it
        (
            an_item(day="mon"),
            an_item(day="mon", seat="1"),
            {"table": 1, "keys": 1, "some": 1, "all": 1},
        ),
        (
            an_item(day="mon", seat="1"),
            an_item(day="mon"),
            {"table": 1, "keys": 1, "some": 1, "all": 1},
        ),
    ],
)
def test_an_index_costs_only_when_an_entry_changes(
    before: Item | None, after: Item | None, units: dict[str, int]
) -> None:
    assert write_units(before, after, TABLE) == units


def test_an_index_entry_costs_by_its_own_size_and_not_double_in_a_transaction() -> None:
    big = an_item(2500, day="mon", seat="1")
    assert write_units(None, big, TABLE, True) == {"table": 6, "keys": 1, "some": 1, "all": 3}


def test_a_refused_condition_costs_what_the_standing_item_weighs() -> None:
    assert refused_write_units(an_item(2000)) == {"table": 2}
    assert refused_write_units(None, transactional=True) == {"table": 2}


@pytest.mark.parametrize(
    ("sizes", "consistent", "summed", "units"),
    [
        ([0], False, False, 0.5),
        ([4096], False, False, 0.5),
        ([4097], False, False, 1.0),
        ([4097], True, False, 2.0),
        ([100] * 40, False, False, 20.0),  # BatchGetItem rounds each item up
        ([100] * 40, False, True, 0.5),  # a query rounds the page up
        ([], False, True, 0.5),
        ([], True, True, 1.0),
    ],
)
def test_a_read_costs_by_the_started_four_kilobytes(
    sizes: list[int], consistent: bool, summed: bool, units: float
) -> None:
    assert read_units(sizes, consistent=consistent, summed=summed) == units


def test_a_shape_is_read_off_a_table_description() -> None:
    def key(*names: str) -> list[dict[str, str]]:
        return [{"AttributeName": name} for name in names]

    def index(name: str, projection: dict[str, Any]) -> dict[str, Any]:
        return {"IndexName": name, "KeySchema": key("day", "seat"), "Projection": projection}

    description = {
        "TableName": "t",
        "KeySchema": key("pk", "sk"),
        "GlobalSecondaryIndexes": [
            index("keys", {"ProjectionType": "KEYS_ONLY"}),
            index("some", {"ProjectionType": "INCLUDE", "NonKeyAttributes": ["status"]}),
            index("all", {"ProjectionType": "ALL"}),
        ],
    }
    assert shape_of(description) == TABLE
