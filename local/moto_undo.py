"""Puts items and streams of moto back as they were before a write."""

from __future__ import annotations

import copy
from collections.abc import Iterable
from typing import Any

from moto.dynamodb.models import DynamoDBBackend
from moto.dynamodb.models.dynamo_type import DynamoType

from local import moto_requests
from local.moto_requests import Write

_MISSING = object()


class Undo:
    """The items under the keys of `writes` and every stream as they are now. Calling it puts them
    back."""

    def __init__(self, backend: DynamoDBBackend, writes: Iterable[Write]) -> None:
        self._items = [_UndoItem(write) for write in writes if write.action != "ConditionCheck"]
        shards = [table.stream_shard for table in backend.tables.values()]
        self._streams = [(shard, len(shard.items)) for shard in shards if shard]

    def __call__(self) -> None:
        for put_back in reversed(self._items):  # an item named twice: its copy comes last
            put_back()
        for shard, length in self._streams:
            del shard.items[length:]


class _UndoItem:
    """One item as it is now, and how to put it back. moto changes an item in place where it is
    updated, so that one is copied."""

    def __init__(self, write: Write) -> None:
        self._table = write.table
        self._hash, self._range = moto_requests.keys_of(write.table, write.key)
        old = self._box().get(self._name(), _MISSING)
        self._old = copy.deepcopy(old) if write.action == "Update" and old is not _MISSING else old

    def _box(self) -> Any:
        return self._table.items if self._range is None else self._table.items[self._hash]

    def _name(self) -> DynamoType:
        return self._hash if self._range is None else self._range

    def __call__(self) -> None:
        if self._old is _MISSING:
            self._box().pop(self._name(), None)
        else:
            self._box()[self._name()] = self._old
