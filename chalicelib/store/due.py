"""What is due: bookings and waitlist entries, read from the index `due`."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, cast

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import unixtime
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.store import booking_item, waitlist
from chalicelib.store.booking_item import BookingItem
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.waitlist import EntryItem

MOST_TRIES: Final = 5
"""After so many failed attempts of a sweep an item is parked: it waits for a person."""

PARKED: Final = "parked"

ENTRIES: Final = "waitlist-expiry"
"""The sweep over waitlist entries; all others are over bookings."""


@dataclass(frozen=True)
class Due:
    """An entry of the index. Its record is decoded by the sweep that handles it, so that one that
    cannot be decoded does not stop the others."""

    item: BookingItem | EntryItem

    @property
    def key(self) -> tuple[str, str]:
        return self.item.pk, self.item.sk

    def record(self) -> Booking | Entry:
        """The record as the index has it."""
        if isinstance(self.item, EntryItem):
            return waitlist.from_item(self.item)
        return booking_item.from_item(self.item)

    def index_key(self) -> dict[str, Any]:
        """The key after which the next page of the index begins."""
        return {
            "pk": {"S": self.item.pk},
            "sk": {"S": self.item.sk},
            "due_shard": {"S": self.item.due_shard},
            "due_at": {"N": str(self.item.due_at)},
        }


class Deadlines:
    """The index, whose `shards` spread what is due at one time."""

    def __init__(self, shards: int) -> None:
        self.shards = shards

    def due(
        self, sweep: str, *, shard: int, now: datetime, limit: int, after: Due | None = None
    ) -> tuple[Due, ...]:
        """What `sweep` should apply by `now`, earliest first: one query, of the index alone. It may
        be a moment old; the version guards the write."""
        model = EntryItem if sweep == ENTRIES else BookingItem
        with translated():
            found = model.due.query(
                f"{sweep}.{shard}",
                model.due_at <= unixtime.of(now),
                limit=limit,
                page_size=limit,
                last_evaluated_key=after.index_key() if after else None,
            )
            return tuple(Due(cast(BookingItem | EntryItem, item)) for item in found)

    def count_failure(self, due: Due) -> bool:
        """Count a failed attempt of a sweep. After `MOST_TRIES` the item is parked: it leaves the
        index for the shard `parked`. True then."""
        model = type(due.item)
        item = model(*due.key)
        with translated():
            item.update([model.attempts.add(1)], model.pk.exists())
            if item.attempts < MOST_TRIES:
                return False
            item.update([model.due_shard.set(PARKED)], model.due_shard.exists())
        return True
