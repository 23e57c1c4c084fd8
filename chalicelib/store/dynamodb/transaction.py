"""One transaction: conditional writes of which all are done or none.

Each Write carries the refusal that its failed condition means. A cancelled transaction answers with
one reason for each write, in the order in which PynamoDB sends them (checks, deletes, puts,
updates), so the right refusal needs no second read.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal, NoReturn

from pynamodb.connection import Connection
from pynamodb.exceptions import TransactWriteError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.domain.core import errors
from chalicelib.store.dynamodb.item import IS_NEW
from chalicelib.store.dynamodb.refusals import RETRY_AFTER, is_busy, translated
from chalicelib.store.dynamodb.schema import Table

MOST_WRITES: Final = 100
"""DynamoDB's limit for one transaction."""

Operation = Literal["check", "delete", "put", "update"]

_ORDER: Final[tuple[Operation, ...]] = ("check", "delete", "put", "update")

Refusal = Callable[[], errors.Refusal]


@dataclass(frozen=True)
class Write:
    """One item of a transaction: its condition, and the refusal that a failed condition means."""

    operation: Operation
    item: Table
    condition: Condition | None = None
    refusal: Refusal = errors.StaleVersion
    actions: tuple[Action, ...] = ()


def save(item: Table, version: int, *, exists: Refusal = errors.AlreadyExists) -> Write:
    """Put a record at `version`, which is 1 for a new one. Refused as `exists` where a new one is
    there already, as StaleVersion where the stored version is not the one before."""
    if version == 1:
        return create(item, exists=exists)
    return Write("put", item, _is_at(item, version - 1))


def create(item: Table, *, exists: Refusal = errors.AlreadyExists) -> Write:
    """Put an item, refused as `exists` where it is there already."""
    return Write("put", item, IS_NEW, exists)


def delete(item: Table, version: int) -> Write:
    """Delete a record, refused as StaleVersion unless it is at `version`."""
    return Write("delete", item, _is_at(item, version))


def update(
    item: Table,
    actions: Iterable[Action],
    condition: Condition | None = None,
    *,
    refusal: Refusal = errors.StaleVersion,
) -> Write:
    """Change an item by `actions`, refused as `refusal` where `condition` fails."""
    return Write("update", item, condition, refusal, tuple(actions))


def check(item: Table, condition: Condition, *, refusal: Refusal) -> Write:
    """Write nothing, and refuse the transaction as `refusal` where `condition` fails."""
    return Write("check", item, condition, refusal)


def send(connection: Connection, writes: Iterable[Write]) -> None:
    """Do all the writes or none. Raises the refusal of the first whose condition failed,
    StaleVersion after a conflict with another transaction, Unavailable when DynamoDB is busy."""
    ordered = sorted(writes, key=lambda write: _ORDER.index(write.operation))
    assert 0 < len(ordered) <= MOST_WRITES, f"a transaction of {len(ordered)} writes"
    try:
        with translated():
            connection.transact_write_items(
                condition_check_items=_requests(ordered, "check"),
                delete_items=_requests(ordered, "delete"),
                put_items=_requests(ordered, "put"),
                update_items=_requests(ordered, "update"),
            )
    except TransactWriteError as error:
        _refuse(error, ordered)


def _is_at(item: Table, version: int) -> Condition:
    return type(item).get_attributes()["version"] == version


def _requests(writes: Iterable[Write], operation: Operation) -> list[dict[str, Any]]:
    return [_request(write) for write in writes if write.operation == operation]


def _request(write: Write) -> dict[str, Any]:
    item, condition = write.item, write.condition
    match write.operation:
        case "check":
            return item.get_operation_kwargs_from_class(item.pk, item.sk, condition=condition)
        case "delete":
            return item.get_delete_kwargs_from_instance(condition=condition)
        case "put":
            return item.put(condition)
        case "update":
            actions = list(write.actions)
            return item.get_update_kwargs_from_instance(actions=actions, condition=condition)


def _refuse(error: TransactWriteError, writes: Sequence[Write]) -> NoReturn:
    """Raise what the reasons of a cancelled transaction mean."""
    reasons = list(error.cancellation_reasons)
    codes = {reason.code for reason in reasons if reason is not None}
    if codes and not codes - {"ConditionalCheckFailed", "TransactionConflict"}:
        for write, reason in zip(writes, reasons, strict=True):
            if reason is not None and reason.code == "ConditionalCheckFailed":
                raise write.refusal() from error
        raise errors.StaleVersion() from error
    if any(is_busy(code) for code in codes):
        raise errors.Unavailable(retry_after=RETRY_AFTER) from error
    raise error
