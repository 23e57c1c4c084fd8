"""A site's log of events, kept for `event.KEPT`, in the order in which they were published.

An event takes the number after the last one, refused where that is taken: so a log has no gaps and
shows no event before the ones that precede it. Before an event is added, the log is read back to
the instant of its effect, so no effect is logged twice.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime
from typing import Final, cast

from pynamodb.attributes import UnicodeAttribute

from chalicelib.domain.core import unixtime
from chalicelib.domain.core.effect import EventName
from chalicelib.domain.realtime.event import KEPT, Event
from chalicelib.store.dynamodb import transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import OutboxTable
from chalicelib.store.dynamodb.transaction import Write

LOOKED_BACK: Final = 5
"""Events in one query when looking back: they fit into one read unit, and are mostly enough."""


class EventItem(OutboxTable):
    """One event of a site's log (`events#<site>`, its id)."""

    version = IntegerAttribute(attr_name="v")
    name = UnicodeAttribute()
    subject = UnicodeAttribute()
    effect = UnicodeAttribute()
    at = IntegerAttribute()
    data = UnicodeAttribute()
    ttl = IntegerAttribute()


class Events:
    """The logs of all sites."""

    def latest(self, site: str, since: datetime | None = None) -> tuple[Event, ...]:
        """The events of a site since an instant, newest first, and the last one before it: one
        query, and more where many events are that new. Without `since`, the last one alone."""
        found: list[Event] = []
        for event in self._backwards(site, LOOKED_BACK if since else 1):
            found.append(event)
            if since is None or event.at < since:
                break
        return tuple(found)

    def _backwards(self, site: str, page: int) -> Iterator[Event]:
        with translated():
            for item in EventItem.query(
                _partition(site), scan_index_forward=False, consistent_read=True, page_size=page
            ):
                yield from_item(item)

    def get(self, site: str, event_id: str) -> Event | None:
        """One event of a site: one read. None where the log does not go back to it."""
        try:
            with translated():
                return from_item(EventItem.get(_partition(site), event_id, consistent_read=True))
        except EventItem.DoesNotExist:
            return None

    def after(
        self, site: str, event_id: str, *, limit: int, now: datetime | None = None
    ) -> tuple[Event, ...]:
        """Up to `limit` events of a site after the id, oldest first: one query. With `now`, without
        those that may be deleted at any moment, because DynamoDB deletes them in no order."""
        with translated():
            found = EventItem.query(
                _partition(site),
                EventItem.sk > event_id,
                EventItem.ttl > unixtime.of(now) if now else None,
                consistent_read=True,
                limit=limit,
                page_size=limit,
            )
            return tuple(from_item(item) for item in found)


def writes(event: Event) -> Iterator[Write]:
    """The event, refused where its number is taken."""
    yield transaction.save(to_item(event), event.version)


def to_item(event: Event) -> EventItem:
    """The item of an event."""
    return EventItem(
        _partition(event.site),
        event.event_id,
        version=event.version,
        name=event.name,
        subject=event.subject_id,
        effect=event.effect_id,
        at=unixtime.of(event.at),
        data=json.dumps(dict(event.data), separators=(",", ":"), ensure_ascii=False),
        ttl=unixtime.of(event.at + KEPT),
    )


def from_item(item: EventItem) -> Event:
    """The event in an item."""
    return Event(
        site=item.pk.removeprefix("events#"),
        number=int(item.sk),
        name=cast(EventName, item.name),
        subject_id=item.subject,
        effect_id=item.effect,
        at=unixtime.instant(item.at),
        data=json.loads(item.data),
        version=item.version,
    )


def _partition(site: str) -> str:
    return f"events#{site}"
