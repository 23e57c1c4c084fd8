"""The deadline of a booking or a waitlist entry, as the index `due` finds it."""

from __future__ import annotations

import zlib
from typing import Any

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.bookings.deadline import SWEEP_OF, Deadline, DeadlineKind
from chalicelib.domain.core import unixtime
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.schema import BookingsTable


class DueItem(BookingsTable):
    """An item with a deadline: its kind, its partition and place in the index, and how often a
    sweep has failed to apply it."""

    due_kind = UnicodeAttribute(null=True)
    due_shard = UnicodeAttribute(null=True)
    due_at = IntegerAttribute(null=True)
    attempts = IntegerAttribute(null=True)


def pack(deadline: Deadline | None, key: tuple[str, str], shards: int) -> dict[str, Any]:
    """The attributes of the item with that key; none without a deadline. `shards` partitions of the
    index share what is due at one time."""
    if deadline is None:
        return {}
    shard = zlib.crc32("".join(key).encode()) % shards
    return {
        "due_kind": deadline.kind.value,
        "due_shard": f"{SWEEP_OF[deadline.kind]}.{shard}",
        "due_at": unixtime.of(deadline.at),
    }


def unpack(item: DueItem) -> Deadline | None:
    """The deadline of an item."""
    if not item.due_kind:
        return None
    return Deadline(DeadlineKind(item.due_kind), unixtime.instant(item.due_at))
