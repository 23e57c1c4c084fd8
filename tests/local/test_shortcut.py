"""What takes the short way comes to the same."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import ExitStack
from typing import Any

import pytest
from botocore.exceptions import ClientError

from chalicelib.aws.client import Client
from chalicelib.services.core.deps import Deps
from local import shortcut
from local.engine import Embedded
from tests.backend import dynamodb_clients

KEY = {"pk": {"S": "one"}, "sk": {"S": "two"}}
ITEM = KEY | {"n": {"N": "7"}, "taken": {"M": {"who": {"L": [{"N": "1"}, {"N": "2"}]}}}}
FRESH = {"ConditionExpression": "attribute_not_exists(pk)"}


@pytest.fixture(params=[False, True], ids=["long", "short"])
def client(request: pytest.FixtureRequest, by_http: None, deps: Deps) -> Iterator[Client]:
    client: Client = dynamodb_clients(deps)[0]
    with ExitStack() as stack:
        if request.param:
            stack.enter_context(shortcut.taken(client, region=deps.settings.region))
        yield client


def ask(client: Client, operation: str, **params: Any) -> dict[str, Any]:
    return client.call(operation, params)


@pytest.fixture
def table(aws: Embedded) -> str:
    return aws.tables["inventory"]


def test_what_is_put_is_read_and_found(client: Client, table: str) -> None:
    ask(client, "PutItem", TableName=table, Item=ITEM, **FRESH)
    assert ask(client, "GetItem", TableName=table, Key=KEY)["Item"] == ITEM
    found = ask(client, "Query",
        TableName=table, KeyConditionExpression="pk = :p",
        ExpressionAttributeValues={":p": {"S": "one"}},
    )  # fmt: skip
    assert (found["Items"], found["Count"]) == ([ITEM], 1)
    assert "LastEvaluatedKey" not in found


def test_what_is_read_is_nobody_elses(client: Client, table: str) -> None:
    ask(client, "PutItem", TableName=table, Item=ITEM)
    ask(client, "GetItem", TableName=table, Key=KEY)["Item"]["taken"]["M"].clear()
    assert ask(client, "GetItem", TableName=table, Key=KEY)["Item"] == ITEM


def test_a_refused_condition_is_an_error_of_its_name(client: Client, table: str) -> None:
    ask(client, "PutItem", TableName=table, Item=ITEM)
    with pytest.raises(ClientError, match="ConditionalCheckFailedException"):
        ask(client, "PutItem", TableName=table, Item=KEY, **FRESH)
    assert ask(client, "GetItem", TableName=table, Key=KEY)["Item"] == ITEM


def test_a_cancelled_transaction_gives_a_reason_for_every_write(client: Client, table: str) -> None:
    ask(client, "PutItem", TableName=table, Item=ITEM)
    writes = [
        {"Put": {"TableName": table, "Item": KEY | {"sk": {"S": "new"}}}},
        {"Put": {"TableName": table, "Item": KEY, **FRESH}},
    ]
    with pytest.raises(ClientError) as refused:
        ask(client, "TransactWriteItems", TransactItems=writes)
    assert refused.value.response["Error"]["Code"] == "TransactionCanceledException"
    reasons = refused.value.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "ConditionalCheckFailed"]
    assert ask(client, "Scan", TableName=table)["Items"] == [ITEM]


def test_an_item_beyond_400_kb_is_refused(client: Client, table: str) -> None:
    with pytest.raises(ClientError, match="Item size"):
        ask(client, "PutItem", TableName=table, Item=KEY | {"x": {"S": "x" * 410_000}})
