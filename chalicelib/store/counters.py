"""Counts of what was tried in a window of time; DynamoDB removes them when they are over."""

from __future__ import annotations

from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import WindowItem


class Counters:
    """Counters that hold across instances: one update each."""

    def count(self, key: str, window: int, *, ttl: int) -> int:
        """Add one to what `key` has done in `window`, and say how often that is now. `ttl` is the
        epoch second from which nobody needs the count."""
        item = WindowItem(f"window#{key}", str(window))
        with translated():
            item.update([WindowItem.n.add(1), WindowItem.ttl.set(ttl)])
        return int(item.n)
