"""Housekeeping: the room board, the condition of a room, and the chores
(docs/rules/turnover.md)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.core import access, errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.core.sentence import say
from chalicelib.domain.housekeeping import turnover
from chalicelib.domain.housekeeping.turnover import Condition, Room, RoomStep
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.sites.site import Zone, split_space_id
from chalicelib.services.bookings import settle
from chalicelib.services.bookings.decide import read_sheets
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import offering

CHORE_HORIZON: Final = timedelta(hours=36)
"""Arrivals within this time count for chores: those of this evening and of tomorrow."""


@dataclass(frozen=True)
class Chore:
    """A room to clean, to inspect or to put back into service; and its next arrival, if within
    `CHORE_HORIZON`."""

    room: Room
    arrival: datetime | None

    @property
    def order(self) -> tuple[bool, datetime, datetime]:
        """The sort key: the next arrival; without one, the time since it waits."""
        assert self.room.since is not None
        return self.arrival is None, self.arrival or self.room.since, self.room.since


def board(deps: Deps, actor: Actor, slug: str) -> tuple[Room, ...]:
    """The rooms of a site by zone and number: one query per zone. Raises SiteNotFound,
    Forbidden."""
    return tuple(room for zone in tracked_zones(deps, actor, slug) for room in rooms_of(deps, zone))


def tracked_zones(deps: Deps, actor: Actor, slug: str) -> tuple[Zone, ...]:
    """The zones of a site that track the condition of their rooms. Raises SiteNotFound,
    Forbidden."""
    access.require_works_at(actor, slug)
    site = deps.catalogue.site(slug)
    every = deps.catalogue.zones_of(site.slug)
    return tuple(zone for zone in every if zone.policy.tracks_turnover)


def rooms_of(deps: Deps, zone: Zone) -> Iterator[Room]:
    """The rooms of a zone by number, including deleted ones that are occupied or have to be
    cleaned: one query."""
    stored = deps.rooms.of_zone(zone.zone_id)
    in_use = {number for number, room in stored.items() if room.is_in_use}
    for number in sorted(in_use.union(deps.catalogue.numbers(zone.zone_id))):
        yield stored.get(number) or Room(zone.zone_id, number)


def step(
    deps: Deps, actor: Actor, slug: str, space_id: str, to: Condition, *, note: str = ""
) -> Room:
    """Set the condition of a room: one read and one transaction. Without effect where it has that
    condition. An overdue stay in the room ends first. A room put back into service is offered to
    the waitlist in the same step, after one query. Raises SpaceNotFound, Forbidden,
    IllegalTransition."""
    zone, number = require_room(deps, actor, slug, space_id)
    if not zone.policy.tracks_turnover:
        raise errors.IllegalTransition(say("not_cleaned_between"))

    def once() -> Room:
        room = settle.room(deps, deps.rooms.get(zone.zone_id, number))
        if room.condition is to and not room.is_occupied:
            return room
        edit = turnover.step(room, to, by=actor, at=deps.now(), note=note)
        change = Change().turning(edit)
        if room.condition is Condition.OUT_OF_SERVICE:
            change = offering.offer_put_back(deps, zone, change, number)
        deps.commit(change)
        return edit.room

    return deps.retry_on_conflict(once)


def require_room(deps: Deps, actor: Actor, slug: str, space_id: str) -> tuple[Zone, str]:
    """Require a room of the site, open or closed, and return its zone and number. Raises Forbidden,
    SpaceNotFound."""
    access.require_works_at(actor, slug)
    zone_id, number = split_space_id(space_id)
    try:
        zone = deps.catalogue.zone(zone_id)
    except errors.ZoneNotFound:
        raise errors.SpaceNotFound() from None
    if zone.site != slug or not deps.catalogue.has_space(zone_id, number):
        raise errors.SpaceNotFound()
    return zone, number


def history(
    deps: Deps, actor: Actor, slug: str, space_id: str, *, limit: int, after: str | None
) -> Listing[tuple[str, RoomStep]]:
    """The history of a room, newest step first, with the id of each step: one query. Raises
    Forbidden, SpaceNotFound."""
    zone, number = require_room(deps, actor, slug, space_id)
    return deps.rooms.history(zone.zone_id, number, limit=limit, after=after)


def list_chores(deps: Deps, actor: Actor, slug: str) -> tuple[Chore, ...]:
    """The rooms to clean or to inspect, and those out of service with an arrival soon: earliest
    arrival first, then the longest wait. Overdue stays are ended first. Cost: two queries per
    zone. Raises SiteNotFound, Forbidden."""
    chores = [c for zone in tracked_zones(deps, actor, slug) for c in _chores(deps, zone)]
    return tuple(sorted(chores, key=lambda chore: chore.order))


def _chores(deps: Deps, zone: Zone) -> Iterator[Chore]:
    now = deps.now()
    taken = occupancy.held(read_sheets(deps, zone, Interval(now, now + CHORE_HORIZON)))
    for room in rooms_of(deps, zone):
        holders = taken.get(room.number, {})
        if _has_overstay(room, holders, now):
            room = settle.room(deps, room)
        arrival = _next_arrival(room, holders.values(), now)
        if room.condition in turnover.TO_CLEAN or _blocks_arrival(room, arrival):
            yield Chore(room, arrival)


def _has_overstay(room: Room, holders: Mapping[str, Interval], now: datetime) -> bool:
    """Whether the booking in the room no longer holds it on the sheets."""
    if room.booking_id is None:
        return False
    held = holders.get(room.booking_id)
    return held is None or held.end <= now


def _blocks_arrival(room: Room, arrival: datetime | None) -> bool:
    return room.condition is Condition.OUT_OF_SERVICE and arrival is not None


def _next_arrival(room: Room, taken: Iterable[Interval], now: datetime) -> datetime | None:
    """The next arrival in a room with a chore: it is empty, so its holders are still to arrive."""
    starts = (each.start for each in taken if now < each.end and each.start < now + CHORE_HORIZON)
    return min(starts, default=None)
