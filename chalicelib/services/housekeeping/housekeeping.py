"""Housekeeping: the board of rooms, the steps between two guests, the rooms to clean."""

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
"""How far ahead arrivals count: those of this evening and of tomorrow."""


@dataclass(frozen=True)
class Chore:
    """A room with work for housekeeping, and its next arrival if that is soon."""

    room: Room
    arrival: datetime | None

    @property
    def order(self) -> tuple[bool, datetime, datetime]:
        """By the next arrival; without one, by how long the room has been waiting."""
        assert self.room.since is not None
        return self.arrival is None, self.arrival or self.room.since, self.room.since


def board(deps: Deps, actor: Actor, slug: str) -> tuple[Room, ...]:
    """The rooms of a site by zone and number: a query a zone. Raises SiteNotFound, Forbidden."""
    return tuple(room for zone in zones(deps, actor, slug) for room in of_zone(deps, zone))


def zones(deps: Deps, actor: Actor, slug: str) -> tuple[Zone, ...]:
    """The zones of a site with turnover. Raises SiteNotFound, Forbidden."""
    access.require_works_at(actor, slug)
    site = deps.catalogue.site(slug)
    every = deps.catalogue.zones_of(site.slug)
    return tuple(zone for zone in every if zone.policy.tracks_turnover)


def of_zone(deps: Deps, zone: Zone) -> Iterator[Room]:
    """The rooms of a zone by number, and removed rooms as long as they are in use: one query."""
    records = deps.rooms.of_zone(zone.zone_id)
    in_use = {number for number, room in records.items() if room.is_in_use}
    for number in sorted(in_use.union(deps.catalogue.numbers(zone.zone_id))):
        yield records.get(number) or Room(zone.zone_id, number)


def step(
    deps: Deps, actor: Actor, slug: str, space_id: str, to: Condition, *, note: str = ""
) -> Room:
    """Take a step of housekeeping: one read and one transaction. A room that is in that condition
    already stays as it is; an overdue stay in it is settled first. Raises SpaceNotFound, Forbidden,
    IllegalTransition."""
    zone, number = require_room(deps, actor, slug, space_id)
    if not zone.policy.tracks_turnover:
        raise errors.IllegalTransition("The spaces of this zone are not cleaned between guests.")

    def once() -> Room:
        room = _settled(deps, deps.rooms.get(zone.zone_id, number))
        if room.condition is to and not room.is_occupied:
            return room
        edit = turnover.step(room, to, by=actor, at=deps.now(), note=note)
        deps.commit(Change().turning(edit))
        return edit.room

    return deps.retry_on_conflict(once)


def _settled(deps: Deps, room: Room) -> Room:
    """The room after its overdue stay is settled: two reads if a booking is in it. Raises
    StaleVersion."""
    if room.booking_id is None:
        return room
    try:
        is_live = settle.read(deps, room.booking_id).is_live
    except errors.BookingNotFound:
        return room
    return room if is_live else deps.rooms.get(room.zone_id, room.number)


def require_room(deps: Deps, actor: Actor, slug: str, space_id: str) -> tuple[Zone, str]:
    """The zone and the number of a room of the site. Raises Forbidden, SpaceNotFound."""
    access.require_works_at(actor, slug)
    zone_id, number = split_space_id(space_id)
    try:
        zone = deps.catalogue.zone(zone_id)
    except errors.ZoneNotFound:
        raise errors.SpaceNotFound() from None
    numbers = {space.number for space in deps.catalogue.spaces(zone_id)}
    if zone.site != slug or number not in numbers:
        raise errors.SpaceNotFound()
    return zone, number


def history(
    deps: Deps, actor: Actor, slug: str, space_id: str, *, limit: int, after: str | None
) -> Listing[tuple[str, RoomStep]]:
    """The history of a room, newest first: each step with its id. One query."""
    zone, number = require_room(deps, actor, slug, space_id)
    return deps.rooms.history(zone.zone_id, number, limit=limit, after=after)


def housekeeping(deps: Deps, actor: Actor, slug: str) -> tuple[Chore, ...]:
    """The rooms to clean or to inspect, and rooms out of service with a near arrival: earliest
    arrival first, then those that have waited longest. Overdue stays are settled. Two queries a
    zone."""
    chores = [c for zone in zones(deps, actor, slug) for c in _chores(deps, zone)]
    return tuple(sorted(chores, key=lambda chore: chore.order))


def _chores(deps: Deps, zone: Zone) -> Iterator[Chore]:
    now = deps.now()
    taken = occupancy.held(read_sheets(deps, zone, Interval(now, now + AHEAD)))
    for room in of_zone(deps, zone):
        holders = taken.get(room.number, {})
        if _is_overdue(room, holders, now):
            room = _settled(deps, room)
        arrival = _next_arrival(room, holders.values(), now)
        if room.condition in turnover.TO_CLEAN or _is_needed(room, arrival):
            yield Chore(room, arrival)


def _is_overdue(room: Room, holders: Mapping[str, Interval], now: datetime) -> bool:
    """Whether the sheets no longer hold the room for the booking in it."""
    if room.booking_id is None:
        return False
    held = holders.get(room.booking_id)
    return held is None or held.end <= now


def _is_needed(room: Room, arrival: datetime | None) -> bool:
    return room.condition is Condition.OUT_OF_SERVICE and arrival is not None


def _next_arrival(room: Room, taken: Iterable[Interval], now: datetime) -> datetime | None:
    """The next arrival: a room to clean is empty, so every holder has still to arrive."""
    starts = (each.start for each in taken if now < each.end and each.start < now + AHEAD)
    return min(starts, default=None)
