from __future__ import annotations

import gc
import threading
import weakref
from collections.abc import Callable
from typing import Any

import pytest
from botocore.exceptions import ClientError

from local.engine import Embedded
from local.mailbox import Postbag


@pytest.fixture
def dynamodb(engine: Embedded) -> Any:
    return engine.client("dynamodb")


def put(engine: Embedded, sk: str, **extra: Any) -> dict[str, Any]:
    item = {"pk": {"S": "p"}, "sk": {"S": sk}, "n": {"N": "0"}}
    return {"Put": {"TableName": engine.tables["ledger"], "Item": item, **extra}}


def key_of(sk: str) -> dict[str, Any]:
    return {"pk": {"S": "p"}, "sk": {"S": sk}}


def race(racers: int, attempt: Callable[[int], None]) -> None:
    barrier = threading.Barrier(racers)

    def run(number: int) -> None:
        barrier.wait()
        attempt(number)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(racers)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def test_every_model_has_its_table_with_indexes_and_stream(engine: Embedded, dynamodb: Any) -> None:
    def described(table: str) -> dict[str, Any]:
        answer: dict[str, Any] = dynamodb.describe_table(TableName=engine.tables[table])["Table"]
        return answer

    assert set(dynamodb.list_tables()["TableNames"]) >= set(engine.tables.values())
    assert {index["IndexName"] for index in described("bookings")["GlobalSecondaryIndexes"]} == {
        "due",
        "by_site",
        "by_name",
        "by_surname",
        "by_phone",
        "by_mail",
    }
    assert described("outbox")["StreamSpecification"]["StreamViewType"] == "NEW_IMAGE"


def test_racing_conditional_updates_never_take_more_than_there_is(
    engine: Embedded, dynamodb: Any
) -> None:
    table = engine.tables["ledger"]
    dynamodb.put_item(TableName=table, Item={**key_of("stock"), "n": {"N": "3"}})
    refused: list[int] = []

    def take(number: int) -> None:
        try:
            dynamodb.update_item(
                TableName=table,
                Key=key_of("stock"),
                UpdateExpression="SET n = n - :one",
                ConditionExpression="n > :zero",
                ExpressionAttributeValues={":one": {"N": "1"}, ":zero": {"N": "0"}},
            )
        except ClientError:
            refused.append(number)

    race(12, take)
    assert len(refused) == 9
    assert dynamodb.get_item(TableName=table, Key=key_of("stock"))["Item"]["n"] == {"N": "0"}


REFUSED_UPDATES = {
    "wrong type": "SET a = :new ADD b :one",
    "no such path": "SET a = :new REMOVE nowhere.deep",
    "no set": "SET a = :new DELETE b :set",
    "too large": "SET a = :new, big = :big",
}
VALUES = {
    ":new": {"S": "new"},
    ":one": {"N": "1"},
    ":set": {"SS": ["x"]},
    ":big": {"S": "x" * 410_000},
}


@pytest.mark.parametrize(
    ("update", "is_there"),
    [
        *((update, True) for update in REFUSED_UPDATES),
        ("no such path", False),
        ("too large", False),
    ],
)
def test_a_refused_update_leaves_nothing_behind(
    engine: Embedded, dynamodb: Any, update: str, is_there: bool
) -> None:
    expression = REFUSED_UPDATES[update]
    table = engine.tables["outbox"]
    item = {**key_of("a"), "a": {"S": "old"}, "b": {"S": "text"}}
    if is_there:
        dynamodb.put_item(TableName=table, Item=item)
        engine.take_stream_records("outbox")
    used = {name: value for name, value in VALUES.items() if name in expression}
    with pytest.raises(ClientError):
        dynamodb.update_item(
            TableName=table,
            Key=key_of("a"),
            UpdateExpression=expression,
            ExpressionAttributeValues=used,
        )
    assert dynamodb.scan(TableName=table)["Items"] == ([item] if is_there else [])
    assert engine.take_stream_records("outbox") == []


