"""Effects waiting to be delivered: one item a change, written in its transaction.

An item is born leased to whoever reads the table's stream. Once a lease is over the sweep may take
it; taking one is a conditional write, so two never hold the same. What cannot be delivered is moved
to another partition, where it waits for a person.

Calls of webhooks wait in a lane of their own: how long one takes is the other side's affair, and
nothing of ours waits behind it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pynamodb.exceptions import PynamoDBException, TransactWriteError, UpdateError
from pynamodb.expressions.update import Action
from pynamodb.transactions import TransactWrite

from chalicelib.domain.core import serialize, unixtime
from chalicelib.domain.core.effect import Effect
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import OutboxItem

BORN_LEASED: Final = timedelta(seconds=120)
"""How long the stream has a new item for itself: longer than its function may run."""

WAITING: Final = "waiting.0"
CALLS: Final = "calls.0"
LANES: Final = (WAITING, CALLS)
PARKED: Final = "parked"

_LONGEST_ERROR: Final = 200
_FAILED: Final = "ConditionalCheckFailed"


@dataclass(frozen=True)
class Batch:
    """The effects of one change that are still to be delivered. `not_before` is the end of the
    lease on it, `attempts` how often delivery has begun, `error` why it failed last; `lane` is
    where it waits."""

    batch_id: str
    effects: tuple[Effect, ...]
    not_before: datetime
    attempts: int = 0
    error: str | None = None
    lane: str = WAITING


class Outbox:
    """The batches waiting, and those parked."""

    def get(self, batch_id: str, lane: str = WAITING) -> Batch | None:
        """The batch waiting under that id; None when it was delivered or parked."""
        try:
            with translated():
                return from_item(OutboxItem.get(lane, batch_id, consistent_read=True))
        except OutboxItem.DoesNotExist:
            return None

    def due(
        self, now: datetime, *, limit: int, after: Batch | None = None, lane: str = WAITING
    ) -> tuple[Batch, ...]:
        """Up to `limit` batches of a lane nobody holds at `now`, oldest first, behind `after`;
        fewer only when there are no more."""
        behind = OutboxItem.sk > after.batch_id if after else None
        with translated():
            found = OutboxItem.query(
                lane,
                behind,
                filter_condition=OutboxItem.not_before <= unixtime.of(now),
                limit=limit,
                page_size=limit,
            )
            return tuple(from_item(item) for item in found)

    def lease(self, batch: Batch, until: datetime) -> Batch | None:
        """Take the batch until `until` and count the attempt; None when somebody else has it."""
        item = _key(batch)
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
        """Everything in the batch was delivered."""
        with translated():
            _key(batch).delete()

    def retry(
        self, batch: Batch, effects: Sequence[Effect], *, not_before: datetime, error: str
    ) -> bool:
        """Keep `effects`, what is left of the batch, for another try from `not_before` on. False
        when it is no longer ours."""
        actions: list[Action] = [
            OutboxItem.effects.set(_rows(effects)),
            OutboxItem.not_before.set(unixtime.of(not_before)),
            OutboxItem.attempts.set(batch.attempts),
            OutboxItem.error.set(error[:_LONGEST_ERROR]),
        ]
        try:
            with translated():
                _key(batch).update(actions, OutboxItem.not_before == unixtime.of(batch.not_before))
        except UpdateError as refused:
            _require_refused(refused)
            return False
        return True

    def park(self, batch: Batch, effects: Sequence[Effect], *, error: str) -> bool:
        """Put `effects`, what is left of the batch, aside for a person. False when it is no
        longer ours."""
        ours = OutboxItem.not_before == unixtime.of(batch.not_before)
        connection = OutboxItem._get_connection().connection
        try:
            with translated(), TransactWrite(connection=connection) as transaction:
                transaction.delete(_key(batch), condition=ours)
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


def item(batch_id: str, effects: Sequence[Effect], now: datetime) -> OutboxItem:
    """The item of a new batch, to be written with the change that causes it."""
    only_calls = all(effect.kind == "webhook" for effect in effects)
    return OutboxItem(
        CALLS if only_calls else WAITING,
        batch_id,
        effects=_rows(effects),
        not_before=unixtime.of(now + BORN_LEASED),
        attempts=0,
    )


def from_item(item: OutboxItem) -> Batch:
    return Batch(
        batch_id=item.sk,
        effects=tuple(Effect(**row) for row in item.effects),
        not_before=unixtime.instant(item.not_before),
        attempts=int(item.attempts),
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
    """A refused condition means that somebody else has the batch; anything else is a fault."""
    codes = {error.cause_response_code}
    if isinstance(error, TransactWriteError):
        codes |= {reason.code for reason in error.cancellation_reasons if reason is not None}
    if not codes & {_FAILED, f"{_FAILED}Exception", "TransactionConflict"}:
        raise error


def _key(batch: Batch) -> OutboxItem:
    return OutboxItem(batch.lane, batch.batch_id)


def _rows(effects: Sequence[Effect]) -> list[dict[str, str]]:
    told = (serialize.fields(effect).items() for effect in effects)
    return [{name: value for name, value in fields if value} for fields in told]
