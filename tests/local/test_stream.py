from __future__ import annotations

import threading
from datetime import UTC, datetime
from typing import Any

import pytest

from local.engine import Embedded
from local.invocation import Context
from local.stream import BATCH, ClientStream, Record, StreamFeed, source_of


class Source:
    """Record batches, one a call."""

    def __init__(self, *batches: list[Record]) -> None:
        self.batches = list(batches)

    def take(self) -> list[Record]:
        return self.batches.pop(0) if self.batches else []


class Sink:
    """Remembers the events it was called with; `fails` of them first raise."""

    def __init__(self, fails: int = 0) -> None:
        self.events: list[list[Record]] = []
        self.fails = fails
        self.called = threading.Event()

    def __call__(self, event: dict[str, Any], context: Context) -> None:
        self.events.append(event["Records"])
        self.called.set()
        if len(self.events) <= self.fails:
            raise ValueError("not today")


def test_records_are_handed_over_in_batches() -> None:
    sink = Sink()
    StreamFeed(Source([{"n": n} for n in range(BATCH + 1)]), sink).drain()
    assert [len(records) for records in sink.events] == [BATCH, 1]


def test_draining_goes_on_until_the_stream_is_empty() -> None:
    sink = Sink()
    StreamFeed(Source([{"n": 1}], [{"n": 2}]), sink).drain()
    assert sink.events == [[{"n": 1}], [{"n": 2}]]


def test_a_failing_batch_does_not_hold_up_the_next(caplog: pytest.LogCaptureFixture) -> None:
    sink = Sink(fails=1)
    StreamFeed(Source([{"n": 1}], [{"n": 2}]), sink).drain()
    assert len(sink.events) == 2
    assert "the outbox sweep will try again" in caplog.text


def test_a_thread_delivers_what_comes() -> None:
    sink = Sink()
    feed = StreamFeed(Source([], [{"n": 1}]), sink, pause=0.001)
    feed.start()
    assert sink.called.wait(10)
    feed.stop()
    assert sink.events == [[{"n": 1}]]


def test_the_outbox_tables_stream_is_the_source(engine: Embedded) -> None:
    source = source_of(engine)
    key = {"pk": {"S": "p"}, "sk": {"S": "s"}}
    engine.client("dynamodb").put_item(TableName=engine.tables["outbox"], Item=key)
    assert [record["dynamodb"]["Keys"] for record in source.take()] == [key]


class FakeStreams:
    """A streams client with one shard, and a second one that appears later."""

    def __init__(self) -> None:
        self.shards = ["one"]
        self.pages: dict[str, list[list[dict[str, Any]]]] = {
            "one": [[{"n": 1, "at": datetime(1970, 1, 2, tzinfo=UTC)}]],
            "two": [[]],
        }

    def describe_stream(self, **_: Any) -> dict[str, Any]:
        return {"StreamDescription": {"Shards": [{"ShardId": shard} for shard in self.shards]}}

    def get_shard_iterator(self, **asked: Any) -> dict[str, Any]:
        return {"ShardIterator": asked["ShardId"]}

    def get_records(self, **asked: Any) -> dict[str, Any]:
        shard = asked["ShardIterator"]
        page = self.pages[shard].pop(0) if self.pages[shard] else []
        return {"Records": page, "NextShardIterator": shard}


class FakeEngine:
    """An engine outside, with the parts that ClientStream uses."""

    def __init__(self, engine: Embedded) -> None:
        self.tables, self.settings = engine.tables, engine.settings
        self.streams = FakeStreams()

    def client(self, service: str) -> Any:
        return self.streams if service == "dynamodbstreams" else self

    def describe_table(self, **_: Any) -> dict[str, Any]:
        return {"Table": {"LatestStreamArn": "arn:stream"}}


def test_the_stream_of_an_engine_outside_is_read_shard_by_shard(engine: Embedded) -> None:
    outside = FakeEngine(engine)
    source = ClientStream(outside)  # type: ignore[arg-type]
    (record,) = source.take()
    assert (record["n"], record["at"]) == (1, 86400.0)
    assert record["eventSourceARN"] == "arn:stream"
    outside.streams.shards.append("two")
    outside.streams.pages["two"] = [[{"b": b"\x01", "l": [1]}]]
    assert [(r["b"], r["l"]) for r in source.take()] == [("AQ==", [1])]


def test_an_engine_without_streams_leaves_delivery_to_the_sweep(
    engine: Embedded, caplog: pytest.LogCaptureFixture
) -> None:
    outside = FakeEngine(engine)
    outside.describe_table = lambda **_: {"Table": {}}  # type: ignore[method-assign]
    assert ClientStream(outside).take() == []  # type: ignore[arg-type]
    assert "the outbox sweep delivers" in caplog.text