def test_a_transaction_refused_for_a_second_write_of_an_item_leaves_it_as_it_was(
    engine: Embedded, dynamodb: Any
) -> None:
    table = engine.tables["ledger"]
    item = {**key_of("a"), "n": {"N": "0"}}
    dynamodb.put_item(TableName=table, Item=item)
    change = {
        "TableName": table,
        "Key": key_of("a"),
        "UpdateExpression": "SET n = :n",
        "ExpressionAttributeValues": {":n": {"N": "1"}},
    }
    with pytest.raises(ClientError):
        dynamodb.transact_write_items(TransactItems=[{"Update": change}, put(engine, "a")])
    assert dynamodb.scan(TableName=table)["Items"] == [item]


def test_an_item_that_is_gone_is_not_remembered(engine: Embedded, dynamodb: Any) -> None:
    dynamodb.put_item(TableName=engine.tables["ledger"], Item=key_of("a"))
    (partition,) = engine.moto_tables["ledger"].items.values()
    remembered = [weakref.ref(item) for item in partition.values()]
    del partition
    dynamodb.delete_item(TableName=engine.tables["ledger"], Key=key_of("a"))
    gc.collect()
    assert [item() for item in remembered] == [None]


def test_a_key_that_is_only_asked_for_is_not_remembered(engine: Embedded, dynamodb: Any) -> None:
    asked = dynamodb.get_item(TableName=engine.tables["ledger"], Key=key_of("nowhere"))
    assert "Item" not in asked
    assert not engine.moto_tables["ledger"].items


def test_a_cancelled_transaction_leaves_the_writes_beside_it_alone(
    engine: Embedded, dynamodb: Any
) -> None:
    table = engine.tables["ledger"]
    dynamodb.put_item(TableName=table, Item=key_of("taken"))

    def attempt(number: int) -> None:
        if number % 2:
            dynamodb.put_item(TableName=table, Item=key_of(f"{number}"))
            return
        guarded = put(engine, "taken", ConditionExpression="attribute_not_exists(pk)")
        with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
            dynamodb.transact_write_items(TransactItems=[put(engine, f"{number}"), guarded])

    race(12, attempt)
    stored = {item["sk"]["S"] for item in dynamodb.scan(TableName=table)["Items"]}
    assert stored == {"taken", *(str(number) for number in range(1, 12, 2))}


def test_a_repeated_transaction_token_has_no_second_effect(engine: Embedded, dynamodb: Any) -> None:
    items = [put(engine, "once", ConditionExpression="attribute_not_exists(pk)")]
    for _ in range(2):
        dynamodb.transact_write_items(TransactItems=items, ClientRequestToken="token-1")
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
        dynamodb.transact_write_items(TransactItems=items, ClientRequestToken="token-2")


def test_a_query_pages_filters_and_projects_as_before(engine: Embedded, dynamodb: Any) -> None:
    table = engine.tables["ledger"]
    for number in range(6):
        item = {**key_of(f"{number}"), "n": {"N": str(number % 2)}}
        dynamodb.put_item(TableName=table, Item=item)
    dynamodb.put_item(TableName=table, Item={**key_of("0"), "pk": {"S": "other"}})
    page = dynamodb.query(
        TableName=table,
        KeyConditionExpression="pk = :p and sk > :zero",
        FilterExpression="n = :one",
        ProjectionExpression="sk",
        ExpressionAttributeValues={":p": {"S": "p"}, ":zero": {"S": "0"}, ":one": {"N": "1"}},
        Limit=4,
    )
    assert page["Items"] == [{"sk": {"S": "1"}}, {"sk": {"S": "3"}}]
    assert page["ScannedCount"] == 4
    assert page["LastEvaluatedKey"] == key_of("4")


def test_a_full_page_names_its_end_even_where_nothing_follows(
    engine: Embedded, dynamodb: Any
) -> None:
    table = engine.tables["ledger"]
    for number in range(2):
        dynamodb.put_item(TableName=table, Item=key_of(f"{number}"))
    asked: dict[str, Any] = {
        "TableName": table,
        "KeyConditionExpression": "pk = :p",
        "ExpressionAttributeValues": {":p": {"S": "p"}},
    }
    page = dynamodb.query(**asked, Limit=2)
    assert page["LastEvaluatedKey"] == key_of("1")
    assert dynamodb.query(**asked, Limit=2, ExclusiveStartKey=key_of("1"))["Items"] == []
    assert "LastEvaluatedKey" not in dynamodb.query(**asked, Limit=3)


