"""A site's log of events, kept for `event.KEPT`, in the order in which they became known.

An event takes the number behind the last one, on the condition that nobody else has it: so a log
has no gaps and shows nothing before what precedes it. Whoever adds one has looked back to where its
effect came up, so no effect is logged twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import cast

from chalicelib.domain.core import unixtime
from chalicelib.domain.core.effect import EventName
from chalicelib.domain.realtime.event import KEPT, Event
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import EventItem

LOOKED_AT = 5
"""Events read at a time when looking back: they fit into one read unit, and are mostly enough."""


class Events:
    """The logs of all sites. They are written by `commit`."""

    def latest(self, site: str, since: datetime | None = None) -> tuple[Event, ...]:
        """The events of a site since an instant, newest first, and at least the last one where
        there is any: one query, and more where much has happened since."""
        found: list[Event] = []
        for event in self._backwards(site, LOOKED_AT if since else 1):
            found.append(event)
            if since is None or event.at < since:
                break
        return tuple(found)

    def _backwards(self, site: str, page: int) -> Iterator[Event]:
        with translated():
            for item in EventItem.query(
                _log(site), scan_index_forward=False, consistent_read=True, page_size=page
            ):
                yield from_item(item)

    def get(self, site: str, event_id: str) -> Event | None:
        """One event of a site; None where the log does not go back to it."""
        try:
            with translated():
                return from_item(EventItem.get(_log(site), event_id, consistent_read=True))
        except EventItem.DoesNotExist:
            return None

    def after(
        self, site: str, event_id: str, *, limit: int, now: datetime | None = None
    ) -> tuple[Event, ...]:
        """Up to `limit` events of a site behind the id, oldest first: one query. With `now`,
        without those that may go at any moment, because DynamoDB removes them in no order."""
        with translated():
            found = EventItem.query(
                _log(site),
                EventItem.sk > event_id,
                EventItem.ttl > unixtime.of(now) if now else None,
                consistent_read=True,
                limit=limit,
                page_size=limit,
            )
            return tuple(from_item(item) for item in found)


def item(event: Event) -> EventItem:
    """The item to store for an event."""
    return EventItem(
        _log(event.site),
        event.event_id,
        version=event.version,
        name=event.name,
        subject=event.subject_id,
        effect=event.effect_id,
        at=unixtime.of(event.at),
        data=json.dumps(dict(event.data), separators=(",", ":"), ensure_ascii=False),
        ttl=unixtime.of(event.at + KEPT),
    )


def from_item(stored: EventItem) -> Event:
    """The event in an item."""
    return Event(
        site=stored.pk.removeprefix("events#"),
        number=int(stored.sk),
        name=cast(EventName, stored.name),
        subject_id=stored.subject,
        effect_id=stored.effect,
        at=unixtime.instant(stored.at),
        data=json.loads(stored.data),
        version=int(stored.version),
    )


def _log(site: str) -> str:
    return f"events#{site}"
