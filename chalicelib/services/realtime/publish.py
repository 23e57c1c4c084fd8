"""Events on their way out: each into its site's log, then to whoever listens.

The facts are read when the event leaves, and after the end of the log it is put to: what an event
tells of something is never older than what the events before it tell. What has been logged and not
pushed yet when the function dies is pushed again under the same id. The log alone is complete:
whoever missed something reads on from the last id they have.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final, cast

from chalicelib.domain.core import access, errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import saving
from chalicelib.domain.core.effect import Delivery, Effect, EventName, webhook
from chalicelib.domain.realtime.event import (
    BookingFacts,
    Event,
    RoomFacts,
    ZoneFacts,
    end_of,
    event_id,
    first_number,
    goes_on,
)
from chalicelib.services.bookings import availability
from chalicelib.services.core.deps import Deps
from chalicelib.services.realtime import subscriptions

START: Final = event_id(0)
"""The cursor before the first event there is."""

SKEW: Final = timedelta(seconds=5)
"""How far the clocks of two functions may be apart."""


@dataclass(frozen=True)
class EventPage:
    """Some events of a site in their order, and the cursor to go on from."""

    events: tuple[Event, ...]
    cursor: str


def publish(deps: Deps, leaving: Delivery) -> bool:
    """Log the event, once however often it is tried, and push it. False where there is nothing to
    tell any more: the subject is gone, or the site publishes nothing. Four reads, one
    transaction, and the posts."""
    try:
        if not deps.catalogue.site(leaving.effect.site).realtime:
            return False
        event = deps.retry_on_conflict(lambda: _logged(deps, leaving))
    except errors.NotFound:
        return False
    subscriptions.push(deps, event)
    return True


def _logged(deps: Deps, leaving: Delivery) -> Event:
    """The event, at the end of its site's log, with a call for each webhook that wants it; where
    the effect has become one already, that one. Raises StaleVersion when somebody else has added
    one, NotFound."""
    effect = leaving.effect
    latest = deps.events.latest(effect.site, leaving.since - SKEW)
    for event in latest:
        if event.effect_id == leaving.effect_id:
            return event
    event = Event(
        site=effect.site,
        number=latest[0].number + 1 if latest else first_number(deps.now()),
        name=cast(EventName, effect.name),
        subject_id=effect.subject_id,
        effect_id=leaving.effect_id,
        at=deps.now(),
        data=_FACTS[effect.name](deps, effect.subject_id),
    )
    try:
        deps.commit(saving(event).sending(*_calls(deps, event)))
    except errors.AlreadyExists:
        raise errors.StaleVersion() from None
    return event


def _calls(deps: Deps, event: Event) -> tuple[Effect, ...]:
    wanting = [hook for hook in deps.webhooks.of_site(event.site) if hook.wants(event.name)]
    return tuple(webhook(event.name, hook.webhook_id, event.event_id) for hook in wanting)


def _of_booking(deps: Deps, booking_id: str) -> dict[str, Any]:
    booking = deps.bookings.get(booking_id)
    return asdict(BookingFacts.of(booking, deps.catalogue.zone(booking.zone_id)))


def _of_zone(deps: Deps, zone_id: str) -> dict[str, Any]:
    zone = deps.catalogue.zone(zone_id)
    vacancy = availability.without_settling(deps, zone)
    return asdict(
        ZoneFacts(zone.site, zone_id, zone.name, vacancy.total, len(vacancy.free)),
    )


def _of_room(deps: Deps, space_id: str) -> dict[str, Any]:
    zone_id, _, number = space_id.partition(".")
    zone = deps.catalogue.zone(zone_id)
    return asdict(RoomFacts.of(deps.rooms.get(zone_id, number), zone))


_FACTS: Final[dict[str, Callable[[Deps, str], dict[str, Any]]]] = {
    "booking-updated": _of_booking,
    "booking-checked-out": _of_booking,
    "availability-changed": _of_zone,
    "room-status-changed": _of_room,
}
"""What an event tells, from its subject."""


def missed(deps: Deps, actor: Actor, site: str, *, cursor: str | None, limit: int) -> EventPage:
    """The events of a site behind the cursor, for those who work there: one query, and another one
    while there are none. The first ones kept where there is no cursor. Raises Forbidden,
    SiteNotFound, CursorExpired."""
    access.require_works_at(actor, site)
    slug, now = deps.catalogue.site(site).slug, deps.now()
    found = deps.events.after(slug, cursor or START, limit=limit, now=now)
    last = found[-1].event_id if found else end_of(deps.events.latest(slug), now)
    if cursor in (None, START, last) or goes_on(int(cursor), found, now):
        return EventPage(found, last)
    raise errors.CursorExpired()