def test_a_sparse_index_lists_only_what_bears_its_key(engine: Embedded, dynamodb: Any) -> None:
    table = engine.tables["bookings"]
    due = {"due_shard": {"S": "s.0"}, "due_at": {"N": "5"}}
    dynamodb.put_item(TableName=table, Item={**key_of("a"), **due})
    dynamodb.put_item(TableName=table, Item=key_of("b"))
    found = dynamodb.query(
        TableName=table,
        IndexName="due",
        KeyConditionExpression="due_shard = :s and due_at <= :t",
        ExpressionAttributeValues={":s": {"S": "s.0"}, ":t": {"N": "5"}},
    )
    assert [item["sk"]["S"] for item in found["Items"]] == ["a"]


def test_stream_records_arrive_once_as_lambda_sees_them(engine: Embedded, dynamodb: Any) -> None:
    dynamodb.put_item(TableName=engine.tables["outbox"], Item=key_of("e1"))
    (record,) = engine.take_stream_records("outbox")
    assert record["eventName"] == "INSERT"
    assert record["eventSourceARN"].split(":")[5].startswith(f"table/{engine.tables['outbox']}")
    assert record["dynamodb"]["Keys"] == record["dynamodb"]["NewImage"] == key_of("e1")
    assert isinstance(record["dynamodb"]["ApproximateCreationDateTime"], float)
    assert engine.take_stream_records("outbox") == []


def test_a_cancelled_transaction_leaves_no_stream_record(engine: Embedded, dynamodb: Any) -> None:
    effect = {"Put": {"TableName": engine.tables["outbox"], "Item": key_of("e1")}}
    guarded = put(engine, "x", ConditionExpression="attribute_exists(pk)")
    with pytest.raises(dynamodb.exceptions.TransactionCanceledException):
        dynamodb.transact_write_items(TransactItems=[effect, guarded])
    assert engine.take_stream_records("outbox") == []


def test_clear_removes_items_mails_and_stream_records(engine: Embedded, dynamodb: Any) -> None:
    dynamodb.put_item(TableName=engine.tables["outbox"], Item=key_of("e1"))
    send(engine, "Subject: hello\n\nthere")
    engine.clear()
    assert dynamodb.scan(TableName=engine.tables["outbox"])["Count"] == 0
    assert engine.take_stream_records("outbox") == []
    assert engine.sent_mails() == []


def test_a_sent_mail_can_be_read_back(engine: Embedded) -> None:
    send(engine, "Subject: hello\nContent-Type: text/plain; charset=utf-8\n\nthere")
    (mail,) = engine.sent_mails()
    assert (mail.to, mail.subject, mail.text) == (("ann@example.com",), "hello", "there")


def send(engine: Embedded, raw: str) -> None:
    engine.client("ses").send_raw_email(
        Source=engine.settings.mail_from,
        Destinations=["ann@example.com"],
        RawMessage={"Data": raw.encode()},
    )


def test_a_postbag_without_mails_is_empty() -> None:
    assert Postbag(lambda: pytest.fail("no mail, no stamp")).mails() == []


def test_every_kind_of_value_comes_back_as_it_was_stored(engine: Embedded, dynamodb: Any) -> None:
    values: dict[str, Any] = {
        "text": {"S": "é"},
        "number": {"N": "1.50"},
        "bytes": {"B": b"\x00\xff"},
        "truth": {"BOOL": False},
        "nothing": {"NULL": True},
        "texts": {"SS": ["a", "b"]},
        "list": {"L": [{"M": {"in": {"B": b"\xfe"}}}, {"N": "3"}]},
        "map": {"M": {"deep": {"L": [{"S": ""}]}}},
    }
    item = {**key_of("all"), **values}
    table = engine.tables["ledger"]
    dynamodb.put_item(TableName=table, Item=item)
    assert dynamodb.get_item(TableName=table, Key=key_of("all"))["Item"] == item
    assert dynamodb.scan(TableName=table)["Items"] == [item]
    assert "Item" not in dynamodb.get_item(TableName=table, Key=key_of("none"))
    old = dynamodb.delete_item(TableName=table, Key=key_of("all"), ReturnValues="ALL_OLD")
    assert old["Attributes"] == item
