from __future__ import annotations

from typing import Any

import pytest

from local.client_meter import charges
from local.engine import Embedded
from local.metering import Charge, Meter, Reading


@pytest.fixture
def dynamodb(engine: Embedded) -> Any:
    return engine.client("dynamodb")


def key_of(sk: str) -> dict[str, Any]:
    return {"pk": {"S": "p"}, "sk": {"S": sk}}


def reading(engine: Embedded) -> Reading:
    assert engine.meter is not None
    return engine.meter.snapshot()


def writes(engine: Embedded, table: str) -> dict[str, float]:
    return dict(reading(engine).tables[engine.tables[table]].writes)


DUE = {"due_shard": {"S": "s.0"}, "due_at": {"N": "5"}}
SITE = {"site": {"S": "central"}, "start": {"N": "5"}}


def test_a_put_costs_its_table_and_each_index_it_enters(engine: Embedded, dynamodb: Any) -> None:
    dynamodb.put_item(TableName=engine.tables["bookings"], Item={**key_of("a"), **DUE, **SITE})
    assert writes(engine, "bookings") == {"table": 1, "due": 1, "by_site": 1}
    assert reading(engine).requests == {"PutItem": 1}


def test_an_update_costs_only_the_indexes_it_touches(engine: Embedded, dynamodb: Any) -> None:
    table = engine.tables["bookings"]
    dynamodb.put_item(TableName=table, Item={**key_of("a"), **DUE, **SITE})
    assert engine.meter is not None
    engine.meter.reset()
    dynamodb.update_item(
        TableName=table,
        Key=key_of("a"),
        UpdateExpression="SET due_at = :t",
        ExpressionAttributeValues={":t": {"N": "9"}},
    )
    assert writes(engine, "bookings") == {"table": 1, "due": 2}


def test_a_transaction_counts_once_and_costs_double(engine: Embedded, dynamodb: Any) -> None:
    tables = [engine.tables["bookings"], engine.tables["ledger"]]
    items = [{"Put": {"TableName": table, "Item": key_of("a")}} for table in tables]
    check = {
        "TableName": tables[1],
        "Key": key_of("b"),
        "ConditionExpression": "attribute_not_exists(pk)",
    }
    dynamodb.transact_write_items(TransactItems=[*items, {"ConditionCheck": check}])
    assert reading(engine).requests == {"TransactWriteItems": 1}
    assert writes(engine, "bookings") == {"table": 2}
    assert writes(engine, "ledger") == {"table": 4}


def test_a_refused_write_is_charged(engine: Embedded, dynamodb: Any) -> None:
    table = engine.tables["ledger"]
    guarded = {"ConditionExpression": "attribute_exists(pk)"}
    with pytest.raises(dynamodb.exceptions.ConditionalCheckFailedException):
        dynamodb.put_item(TableName=table, Item=key_of("a"), **guarded)
    put = {"TableName": table, "Item": key_of("a"), **guarded}
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
        dynamodb.transact_write_items(TransactItems=[{"Put": put}])
    assert writes(engine, "ledger") == {"table": 3}


@pytest.mark.parametrize(("consistent", "units"), [(False, 1.0), (True, 2.0)])
def test_a_query_costs_what_it_read_and_not_what_it_returned(
    engine: Embedded, dynamodb: Any, consistent: bool, units: float
) -> None:
    table = engine.tables["ledger"]
    for number in range(5):
        dynamodb.put_item(TableName=table, Item={**key_of(f"{number}"), "pad": {"S": "x" * 1000}})
    dynamodb.query(
        TableName=table,
        KeyConditionExpression="pk = :p",
        FilterExpression="sk = :p",
        ProjectionExpression="sk",
        ExpressionAttributeValues={":p": {"S": "p"}},
        ConsistentRead=consistent,
    )
    assert reading(engine).tables[table].reads == units


def test_reads_of_single_items_cost_by_kind(engine: Embedded, dynamodb: Any) -> None:
    table = engine.tables["ledger"]
    dynamodb.get_item(TableName=table, Key=key_of("a"))
    dynamodb.get_item(TableName=table, Key=key_of("a"), ConsistentRead=True)
    dynamodb.batch_get_item(RequestItems={table: {"Keys": [key_of("a"), key_of("b")]}})
    dynamodb.transact_get_items(TransactItems=[{"Get": {"TableName": table, "Key": key_of("a")}}])
    dynamodb.scan(TableName=table)
    assert reading(engine).read_units == 0.5 + 1 + 1 + 2 + 0.5
    assert reading(engine).calls == 5


def test_a_batch_write_costs_each_item(engine: Embedded, dynamodb: Any) -> None:
    table = engine.tables["ledger"]
    put = {"PutRequest": {"Item": key_of("a")}}
    delete = {"DeleteRequest": {"Key": key_of("b")}}
    dynamodb.batch_write_item(RequestItems={table: [put, delete]})
    assert writes(engine, "ledger") == {"table": 2}


def test_what_is_not_data_is_not_counted(engine: Embedded, dynamodb: Any) -> None:
    dynamodb.describe_table(TableName=engine.tables["ledger"])
    engine.clear()
    assert reading(engine).calls == 0


def test_a_meter_adds_up_and_starts_over() -> None:
    meter = Meter()
    meter.add("PutItem", [Charge("t", writes={"table": 2, "due": 1})])
    meter.add("GetItem", [Charge("t", reads=0.5)])
    assert meter.snapshot().as_json() == {
        "total_requests": 2,
        "requests": {"GetItem": 1, "PutItem": 1},
        "read_units": 0.5,
        "write_units": 3,
        "tables": {"t": {"read_units": 0.5, "write_units": 3, "writes": {"table": 2, "due": 1}}},
    }
    meter.reset()
    assert meter.snapshot() == Reading({}, {})


def test_another_engine_is_believed_when_it_says_what_was_consumed() -> None:
    consumed = {
        "TableName": "t",
        "CapacityUnits": 4.0,
        "Table": {"CapacityUnits": 2.0},
        "GlobalSecondaryIndexes": {"due": {"CapacityUnits": 2.0}},
    }
    answer = {"ConsumedCapacity": [consumed]}
    assert charges(answer, writes=True) == [Charge("t", writes={"table": 2.0, "due": 2.0})]
    assert charges(answer, writes=False) == [Charge("t", reads=4.0)]
    assert charges({}, writes=True) == []
