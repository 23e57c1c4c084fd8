"""Records in lists: of a partition, the newest first, and in the order of an index."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any, TypeVar

from chalicelib.domain.core.listing import Listing
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import Table

T = TypeVar("T")


def newest_first(
    kind: type[Table],
    partition: str,
    read: Callable[[Any], T],
    *,
    place: Callable[[T], str],
    limit: int,
    before: str | None,
    consistent_read: bool = True,
) -> Listing[T]:
    """A page of the records of a partition, the newest first, before the sort key `before`: one
    query. `place` names a record as the place after which the list goes on."""
    with translated():
        found = kind.query(
            partition,
            None if before is None else kind.sk < before,
            scan_index_forward=False,
            limit=limit,
            page_size=limit,
            consistent_read=consistent_read,
        )
        records = tuple(read(item) for item in found)
    more = found.last_evaluated_key is not None and bool(records)
    return Listing(records, place(records[-1]) if more else None)


def in_order(found: Iterable[Any], kind: type[Table], read: Callable[[Any], T]) -> tuple[T, ...]:
    """The records of the keys that an index has `found`, in its order: one batch read. A record
    that is gone meanwhile is left out."""
    keys = [(item.pk, item.sk) for item in found]
    items = kind.batch_get(keys, consistent_read=True) if keys else ()
    by_key = {(item.pk, item.sk): read(item) for item in items}
    return tuple(by_key[key] for key in keys if key in by_key)
