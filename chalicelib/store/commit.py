"""A Change becomes one transaction: its parts become writes (`writers.py`), which are sent together
(`dynamodb/transaction.py`)."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from datetime import datetime

from pynamodb.connection import Connection

from chalicelib.domain.core import errors
from chalicelib.domain.core.change import Change
from chalicelib.store import outbox, writers
from chalicelib.store.accounts import Accounts
from chalicelib.store.api_keys import ApiKeys
from chalicelib.store.catalogue import Catalogue
from chalicelib.store.dynamodb import transaction
from chalicelib.store.dynamodb.transaction import Write
from chalicelib.store.rooms import Steps


class Commit:
    """Writes Changes. `shards` partitions of the index `due` share the deadlines.

    The steps of rooms are numbered, so a transaction is repeated while the number of one is taken.
    """

    def __init__(
        self,
        connection: Connection,
        *,
        shards: int,
        caches: Iterable[Accounts | ApiKeys | Catalogue],
        now: Callable[[], datetime],
        new_id: Callable[[str], str],
    ) -> None:
        self._connection = connection
        self._writers = writers.writers(shards)
        self._items = writers.items(shards)
        self._caches = tuple(caches)
        self._now = now
        self._new_id = new_id
        self._steps = Steps()

    def __call__(self, change: Change) -> None:
        """Write a change in one transaction. Raises the refusal of the first write whose condition
        failed, StaleVersion after a conflict, Unavailable when DynamoDB is busy."""
        turned = [edit for edit in change.rooms if not edit.prolongs]
        self._steps.append(turned, self._now, lambda steps: self._send(change, steps))

    def _send(self, change: Change, steps: Iterable[Write]) -> None:
        writes = (*self._writes(change), *steps)
        try:
            transaction.send(self._connection, writes)
        except errors.ClosedMeanwhile:
            for cache in self._caches:
                if isinstance(cache, Catalogue):
                    cache.forget()
            raise
        finally:
            for cache in self._caches:
                cache.forget_changed(change)

    def _writes(self, change: Change) -> Iterator[Write]:
        for record in change.deletes:
            to_item = self._items[type(record).__name__]()
            yield transaction.delete(to_item(record), record.version)
        for part in _parts(change):
            writes = self._writers[type(part).__name__]()
            yield from writes(part)
        if change.effects:
            yield outbox.write(change.effects, self._new_id("EF"), self._now())


def _parts(change: Change) -> Iterator[object]:
    yield from change.saves
    yield from change.sheets
    yield from change.rooms
    yield from change.queues
    yield from change.wishes
    yield from change.tallies
    yield from change.ledger
    yield from change.audits
    yield from change.relies_on
