"""What the data file holds is in the engine after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError
from moto import mock_aws

from chalicelib.domain.realtime.subscription import Listener
from chalicelib.store import outbox
from chalicelib.store.subscriptions import Subscriptions
from local import restore
from local.data_file import Row
from local.data_folder import DataError
from local.engine import Embedded
from tests.local.kept import NOON, Kept

VALUES: dict[str, Any] = {
    "text": {"S": "é"},
    "number": {"N": "1.50"},
    "bytes": {"B": b"\x00\xff"},
    "truth": {"BOOL": False},
    "nothing": {"NULL": True},
    "texts": {"SS": ["a", "b"]},
    "numbers": {"NS": ["1", "2"]},
    "blobs": {"BS": [b"\x01", b"\x02"]},
    "list": {"L": [{"M": {"in": {"B": b"\xfe"}}}, {"N": "3"}]},
    "map": {"M": {"B": {"S": "text"}, "BS": {"L": []}}},
}


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    kept = Kept(tmp_path)
    yield kept
    kept.stop()


def put(kept: Kept, table: str, pk: str, sk: str, **more: Any) -> None:
    item = {"pk": {"S": pk}, "sk": {"S": sk}, **more}
    kept.dynamodb.put_item(TableName=kept.table(table), Item=item)


def test_every_kind_of_value_comes_back_as_it_was_stored(kept: Kept) -> None:
    put(kept, "ledger", "p", "s", **VALUES)
    before = kept.scan("ledger")
    kept.restart()
    assert kept.scan("ledger") == before


def test_a_condition_sees_an_item_of_before_as_one_of_now(kept: Kept) -> None:
    put(kept, "ledger", "p", "s", **VALUES)
    kept.restart()
    names = {f"#{name}": name for name in VALUES}
    kept.dynamodb.update_item(
        TableName=kept.table("ledger"),
        Key={"pk": {"S": "p"}, "sk": {"S": "s"}},
        UpdateExpression="SET seen = :yes",
        ConditionExpression=" AND ".join(f"#{name} = :{name}" for name in VALUES),
        ExpressionAttributeNames=names,
        ExpressionAttributeValues={
            ":yes": {"BOOL": True},
            **{f":{name}": value for name, value in VALUES.items()},
        },
    )
    with pytest.raises(ClientError, match="ConditionalCheckFailed"):
        kept.dynamodb.put_item(
            TableName=kept.table("ledger"),
            Item={"pk": {"S": "p"}, "sk": {"S": "s"}},
            ConditionExpression="attribute_not_exists(pk)",
        )


def test_items_are_in_their_tables_and_indexes_and_the_deleted_are_not(kept: Kept) -> None:
    due = {"due_shard": {"S": "s.0"}, "due_at": {"N": "5"}}
    put(kept, "bookings", "p", "a", **due)
    put(kept, "bookings", "p", "b", **due)
    put(kept, "audit", "p", "a")
    kept.dynamodb.delete_item(
        TableName=kept.table("bookings"), Key={"pk": {"S": "p"}, "sk": {"S": "b"}}
    )
    kept.restart()
    found = kept.dynamodb.query(
        TableName=kept.table("bookings"),
        IndexName="due",
        KeyConditionExpression="due_shard = :s",
        ExpressionAttributeValues={":s": {"S": "s.0"}},
    )["Items"]
    assert [item["sk"]["S"] for item in found] == ["a"]
    assert len(kept.scan("audit")) == 1


def test_a_restored_item_may_be_written_again(kept: Kept) -> None:
    put(kept, "ledger", "p", "s", n={"N": "1"})
    kept.restart()
    put(kept, "ledger", "p", "s", n={"N": "2"})
    kept.restart()
    assert [item["n"] for item in kept.scan("ledger")] == [{"N": "2"}]


@pytest.mark.parametrize(
    "row",
    [
        Row("ledger", "p", "s", "{"),
        Row("ledger", "p", "s", '{"pk": {"S": "p"}}'),
        Row("ledger", "p", "s", '{"pk": {"S": "p"}, "sk": "s"}'),
        Row("ledger", "p", "s", "[]"),
        Row("nowhere", "p", "s", '{"pk": {"S": "p"}, "sk": {"S": "s"}}'),
    ],
)
def test_a_record_that_no_berth_has_written_is_named_as_damage(kept: Kept, row: Row) -> None:
    kept.data.write([row])
    with pytest.raises(DataError, match=r"is damaged \(a record cannot be read"):
        restore.load_items(kept.data, kept.engine.moto_tables)


def test_an_engine_that_has_stopped_takes_no_write_that_nothing_would_keep(kept: Kept) -> None:
    kept.engine.stop()
    with mock_aws(), pytest.raises(ClientError, match="ResourceNotFound"):
        put(kept, "ledger", "p", "s")
    kept.engine.start()


def test_mails_come_back_with_their_instant(kept: Kept) -> None:
    kept.ses.send_raw_email(
        Source=kept.engine.settings.mail_from,
        Destinations=["ann@example.com"],
        RawMessage={"Data": "Subject: hello\n\nthere é".encode()},
    )
    before = kept.engine.sent_mails()
    kept.restart()
    assert kept.engine.sent_mails() == before
    assert before[0].sent_at == NOON


def test_what_waits_in_the_outbox_is_in_the_stream_again(kept: Kept) -> None:
    for lane in (*outbox.LANES, outbox.PARKED):
        for batch in ("EF2", "EF1"):
            put(kept, "outbox", lane, batch)
    kept.restart()
    assert kept.engine.take_stream_records("outbox") == []
    kept.engine.replay_outbox()
    records = [record["dynamodb"]["Keys"] for record in kept.engine.take_stream_records("outbox")]
    keys = [(key["pk"]["S"], key["sk"]["S"]) for key in records]
    assert keys == [(lane, batch) for lane in outbox.LANES for batch in ("EF1", "EF2")]


def test_the_rows_of_connections_are_gone_for_good(kept: Kept) -> None:
    for start in restore.CONNECTIONS:
        put(kept, "outbox", f"{start}1", "s")
    put(kept, "outbox", "other#1", "s")
    kept.restart()
    assert [item["pk"]["S"] for item in kept.scan("outbox")] == ["other#1"]
    assert len(kept.data.items()) == 1


@pytest.mark.usefixtures("deps")
def test_connections_are_known_by_the_partitions_the_store_gives_them(aws: Embedded) -> None:
    before = set(aws.moto_tables["outbox"].items)
    Subscriptions().add(Listener("c1", "hall", "US1", 1, "s1", NOON))
    added = {key.value for key in set(aws.moto_tables["outbox"].items) - before}
    assert len(added) == len(restore.CONNECTIONS)
    assert all(any(pk.startswith(start) for pk in added) for start in restore.CONNECTIONS)
