"""What is written to the embedded DynamoDB and SES is in the data file before the answer."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.gateways.ses_events import EFFECT_HEADER
from local.data_folder import DataError
from tests.local.kept import NOON, Kept

KEY = {"pk": {"S": "p"}, "sk": {"S": "s"}}
LARGE = {"S": "x" * 300_000}
"""More than there is room for on a disk that is full."""

Ask = Callable[[Kept], object]


@pytest.fixture
def kept(tmp_path: Path) -> Iterator[Kept]:
    kept = Kept(tmp_path)
    yield kept
    kept.stop()


def in_file(kept: Kept, table: str = "outbox") -> list[dict[str, Any]]:
    """The items of a table in the file, whose binary values are text."""
    bodies = [json.loads(body) for name, body in kept.data.items() if name == table]
    return sorted(bodies, key=lambda item: (item["pk"]["S"], item["sk"]["S"]))


def item(sk: str = "s", **more: Any) -> dict[str, Any]:
    return {"pk": {"S": "p"}, "sk": {"S": sk}, **more}


def put(sk: str = "s", **more: Any) -> Ask:
    return lambda kept: kept.dynamodb.put_item(
        TableName=kept.table("outbox"), Item=item(sk, **more)
    )


def update(kept: Kept) -> None:
    kept.dynamodb.update_item(
        TableName=kept.table("outbox"),
        Key=KEY,
        UpdateExpression="SET n = :n",
        ExpressionAttributeValues={":n": LARGE},
    )


def delete(kept: Kept) -> None:
    kept.dynamodb.delete_item(TableName=kept.table("outbox"), Key=KEY)


def batch(kept: Kept) -> None:
    writes = [{"PutRequest": {"Item": item("a", n=LARGE)}}, {"DeleteRequest": {"Key": KEY}}]
    kept.dynamodb.batch_write_item(RequestItems={kept.table("outbox"): writes})


def transact(kept: Kept) -> None:
    outbox, audit = kept.table("outbox"), kept.table("audit")
    change = {
        "UpdateExpression": "SET n = :n",
        "ExpressionAttributeValues": {":n": LARGE},
        "Key": item("u"),
    }
    kept.dynamodb.transact_write_items(
        TransactItems=[
            {"Put": {"TableName": audit, "Item": item("a")}},
            {"Update": {"TableName": outbox, **change}},
            {"Delete": {"TableName": outbox, "Key": KEY}},
            {"ConditionCheck": {"TableName": outbox, "Key": item("none"), **ABSENT}},
        ]
    )


ABSENT = {"ConditionExpression": "attribute_not_exists(pk)"}
WRITES = [put(n=LARGE), update, batch, transact]
IDS = ["put", "update", "batch", "transaction"]


# -- written


@pytest.mark.parametrize("write", [*WRITES, delete], ids=[*IDS, "delete"])
def test_a_write_is_in_the_file_when_it_is_answered(kept: Kept, write: Ask) -> None:
    put(n={"N": "1"})(kept)
    before = in_file(kept)
    write(kept)
    assert in_file(kept) == kept.scan("outbox") != before
    assert in_file(kept, "audit") == kept.scan("audit")


def test_a_read_and_a_refused_write_leave_the_file_alone(kept: Kept) -> None:
    put(n={"N": "1"})(kept)
    before = in_file(kept)
    kept.dynamodb.get_item(TableName=kept.table("outbox"), Key=KEY)
    with pytest.raises(ClientError):
        kept.dynamodb.put_item(TableName=kept.table("outbox"), Item=item(n={"N": "2"}), **ABSENT)
    assert in_file(kept) == kept.scan("outbox") == before


def test_a_repeated_transaction_token_is_not_written_again(kept: Kept) -> None:
    writes = [{"Put": {"TableName": kept.table("outbox"), "Item": item(n={"N": "1"})}}]
    kept.dynamodb.transact_write_items(TransactItems=writes, ClientRequestToken="t")
    delete(kept)
    kept.dynamodb.transact_write_items(TransactItems=writes, ClientRequestToken="t")
    assert in_file(kept) == kept.scan("outbox") == []


def test_what_is_written_by_a_second_engine_of_the_process_is_not_kept(
    kept: Kept, engine: Any
) -> None:
    engine.client("dynamodb").put_item(TableName=engine.tables["outbox"], Item=item())
    assert kept.data.items() == []


# -- refused by a full disk


@pytest.mark.parametrize("write", WRITES, ids=IDS)
def test_a_write_the_file_cannot_take_is_undone_and_answered_with_an_error(
    kept: Kept, write: Ask
) -> None:
    put(n={"N": "1"})(kept)
    kept.engine.take_stream_records("outbox")
    before = kept.scan("outbox")
    kept.fill_disk()
    with pytest.raises(ClientError, match=r"InternalServerError.*is full") as refused:
        write(kept)
    assert refused.value.response["ResponseMetadata"]["HTTPStatusCode"] == 500
    assert in_file(kept) == kept.scan("outbox") == before
    assert in_file(kept, "audit") == kept.scan("audit") == []
    assert kept.engine.take_stream_records("outbox") == []
    kept.free_disk()
    write(kept)
    assert in_file(kept) == kept.scan("outbox") != before


def test_a_transaction_that_was_undone_can_be_repeated_under_its_token(kept: Kept) -> None:
    writes = [{"Put": {"TableName": kept.table("outbox"), "Item": item(n=LARGE)}}]
    kept.fill_disk()
    with pytest.raises(ClientError):
        kept.dynamodb.transact_write_items(TransactItems=writes, ClientRequestToken="t")
    kept.free_disk()
    kept.dynamodb.transact_write_items(TransactItems=writes, ClientRequestToken="t")
    assert in_file(kept) == kept.scan("outbox") == [item(n=LARGE)]


# -- mails


def send(kept: Kept, subject: str, text: str = "there") -> None:
    kept.ses.send_raw_email(
        Source=kept.engine.settings.mail_from,
        Destinations=["ann@example.com"],
        RawMessage={"Data": f"Subject: {subject}\n\n{text}".encode()},
    )


def test_a_mail_is_in_the_file_when_it_is_answered(kept: Kept) -> None:
    send(kept, "hello")
    (mail,) = kept.data.mails()
    assert (mail.recipients, mail.raw) == ('["ann@example.com"]', "Subject: hello\n\nthere")
    assert (mail.sent_at, mail.base_url) == (NOON.timestamp(), "http://127.0.0.1:1")


def test_the_mail_of_an_effect_is_in_the_outbox_once(kept: Kept) -> None:
    """A kill between the mail and the delete of its effect makes the next start send it again."""
    for effect in ("EF1-reminder-BK1", "EF1-reminder-BK1", "EF1-reminder-BK2"):
        send(kept, f"{effect}\n{EFFECT_HEADER}: {effect}")
    subjects = [mail.subject for mail in kept.engine.sent_mails()]
    assert subjects == ["EF1-reminder-BK1", "EF1-reminder-BK2"]


def test_a_mail_the_file_cannot_take_is_refused_and_not_in_the_outbox(kept: Kept) -> None:
    kept.fill_disk()
    with pytest.raises(ClientError, match=r"ServiceUnavailable.*is full"):
        send(kept, "hello", LARGE["S"])
    assert kept.engine.sent_mails() == []
    assert kept.data.mails() == []
    kept.free_disk()
    send(kept, "hello", LARGE["S"])
    assert len(kept.engine.sent_mails()) == len(kept.data.mails()) == 1


# -- to begin anew


def test_to_clear_empties_file_and_memory(kept: Kept) -> None:
    put(n={"N": "1"})(kept)
    send(kept, "hello")
    kept.engine.clear()
    assert (kept.scan("outbox"), kept.engine.sent_mails()) == ([], [])
    assert (kept.data.items(), kept.data.mails()) == ([], [])


def test_a_clear_the_file_cannot_take_deletes_nothing(kept: Kept) -> None:
    put(n=LARGE)(kept)
    send(kept, "hello")
    kept.data.close()
    with pytest.raises(DataError):
        kept.engine.clear()
    assert len(kept.scan("outbox")) == len(kept.engine.sent_mails()) == 1
