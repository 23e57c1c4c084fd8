"""dynoxide starts, keeps its promises where our guards need them, and ends."""

from __future__ import annotations

import concurrent.futures
import socket
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlsplit

import botocore.session
import pytest
from botocore.config import Config
from botocore.exceptions import ClientError

from tests import dynoxide

pytestmark = pytest.mark.engine2


@pytest.fixture(scope="module")
def client() -> Iterator[Any]:
    with dynoxide.dynoxide() as endpoint:
        if endpoint is None:
            pytest.skip(dynoxide.ABSENT)
        client = botocore.session.get_session().create_client(
            "dynamodb",
            region_name="eu-west-1",
            endpoint_url=endpoint,
            aws_access_key_id="none",
            aws_secret_access_key="none",
            config=Config(retries={"total_max_attempts": 1}, max_pool_connections=50),
        )
        _create_table(client)
        yield client
        client.close()


def _create_table(client: Any) -> None:
    client.create_table(
        TableName="things",
        BillingMode="PAY_PER_REQUEST",
        KeySchema=[{"AttributeName": "pk", "KeyType": "HASH"}],
        AttributeDefinitions=[
            {"AttributeName": "pk", "AttributeType": "S"},
            {"AttributeName": "due_shard", "AttributeType": "S"},
        ],
        GlobalSecondaryIndexes=[
            {
                "IndexName": "due",
                "KeySchema": [{"AttributeName": "due_shard", "KeyType": "HASH"}],
                "Projection": {"ProjectionType": "ALL"},
            }
        ],
    )


def _claim(pk: str, holder: str) -> list[dict[str, Any]]:
    update = {
        "TableName": "things",
        "Key": {"pk": {"S": pk}},
        "UpdateExpression": "SET holder = :h, due_shard = :d",
        "ConditionExpression": "attribute_not_exists(holder)",
        "ExpressionAttributeValues": {":h": {"S": holder}, ":d": {"S": f"due {pk}"}},
        "ReturnValuesOnConditionCheckFailure": "ALL_OLD",
    }
    return [
        {"Put": {"TableName": "things", "Item": {"pk": {"S": f"claim {pk} {holder}"}}}},
        {"Update": update},
    ]


def _won(client: Any, pk: str, holder: str) -> bool:
    try:
        client.transact_write_items(TransactItems=_claim(pk, holder))
    except ClientError as refused:
        return _lost(refused)
    return True


def _lost(refused: ClientError) -> bool:
    reasons = refused.response["CancellationReasons"]
    assert [reason["Code"] for reason in reasons] == ["None", "ConditionalCheckFailed"]
    return False


def test_of_two_hundred_racing_transactions_one_wins(client: Any) -> None:
    with concurrent.futures.ThreadPoolExecutor(50) as pool:
        won = list(pool.map(lambda n: _won(client, "bay", str(n)), range(200)))

    assert won.count(True) == 1


def test_a_cancelled_transaction_writes_nothing_and_tells_who_holds_the_item(client: Any) -> None:
    client.transact_write_items(TransactItems=_claim("hall", "first"))

    with pytest.raises(ClientError) as refused:
        client.transact_write_items(TransactItems=_claim("hall", "second"))

    assert refused.value.response["CancellationReasons"][1]["Item"]["holder"] == {"S": "first"}
    assert "Item" not in client.get_item(TableName="things", Key={"pk": {"S": "claim hall second"}})


def test_an_item_leaves_the_sparse_index_with_the_key_of_the_index(client: Any) -> None:
    client.transact_write_items(TransactItems=_claim("room", "guest"))
    assert _due(client, "due room") == ["room"]

    client.update_item(
        TableName="things", Key={"pk": {"S": "room"}}, UpdateExpression="REMOVE due_shard"
    )

    assert _due(client, "due room") == []


def _due(client: Any, shard: str) -> list[str]:
    page = client.query(
        TableName="things",
        IndexName="due",
        KeyConditionExpression="due_shard = :s",
        ExpressionAttributeValues={":s": {"S": shard}},
    )
    return [item["pk"]["S"] for item in page["Items"]]


def test_a_repeated_token_applies_a_transaction_once(client: Any) -> None:
    add = {
        "TableName": "things",
        "Key": {"pk": {"S": "count"}},
        "UpdateExpression": "ADD n :one",
        "ExpressionAttributeValues": {":one": {"N": "1"}},
    }
    for _ in range(2):
        client.transact_write_items(TransactItems=[{"Update": add}], ClientRequestToken="same")

    count = client.get_item(TableName="things", Key={"pk": {"S": "count"}})
    assert count["Item"]["n"] == {"N": "1"}


def test_the_engine_is_gone_when_its_block_ends() -> None:
    with dynoxide.dynoxide() as endpoint:
        if endpoint is None:
            pytest.skip(dynoxide.ABSENT)
        address = urlsplit(endpoint)

    with pytest.raises(OSError, match="refused"):
        socket.create_connection((address.hostname or "", address.port or 0), 1)


def test_without_the_binary_there_is_no_endpoint(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(dynoxide, "binary", lambda: None)

    with dynoxide.dynoxide() as endpoint:
        assert endpoint is None
