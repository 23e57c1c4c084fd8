"""Counters of attempts within a window of time, for rate limits."""

from __future__ import annotations

from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import OutboxTable


class WindowItem(OutboxTable):
    """The attempts of one key in one window (`window#<limit>`, window)."""

    n = IntegerAttribute()
    ttl = IntegerAttribute()


class Counters:
    """Counters that all instances share."""

    def count(self, key: str, window: int, *, ttl: int) -> int:
        """Count an attempt of `key` in `window`, and return how many it has made there: one update.
        `ttl` is the epoch second from which the count may be deleted."""
        item = WindowItem(f"window#{key}", str(window))
        with translated():
            item.update([WindowItem.n.add(1), WindowItem.ttl.set(ttl)])
        return item.n
