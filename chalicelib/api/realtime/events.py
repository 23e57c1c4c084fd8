"""What happened at a site, for those who were not listening."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Annotated, Any, Self

from chalicelib.api.web.http import STAFF, Answer, Call, Routes, ok
from chalicelib.api.web.lists import PageSize
from chalicelib.api.web.values import Instant
from chalicelib.domain.core.constraints import Doc, Slug, Structure, Text
from chalicelib.domain.realtime.event import Event
from chalicelib.services.realtime import publish

routes = Routes(__name__)

EventId = Annotated[
    str,
    Text(max=15, pattern=r"[0-9]{15}", form="must be the id of an event"),
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
    """Something that happened at a site."""

    id: Annotated[str, Doc("Sorts, and counts up by one within the site.", "001795219200042")]
    event: Annotated[str, Doc("What happened.", "booking-updated")]
    site: str
    at: Instant
    data: Facts

    @classmethod
    def of(cls, event: Event) -> Self:
        return cls(**event.as_json())


@dataclass(frozen=True)
class EventsView:
    """Events in their order, and the cursor that leads on; it leads nowhere yet while `more` is
    false, and is good for asking again."""

    items: tuple[EventView, ...]
    next_cursor: Annotated[str, Doc("The id of the last of them.", "001795219200042")]
    more: Annotated[bool, Doc("There may be others already.")]


@routes.get("/api/events", who=STAFF, query=EventsQuery, gives=EventsView)
def list_events(call: Call) -> Answer:
    """What happened at a site after the event you name. Poll it with the ETag, or read on after
    your connection was lost. 410 where events after it are no longer kept."""
    query = call.query
    found = publish.missed(
        call.deps, call.actor, query.site, cursor=query.cursor, limit=query.limit
    )
    items = tuple(map(EventView.of, found.events))
    return ok(asdict(EventsView(items, found.cursor, len(items) == query.limit)))
