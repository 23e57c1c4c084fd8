"""Puts what the data file holds back into moto when Berth starts."""

from __future__ import annotations

import base64
import gc
import json
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime
from typing import Any

from moto.dynamodb.models.dynamo_type import DynamoType
from moto.dynamodb.models.table import Table
from moto.ses.models import RawMessage

from chalicelib.store.outbox import LANES
from local import moto_fixes
from local.data_file import DataFile
from local.data_folder import DataError
from local.data_schema import damaged
from local.mailbox import Postbag

CONNECTIONS = ("channel#", "connection#")
"""How the partitions of WebSocket connections begin: no connection outlives its process."""


def load_items(data: DataFile, tables: Mapping[str, Table]) -> None:
    """Load every item of the file but those of WebSocket connections, which are deleted. `tables`
    are moto's, by their names in `settings.TABLES`. Raises DataError."""
    data.delete_partitions(*CONNECTIONS)
    with _no_garbage_collection(), _readable(data):
        for name, body in data.items():
            table, attributes = tables[name], _attributes(body)
            pk, sk = DynamoType(attributes["pk"]), DynamoType(attributes["sk"])
            table.items[pk][sk] = moto_fixes.stored(pk, sk, attributes)


def replay_outbox(table: Table) -> None:
    """Add each batch that waits in the outbox to the stream of `table` once more: stream records
    are in memory only."""
    assert table.stream_shard is not None
    for lane in LANES:
        for item in table.items.get(DynamoType({"S": lane}), {}).values():
            table.stream_shard.add(None, item)


def load_mails(data: DataFile, postbag: Postbag) -> None:
    """Put every kept mail into the postbag. Raises DataError."""
    with _readable(data):
        for mail in data.mails():
            message = RawMessage("", mail.source, json.loads(mail.recipients), mail.raw)
            postbag.restore(message, datetime.fromtimestamp(mail.sent_at, UTC))


def _attributes(body: str) -> dict[str, Any]:
    """The attributes of an item from their JSON; moto holds binary values as bytes."""
    has_binary = '"B": ' in body or '"BS": ' in body
    attributes: dict[str, Any] = json.loads(body, object_hook=_decoded if has_binary else None)
    return attributes


def _decoded(value: dict[str, Any]) -> dict[str, Any]:
    match value:
        case {"B": str(text)}:
            return {"B": base64.b64decode(text)}
        case {"BS": [*texts]}:
            return {"BS": [base64.b64decode(text) for text in texts]}
    return value


@contextmanager
def _readable(data: DataFile) -> Iterator[None]:
    """Turn what no Berth has written into a DataError."""
    try:
        yield
    except (ValueError, LookupError, TypeError, AttributeError) as error:
        raise DataError(damaged(data.path, f"a record cannot be read, {error!r}")) from error


@contextmanager
def _no_garbage_collection() -> Iterator[None]:
    """Loading makes objects by the million and no garbage; looking for it takes a quarter more."""
    gc.disable()
    try:
        yield
    finally:
        gc.enable()
