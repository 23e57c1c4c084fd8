"""Effects waiting to be delivered: one item for each change, written in its transaction.

A new item is leased to the reader of the table's stream; one whose effects all wait is left to the
sweep. Once a lease is over the sweep may take the item; taking it is a conditional write, so two
never hold the same. An item that cannot be delivered is parked: it moves to another partition,
where it waits for a person.

Calls of webhooks wait in a lane of their own, because the other side decides how long one takes.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pynamodb.attributes import JSONAttribute, UnicodeAttribute
from pynamodb.exceptions import PynamoDBException, TransactWriteError, UpdateError
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.domain.core import ids, serialize, unixtime
from chalicelib.domain.core.effect import Effect
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import OutboxTable
from chalicelib.store.dynamodb.transaction import Write

STREAM_LEASE: Final = timedelta(seconds=120)
"""The lease of a new item: longer than the function of the stream may run."""

WAITING: Final = "waiting.0"
CALLS: Final = "calls.0"
LANES: Final = (WAITING, CALLS)
PARKED: Final = "parked"

_LONGEST_ERROR: Final = 200
_FAILED: Final = "ConditionalCheckFailed"


class OutboxItem(OutboxTable):
    """The effects of one change (a lane or `parked`, batch id)."""

    effects: JSONAttribute = JSONAttribute()
    not_before = IntegerAttribute()
    attempts = IntegerAttribute()
    error = UnicodeAttribute(null=True)


@dataclass(frozen=True)
class Batch:
    """The effects of one change that are still to be delivered. `not_before` is the end of its
    lease, `attempts` how often delivery has begun, `error` why it failed last, `lane` where it
    waits."""

    batch_id: str
    effects: tuple[Effect, ...]
    not_before: datetime
    attempts: int = 0
    error: str | None = None
    lane: str = WAITING

    def ripe(self, now: datetime) -> tuple[Effect, ...]:
        """The effects that need not wait any more."""
        age = now - ids.made_at(self.batch_id)
        return tuple(effect for effect in self.effects if effect.wait <= age or not effect.wait)


class Outbox:
    """The batches that wait, and those parked."""

    def get(self, batch_id: str, lane: str = WAITING) -> Batch | None:
        """The batch that waits under an id: one read. None when it was delivered or parked."""
        try:
            with translated():
                return from_item(OutboxItem.get(lane, batch_id, consistent_read=True))
        except OutboxItem.DoesNotExist:
            return None

    def due(
        self, now: datetime, *, limit: int, after: Batch | None = None, lane: str = WAITING
    ) -> tuple[Batch, ...]:
        """Up to `limit` batches of a lane whose lease is over at `now`, oldest first, after
        `after`; fewer only when there are no more."""
        with translated():
            found = OutboxItem.query(
                lane,
                OutboxItem.sk > after.batch_id if after else None,
                filter_condition=OutboxItem.not_before <= unixtime.of(now),
                limit=limit,
                page_size=limit,
            )
            return tuple(from_item(item) for item in found)

    def lease(self, batch: Batch, until: datetime) -> Batch | None:
        """Lease a batch until `until` and count the attempt: one update. None when another process
        holds it."""
        item = _item(batch)
        actions: list[Action] = [
            OutboxItem.not_before.set(unixtime.of(until)),
            OutboxItem.attempts.add(1),
        ]
        try:
            with translated():
                item.update(actions, OutboxItem.not_before == unixtime.of(batch.not_before))
        except UpdateError as error:
            _require_refused(error)
            return None
        return from_item(item)

    def done(self, batch: Batch) -> None:
        """Delete a batch of which all effects were delivered."""
        with translated():
            _item(batch).delete()

    def retry(
        self, batch: Batch, effects: Sequence[Effect], *, not_before: datetime, error: str
    ) -> bool:
        """Keep `effects`, the rest of a batch, for another attempt from `not_before` on. False when
        the lease of `batch` was lost."""
        actions: list[Action] = [
            OutboxItem.effects.set(_rows(effects)),
            OutboxItem.not_before.set(unixtime.of(not_before)),
            OutboxItem.attempts.set(batch.attempts),
            OutboxItem.error.set(error[:_LONGEST_ERROR]),
        ]
        try:
            with translated():
                _item(batch).update(actions, OutboxItem.not_before == unixtime.of(batch.not_before))
        except UpdateError as refused:
            _require_refused(refused)
            return False
        return True

    def park(self, batch: Batch, effects: Sequence[Effect], *, error: str) -> bool:
        """Put `effects`, the rest of a batch, aside for a person. False when the lease of `batch`
        was lost."""
        leased = OutboxItem.not_before == unixtime.of(batch.not_before)
        connection = OutboxItem._get_connection().connection
        try:
            with translated(), TransactWrite(connection=connection) as transaction:
                transaction.delete(_item(batch), condition=leased)
                transaction.save(_parked(batch, effects, error))
        except TransactWriteError as refused:
            _require_refused(refused)
            return False
        return True

    def parked(self, limit: int) -> tuple[Batch, ...]:
        """Up to `limit` parked batches, oldest first."""
        with translated():
            found = OutboxItem.query(PARKED, limit=limit, page_size=limit)
            return tuple(from_item(item) for item in found)


def write(effects: Sequence[Effect], batch_id: str, now: datetime) -> Write:
    """A new batch, in the transaction of the change that causes it."""
    return Write("put", to_item(effects, batch_id, now))


def to_item(effects: Sequence[Effect], batch_id: str, now: datetime) -> OutboxItem:
    """The item of a new batch."""
    only_calls = all(effect.kind == "webhook" for effect in effects)
    waits = [effect.wait for effect in effects]
    return OutboxItem(
        CALLS if only_calls else WAITING,
        batch_id,
        effects=_rows(effects),
        not_before=unixtime.of(now + min(waits) if all(waits) else now + STREAM_LEASE),
        attempts=0,
    )


def from_item(item: OutboxItem) -> Batch:
    """The batch in an item."""
    return Batch(
        batch_id=item.sk,
        effects=tuple(Effect(**row) for row in item.effects),
        not_before=unixtime.instant(item.not_before),
        attempts=item.attempts,
        error=item.error,
        lane=item.pk,
    )


def _parked(batch: Batch, effects: Sequence[Effect], error: str) -> OutboxItem:
    return OutboxItem(
        PARKED,
        batch.batch_id,
        effects=_rows(effects),
        not_before=unixtime.of(batch.not_before),
        attempts=batch.attempts,
        error=error[:_LONGEST_ERROR],
    )


def _require_refused(error: PynamoDBException) -> None:
    """Raise `error` unless it is a failed condition, which means that the lease was lost."""
    codes = {error.cause_response_code}
    if isinstance(error, TransactWriteError):
        codes |= {reason.code for reason in error.cancellation_reasons if reason is not None}
    if not codes & {_FAILED, f"{_FAILED}Exception", "TransactionConflict"}:
        raise error


def _item(batch: Batch) -> OutboxItem:
    return OutboxItem(batch.lane, batch.batch_id)


def _rows(effects: Sequence[Effect]) -> list[dict[str, str]]:
    rows = (serialize.fields(effect).items() for effect in effects)
    return [{name: value for name, value in row if value} for row in rows]
