"""The event log of a site."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Self

from chalicelib.api.web.http import STAFF, Answer, Call, Routes, ok
from chalicelib.api.web.lists import PageSize
from chalicelib.api.web.values import Instant
from chalicelib.domain.core.constraints import Doc, Slug, Structure, Text
from chalicelib.domain.core.effect import EventName
from chalicelib.domain.core.sentence import say
from chalicelib.domain.realtime.event import Event
from chalicelib.services.realtime import publish

routes = Routes(__name__)

EventId = Annotated[
    str,
    Text(max=15, pattern=r"[0-9]{15}", form=say("must_be_event_id")),
    Doc("The id of the last event you have; without it, the oldest kept.", "001795219200041"),
]
Facts = Annotated[
    dict[str, Any],
    Structure(lambda raw: raw, {"type": "object"}),
    Doc("The booking or the zone as it was when the event left, see docs/realtime.md."),
]


@dataclass(frozen=True, kw_only=True)
class EventsQuery:
    """Which events."""

    site: Annotated[Slug, Doc("The site they happened at.", "hall")]
    cursor: EventId | None = None
    limit: PageSize = 20


@dataclass(frozen=True)
class EventView:
    """An event of a site."""

    id: Annotated[str, Doc("Sortable; rises by one within the site.", "001795219200042")]
    event: EventName
    site: str
    at: Instant
    data: Facts

    @classmethod
    def of(cls, event: Event) -> Self:
        return cls(**event.as_json())


@dataclass(frozen=True)
class EventsView:
    """Events in order, and the cursor to continue with. It is valid for later requests also while
    `more` is false."""

    items: tuple[EventView, ...]
    next_cursor: Annotated[str, Doc("The id of the last of them.", "001795219200042")]
    more: Annotated[bool, Doc("Whether there may be further events.")]


@routes.get("/api/events", who=STAFF, query=EventsQuery, gives=EventsView)
def list_events(call: Call) -> Answer:
    """The events of a site after a given one. Poll it with the ETag, or read it after a lost
    connection. 410 where events after it are no longer kept."""
    query = call.query
    found = publish.list_events(
        call.deps, call.actor, query.site, cursor=query.cursor, limit=query.limit
    )
    items = tuple(map(EventView.of, found.events))
    return ok(asdict(EventsView(items, found.cursor, len(items) == query.limit)))
