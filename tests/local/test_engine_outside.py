"""An engine outside this process is prepared, metered, followed and cleared like the one inside."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import botocore.session
import pytest

from chalicelib.settings import Settings
from local.engine import Embedded
from local.metering import Meter
from local.stream import source_of
from tests import engines

pytestmark = pytest.mark.engine2

ITEM = {"pk": {"S": "p"}, "sk": {"S": "s"}}


@pytest.fixture(scope="module")
def endpoint() -> Iterator[str]:
    with engines.dynoxide() as endpoint:
        if endpoint is None:
            pytest.skip(engines.ABSENT)
        yield endpoint


@pytest.fixture
def outside(engine_settings: Settings, endpoint: str) -> Iterator[Embedded]:
    with Embedded(replace(engine_settings, dynamodb_endpoint=endpoint), Meter()) as outside:
        yield outside
        outside.clear()


@pytest.fixture
def client(outside: Embedded) -> Any:
    return botocore.session.Session().create_client(
        "dynamodb",
        region_name=outside.settings.region,
        endpoint_url=outside.settings.dynamodb_endpoint,
    )


def test_what_it_consumed_is_counted(outside: Embedded, client: Any) -> None:
    assert outside.meter is not None
    due = {"due_shard": {"S": "s.0"}, "due_at": {"N": "5"}}
    table = outside.tables["bookings"]
    client.transact_write_items(
        TransactItems=[{"Put": {"TableName": table, "Item": {**ITEM, **due}}}]
    )
    client.get_item(TableName=table, Key=ITEM)
    reading = outside.meter.snapshot()
    assert reading.requests == {"GetItem": 1, "TransactWriteItems": 1}
    assert reading.tables[table].writes["table"] == 2
    assert reading.read_units == 0.5


def test_its_stream_is_followed(outside: Embedded, client: Any) -> None:
    source = source_of(outside)
    client.put_item(TableName=outside.tables["outbox"], Item=ITEM)
    (record,) = source.take()
    assert (record["eventName"], record["dynamodb"]["NewImage"]) == ("INSERT", ITEM)
    assert source.take() == []


def test_it_is_cleared(outside: Embedded, client: Any) -> None:
    client.put_item(TableName=outside.tables["ledger"], Item=ITEM)
    outside.clear()
    assert client.scan(TableName=outside.tables["ledger"])["Count"] == 0
