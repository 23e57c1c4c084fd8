"""An engine outside this process is prepared, metered, followed and cleared like the one inside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import pytest

from chalicelib.aws.client import Client
from chalicelib.aws.connection import Endpoint
from chalicelib.aws.services import DYNAMODB
from chalicelib.settings import Settings
from local.engine import Embedded
from local.metering import Meter
from local.stream import source_of
from tests import dynoxide

pytestmark = pytest.mark.engine2

ITEM = {"pk": {"S": "p"}, "sk": {"S": "s"}}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with dynoxide.dynoxide() as endpoint:
        if endpoint is None:
            pytest.skip(dynoxide.ABSENT)
        yield endpoint


@pytest.fixture
def outside(engine_settings: Settings, endpoint: str) -> Iterator[Embedded]:
    with Embedded(replace(engine_settings, dynamodb_endpoint=endpoint), Meter()) as outside:
        yield outside
        outside.clear()


@pytest.fixture
def client(outside: Embedded, endpoint: str) -> Client:
    at = Endpoint(endpoint, connect_seconds=1, read_seconds=3)
    return Client(DYNAMODB, at, region=outside.settings.region, attempts=1)


def test_what_it_consumed_is_counted(outside: Embedded, client: Client) -> None:
    assert outside.meter is not None
    due = {"due_shard": {"S": "s.0"}, "due_at": {"N": "5"}}
    table = outside.tables["bookings"]
    put = {"TableName": table, "Item": {**ITEM, **due}}
    client.call("TransactWriteItems", {"TransactItems": [{"Put": put}]})
    client.call("GetItem", {"TableName": table, "Key": ITEM})
    reading = outside.meter.snapshot()
    assert reading.requests == {"GetItem": 1, "TransactWriteItems": 1}
    assert reading.tables[table].writes["table"] == 2
    assert reading.read_units == 0.5


def test_its_stream_is_followed(outside: Embedded, client: Client) -> None:
    source = source_of(outside)
    client.call("PutItem", {"TableName": outside.tables["outbox"], "Item": ITEM})
    (record,) = source.take()
    assert (record["eventName"], record["dynamodb"]["NewImage"]) == ("INSERT", ITEM)
    assert source.take() == []


def test_it_is_cleared(outside: Embedded, client: Client) -> None:
    table = outside.tables["ledger"]
    client.call("PutItem", {"TableName": table, "Item": ITEM})
    outside.clear()
    assert client.call("Scan", {"TableName": table})["Count"] == 0
