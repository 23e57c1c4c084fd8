"""Lambda's event source mapping for the outbox table: the app gets new records at once."""

from __future__ import annotations

import base64
import logging
import threading
from collections.abc import Callable
from datetime import datetime
from typing import Any, Protocol

from local.engine import Embedded
from local.invocation import EVENT_SECONDS, Context

log = logging.getLogger("local.stream")

Record = dict[str, Any]
Handler = Callable[[dict[str, Any], Context], Any]

BATCH = 100
"""Records in one event."""

NEAR = 0.03
"""Seconds between two reads of a stream inside this process, which cost nothing."""

FAR = 0.25
"""Seconds between two reads of the stream of an engine outside."""


class Source(Protocol):
    """Where stream records come from."""

    def take(self) -> list[Record]:
        """The records added since the last call, oldest first."""
        ...


class MotoStream:
    """The outbox table's stream inside this process."""

    def __init__(self, engine: Embedded) -> None:
        self._engine = engine

    def take(self) -> list[Record]:
        return self._engine.take_stream_records("outbox")


class ClientStream:
    """The outbox table's stream in an engine outside, from now on. An engine without streams
    leaves delivery to the outbox sweep."""

    def __init__(self, engine: Embedded) -> None:
        table = engine.client("dynamodb").describe_table(TableName=engine.tables["outbox"])["Table"]
        self._arn = table.get("LatestStreamArn")
        self._client = engine.client("dynamodbstreams")
        self._region = engine.settings.region
        self._iterators: dict[str, str | None] = {}
        if not self._arn:
            log.warning("the outbox table has no stream: the outbox sweep delivers")
        self._find_shards("LATEST")

    def take(self) -> list[Record]:
        self._find_shards("TRIM_HORIZON")
        return [record for shard in list(self._iterators) for record in self._take_from(shard)]

    def _find_shards(self, start: str) -> None:
        if not self._arn:
            return
        shards = self._client.describe_stream(StreamArn=self._arn)["StreamDescription"]["Shards"]
        for shard in shards:
            if shard["ShardId"] not in self._iterators:
                self._iterators[shard["ShardId"]] = self._client.get_shard_iterator(
                    StreamArn=self._arn, ShardId=shard["ShardId"], ShardIteratorType=start
                )["ShardIterator"]

    def _take_from(self, shard: str) -> list[Record]:
        taken: list[Record] = []
        while iterator := self._iterators[shard]:
            page = self._client.get_records(ShardIterator=iterator)
            self._iterators[shard] = page.get("NextShardIterator")
            taken += [self._as_lambda_sees(record) for record in page["Records"]]
            if not page["Records"]:
                break
        return taken

    def _as_lambda_sees(self, record: Record) -> Record:
        plain: Record = _plain(record)
        return {**plain, "awsRegion": self._region, "eventSourceARN": self._arn}


def source_of(engine: Embedded) -> Source:
    """The outbox table's stream, in this process or outside."""
    return MotoStream(engine) if engine.in_process else ClientStream(engine)


class StreamFeed:
    """Hands the records of `source` to `handler` as they come, on a thread or by `drain`."""

    def __init__(self, source: Source, handler: Handler, pause: float = NEAR) -> None:
        self._source = source
        self._handler = handler
        self._pause = pause
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="stream", daemon=True)

    def start(self) -> None:
        """Begin to deliver on a thread."""
        self._thread.start()

    def stop(self) -> None:
        """Let the running delivery end, and start no other."""
        self._stop.set()
        if self._thread.is_alive():
            self._thread.join()

    def drain(self) -> None:
        """Deliver the records in the stream, and those their delivery adds, before returning. A
        batch that fails is left to the outbox sweep."""
        with self._lock:
            while records := self._source.take():
                for start in range(0, len(records), BATCH):
                    self._deliver(records[start : start + BATCH])

    def _deliver(self, records: list[Record]) -> None:
        try:
            self._handler({"Records": records}, Context("berth-local-outbox_stream", EVENT_SECONDS))
        except Exception:
            log.exception("delivery from the stream failed; the outbox sweep will try again")

    def _run(self) -> None:
        while not self._stop.wait(self._pause):
            try:
                self.drain()
            except Exception:
                log.exception("the stream cannot be read")
                self._stop.wait(1)


def _plain(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _plain(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, datetime):
        return value.timestamp()
    return base64.b64encode(value).decode() if isinstance(value, bytes) else value
