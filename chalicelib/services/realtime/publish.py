"""Publication of events: append each to the log of its site, then push it to the subscribers.

The data of an event is read at its delivery, after the end of the log, so it is never older than
the data of the events before it. An event that was logged but not pushed when the function died is
pushed again under the same id. Only the log is complete: a client that missed events reads it from
its last id.
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
from chalicelib.domain.realtime.event import Event, end_of, event_id, first_number, goes_on
from chalicelib.domain.realtime.facts import BookingFacts, RoomFacts, ZoneFacts
from chalicelib.services.bookings import availability
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps
from chalicelib.services.realtime import subscriptions

START: Final = event_id(0)
"""The cursor before the first event of any log."""

SKEW: Final = timedelta(seconds=5)
"""The largest difference between the clocks of two functions."""


@dataclass(frozen=True)
class EventPage:
    """Some events of a site in order, and the cursor of the next page."""

    events: tuple[Event, ...]
    cursor: str


def publish(deps: Deps, delivery: Delivery) -> bool:
    """Append the event to the log, once for all attempts, and push it. False where its subject is
    gone or the site has realtime off. Cost: four reads, one transaction, and the posts."""
    try:
        if not deps.catalogue.site(delivery.effect.site).realtime:
            return False
        event = deps.retry_on_conflict(lambda: _appended(deps, delivery))
    except errors.NotFound:
        return False
    subscriptions.push(deps, event)
    return True


def _appended(deps: Deps, delivery: Delivery) -> Event:
    """The event, appended to the log of its site, with a call of each webhook for it; or the event
    that an earlier attempt appended. Raises StaleVersion after another append, NotFound."""
    effect = delivery.effect
    latest = deps.events.latest(effect.site, delivery.since - SKEW)
    for event in latest:
        if event.effect_id == delivery.effect_id:
            return event
    event = Event(
        site=effect.site,
        number=latest[0].number + 1 if latest else first_number(deps.now()),
        name=cast(EventName, effect.name),
        subject_id=effect.subject_id,
        effect_id=delivery.effect_id,
        at=deps.now(),
        data=_FACTS[effect.name](deps, effect.subject_id),
    )
    try:
        deps.commit(saving(event).sending(*_webhook_calls(deps, event)))
    except errors.AlreadyExists:
        raise errors.StaleVersion() from None
    return event


def _webhook_calls(deps: Deps, event: Event) -> tuple[Effect, ...]:
    hooks = [hook for hook in deps.webhooks.of_site(event.site) if hook.wants(event.name)]
    return tuple(webhook(event.name, hook.webhook_id, event.event_id) for hook in hooks)


def _of_booking(deps: Deps, booking_id: str) -> dict[str, Any]:
    booking = deps.bookings.get(booking_id)
    return asdict(BookingFacts.of(booking, places.zone_of(deps, booking)))


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
    "booking-overstayed": _of_booking,
    "booking-checked-out": _of_booking,
    "availability-changed": _of_zone,
    "room-status-changed": _of_room,
}
"""The data of an event, read from its subject."""


def list_events(
    deps: Deps, actor: Actor, site: str, *, cursor: str | None, limit: int
) -> EventPage:
    """The events of a site after the cursor, or from the start of the log; for its staff. Cost: one
    query, a second one where it finds none. Raises Forbidden, SiteNotFound, and CursorExpired where
    events after the cursor are no longer kept."""
    access.require_works_at(actor, site)
    slug, now = deps.catalogue.site(site).slug, deps.now()
    found = deps.events.after(slug, cursor or START, limit=limit, now=now)
    last = found[-1].event_id if found else end_of(deps.events.latest(slug), now)
    if cursor in (None, START, last) or goes_on(int(cursor), found, now):
        return EventPage(found, last)
    raise errors.CursorExpired()
