"""Events on their way out: each into its site's log, then to whoever listens.

The facts are read when the event leaves. What has been logged and not pushed yet when the function
dies is pushed again under the same id. The log alone is complete: whoever missed something reads on
from the last id they have.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from datetime import timedelta
from typing import Any, Final, cast

from chalicelib.domain import access, errors
from chalicelib.domain.access import Actor
from chalicelib.domain.change import saving
from chalicelib.domain.effect import Effect, EventName, Leaving, webhook
from chalicelib.domain.event import (
    BookingFacts,
    Event,
    RoomFacts,
    ZoneFacts,
    event_id,
    first_number,
)
from chalicelib.services import availability, channels
from chalicelib.services.deps import Deps

START: Final = event_id(0)
"""The cursor before the first event there is."""

SKEW: Final = timedelta(seconds=5)
"""How far the clocks of two functions may be apart."""


@dataclass(frozen=True)
class Page:
    """Some events of a site in their order, and the cursor to go on from."""

    events: tuple[Event, ...]
    cursor: str


def publish(deps: Deps, leaving: Leaving) -> bool:
    """Log the event, once however often it is tried, and push it. False where there is nothing to
    tell any more: the subject is gone, or the site publishes nothing. Four reads, one
    transaction, and the posts."""
    effect = leaving.effect
    try:
        facts = _FACTS[effect.name](deps, effect.subject_id)
        if not deps.catalogue.site(facts["site"]).realtime:
            return False
    except errors.NotFound:
        return False
    channels.push(deps, deps.attempt(lambda: _logged(deps, leaving, facts)))
    return True


def _logged(deps: Deps, leaving: Leaving, facts: dict[str, Any]) -> Event:
    """The event, at the end of its site's log, with a call for each webhook that wants it; where
    the effect has become one already, that one. Raises StaleVersion when somebody else has added
    one."""
    site = facts["site"]
    latest = deps.events.latest(site, leaving.since - SKEW)
    for event in latest:
        if event.effect_id == leaving.effect_id:
            return event
    event = Event(
        site=site,
        number=latest[0].number + 1 if latest else first_number(deps.now()),
        name=cast(EventName, leaving.effect.name),
        subject_id=leaving.effect.subject_id,
        effect_id=leaving.effect_id,
        at=deps.now(),
        data=facts,
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
    vacancy = availability.as_it_stands(deps, zone)
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
"""What an event tells, from its subject; with its `site`."""


def missed(deps: Deps, actor: Actor, site: str, *, cursor: str | None, limit: int) -> Page:
    """The events of a site behind the cursor, for those who work there: one query. The first ones
    kept where there is no cursor. Raises Forbidden, SiteNotFound."""
    access.require_works_at(actor, site)
    events = deps.events.after(deps.catalogue.site(site).slug, cursor or START, limit=limit)
    return Page(events, events[-1].event_id if events else cursor or START)
