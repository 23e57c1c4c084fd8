"""Rooms between two guests: the board, the steps of housekeeping, and the rooms to clean."""

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
from chalicelib.domain.housekeeping import turnover
from chalicelib.domain.housekeeping.turnover import Condition, Room, RoomStep
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.sites.site import Zone, split_space_id
from chalicelib.services.bookings import settle
from chalicelib.services.bookings.bookings import read_sheets
from chalicelib.services.core.deps import Deps

AHEAD: Final = timedelta(hours=36)
"""How far housekeeping looks ahead: this evening's arrivals and tomorrow's."""


@dataclass(frozen=True)
class Chore:
    """A room somebody has to see to, and when its next guest arrives, if that is soon."""

    room: Room
    arrival: datetime | None

    @property
    def order(self) -> tuple[bool, datetime, datetime]:
        """By the next arrival; where nobody arrives soon, by how long it has been waiting."""
        assert self.room.since is not None
        return self.arrival is None, self.arrival or self.room.since, self.room.since


def board(deps: Deps, actor: Actor, slug: str) -> tuple[Room, ...]:
    """The rooms of a site by zone and number: a query a zone. Raises SiteNotFound, Forbidden."""
    return tuple(room for zone in zones(deps, actor, slug) for room in of_zone(deps, zone))


def zones(deps: Deps, actor: Actor, slug: str) -> tuple[Zone, ...]:
    """The zones of a site whose rooms have a condition. Raises SiteNotFound, Forbidden."""
    access.require_works_at(actor, slug)
    site = deps.catalogue.site(slug)
    every = deps.catalogue.zones_of(site.slug)
    return tuple(zone for zone in every if zone.policy.tracks_turnover)


def of_zone(deps: Deps, zone: Zone) -> Iterator[Room]:
    """The rooms of a zone as they are, by number, and those taken out of it as long as somebody is
    in them or has to see to them: one query."""
    touched = deps.rooms.of_zone(zone.zone_id)
    left = {number for number, room in touched.items() if room.is_in_use}
    for number in sorted(left.union(deps.catalogue.numbers(zone.zone_id))):
        yield touched.get(number) or Room(zone.zone_id, number)


def step(
    deps: Deps, actor: Actor, slug: str, space_id: str, to: Condition, *, note: str = ""
) -> Room:
    """A step of housekeeping: one read and one transaction. A room that is there already stays as
    it is; a stay whose time is over ends first. Raises SpaceNotFound, Forbidden,
    IllegalTransition."""
    zone, number = require_room(deps, actor, slug, space_id)
    if not zone.policy.tracks_turnover:
        raise errors.IllegalTransition("The spaces of this zone are not cleaned between guests.")

    def once() -> Room:
        room = _by_now(deps, deps.rooms.get(zone.zone_id, number))
        if room.condition is to and not room.is_occupied:
            return room
        edit = turnover.step(room, to, by=actor, at=deps.now(), note=note)
        deps.commit(Change().turning(edit))
        return edit.room

    return deps.retry_on_conflict(once)


def _by_now(deps: Deps, room: Room) -> Room:
    """The room once whoever is in it has left, if it was time for that: two reads for one that is
    occupied. Raises StaleVersion."""
    if room.booking_id is None:
        return room
    try:
        stays = settle.read(deps, room.booking_id).is_live
    except errors.BookingNotFound:
        return room
    return room if stays else deps.rooms.get(room.zone_id, room.number)


def require_room(deps: Deps, actor: Actor, slug: str, space_id: str) -> tuple[Zone, str]:
    """The zone and the number of a room of the site. Raises Forbidden, SpaceNotFound."""
    access.require_works_at(actor, slug)
    zone_id, number = split_space_id(space_id)
    try:
        zone = deps.catalogue.zone(zone_id)
    except errors.ZoneNotFound:
        raise errors.SpaceNotFound() from None
    known = {space.number for space in deps.catalogue.spaces(zone_id)}
    if zone.site != slug or number not in known:
        raise errors.SpaceNotFound()
    return zone, number


def history(
    deps: Deps, actor: Actor, slug: str, space_id: str, *, limit: int, after: str | None
) -> Listing[tuple[str, RoomStep]]:
    """What became of a room, newest first, with the id of each step: one query."""
    zone, number = require_room(deps, actor, slug, space_id)
    return deps.rooms.history(zone.zone_id, number, limit=limit, after=after)


def housekeeping(deps: Deps, actor: Actor, slug: str) -> tuple[Chore, ...]:
    """What to see to next: rooms to be cleaned or inspected, and rooms out of service somebody is
    about to come to; earliest arrival first, then those that have waited longest. Whoever should
    have left by now has left. Two queries a zone."""
    chores = [c for zone in zones(deps, actor, slug) for c in _chores(deps, zone)]
    return tuple(sorted(chores, key=lambda chore: chore.order))


def _chores(deps: Deps, zone: Zone) -> Iterator[Chore]:
    now = deps.now()
    taken = occupancy.held(read_sheets(deps, zone, Interval(now, now + AHEAD)))
    for room in of_zone(deps, zone):
        holders = taken.get(room.number, {})
        if _is_outstayed(room, holders, now):
            room = _by_now(deps, room)
        arrival = _next_arrival(room, holders.values(), now)
        if room.condition in turnover.TO_CLEAN or _is_missing(room, arrival):
            yield Chore(room, arrival)


def _is_outstayed(room: Room, holders: Mapping[str, Interval], now: datetime) -> bool:
    """Whether somebody is in the room for whom the sheets no longer hold it."""
    if room.booking_id is None:
        return False
    held = holders.get(room.booking_id)
    return held is None or held.end <= now


def _is_missing(room: Room, arrival: datetime | None) -> bool:
    return room.condition is Condition.OUT_OF_SERVICE and arrival is not None


def _next_arrival(room: Room, taken: Iterable[Interval], now: datetime) -> datetime | None:
    """When the next guest comes: nobody is in such a room, so whoever holds it is still to come."""
    starts = (each.start for each in taken if now < each.end and each.start < now + AHEAD)
    return min(starts, default=None)
