"""Many rooms at once: checking out and checking in, each through the service that does it for one.

What a room's record and its sheet say about who is in it is read for all at once; then each room
has its own transaction, so one that fails stops nobody, and whoever repeats a call that broke off
finds the rooms that are left.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from chalicelib.domain import access, errors, localtime, occupancy, turnover
from chalicelib.domain.access import Actor, Role
from chalicelib.domain.booking import Booking
from chalicelib.domain.change import Change
from chalicelib.domain.interval import Interval
from chalicelib.domain.site import Zone, split_space_id
from chalicelib.domain.status import Status
from chalicelib.domain.turnover import Room
from chalicelib.services import audit, presence, settle
from chalicelib.services.bookings import read_sheets
from chalicelib.services.deps import Deps

MOST_ROOMS: Final = 500
"""Rooms in one call."""

SECONDS: Final = 20.0
"""Of the gateway's 29 that one call may take; the last room may be a slow one."""

CLEARED: Final = "nobody was checked in here"

_Refused = (errors.Conflict, errors.NotFound, errors.Unavailable)


@dataclass(frozen=True)
class Failed:
    """A room that could not be done, and why."""

    room_id: str
    refusal: errors.Refusal


@dataclass
class Done:
    """What became of the rooms, in the order asked; those `remaining` are for the next call."""

    bookings: list[str] = field(default_factory=list)
    cleared: list[str] = field(default_factory=list)
    failed: list[Failed] = field(default_factory=list)
    remaining: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Found:
    """A room with the bookings that its record and its sheet name."""

    zone: Zone
    room: Room
    bookings: tuple[Booking, ...]

    @property
    def stay(self) -> Booking | None:
        """The one that is in it."""
        return next((b for b in self.bookings if b.status is Status.ACTIVE), None)


OutOfTime = Callable[[], bool]


def timer() -> OutOfTime:
    """Says when the time of one call is up."""
    stop_at = time.monotonic() + SECONDS
    return lambda: time.monotonic() >= stop_at


def check_out(
    deps: Deps,
    actor: Actor,
    slug: str,
    room_ids: Sequence[str],
    *,
    out_of_time: OutOfTime,
    destructive: bool = False,
    reason: str | None = None,
) -> Done:
    """Check out whoever is in the rooms, and clear those that are occupied by nobody. An empty room
    needs nothing. `destructive` (an admin, with a reason, audited) clears rooms whose booking
    cannot be checked out too. Raises Forbidden, SiteNotFound, Invalid."""
    access.require_works_at(actor, slug)
    if destructive:
        _require_may_destroy(actor, slug, reason)
    done = Done()
    found = _find(deps, slug, room_ids, done)
    for room_id in found:
        if out_of_time():
            done.remaining.append(room_id)
            continue
        try:
            force = reason if destructive else None
            _emptied(deps, actor, slug, room_id, found[room_id], done, force)
        except _Refused as refusal:
            done.failed.append(Failed(room_id, refusal))
    return done


def check_in(
    deps: Deps, actor: Actor, slug: str, room_ids: Sequence[str], *, out_of_time: OutOfTime
) -> Done:
    """Check in whoever arrives today, by the site's calendar, in the rooms. Raises Forbidden,
    SiteNotFound."""
    access.require_works_at(actor, slug)
    done = Done()
    found = _find(deps, slug, room_ids, done)
    for room_id in found:
        if out_of_time():
            done.remaining.append(room_id)
            continue
        try:
            done.bookings += _fill(deps, actor, found[room_id])
        except _Refused as refusal:
            done.failed.append(Failed(room_id, refusal))
    return done


def _require_may_destroy(actor: Actor, slug: str, reason: str | None) -> None:
    if actor.role is not Role.ADMIN:
        raise errors.Forbidden("Only an admin may clear rooms by force.", site=slug)
    if not reason:
        raise errors.Invalid({"reason": "is required when destructive is true"})


def _find(deps: Deps, slug: str, room_ids: Sequence[str], done: Done) -> dict[str, Found]:
    """The rooms by their id, as asked for: two queries a zone and a batch read for a hundred
    bookings. A room that is none of the site's has failed."""
    zones = {zone.zone_id: zone for zone in deps.catalogue.zones_of(deps.catalogue.site(slug).slug)}
    places = {each: split_space_id(each) for each in dict.fromkeys(room_ids)}
    rooms: dict[str, Room] = {}
    holders: dict[str, tuple[str, ...]] = {}
    for zone_id in dict.fromkeys(zone_id for zone_id, _ in places.values()):
        if zone_id in zones:
            rooms |= _rooms(deps, zones[zone_id])
            holders |= _holders(deps, zones[zone_id])
    known = [each for each in places if each in rooms]
    done.failed += [Failed(e, errors.SpaceNotFound()) for e in places if e not in rooms]
    bookings = _bookings(deps, (b for each in known for b in _named(rooms[each], holders)))
    return {
        each: Found(
            zones[places[each][0]],
            rooms[each],
            tuple(bookings[b] for b in _named(rooms[each], holders) if b in bookings),
        )
        for each in known
    }


def _rooms(deps: Deps, zone: Zone) -> dict[str, Room]:
    touched = deps.rooms.of_zone(zone.zone_id) if zone.policy.tracks_turnover else {}
    every = (Room(zone.zone_id, space.number) for space in deps.catalogue.spaces(zone.zone_id))
    return {room.space_id: touched.get(room.number, room) for room in every}


def _holders(deps: Deps, zone: Zone) -> dict[str, tuple[str, ...]]:
    """Who has each space at some time of the local day that has begun, by the id of the space."""
    tz = deps.catalogue.site(zone.site).tz
    day = localtime.day(localtime.local_date(deps.now(), tz), tz)
    taken = occupancy.held(read_sheets(deps, zone, Interval(deps.now(), day.end)))
    return {
        f"{zone.zone_id}.{number}": tuple(sorted(h for h, i in spans.items() if i.start < day.end))
        for number, spans in taken.items()
    }


def _named(room: Room, holders: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    who = holders.get(room.space_id, ())
    return tuple(dict.fromkeys((room.guest, *who) if room.guest else who))


def _bookings(deps: Deps, booking_ids: Iterable[str]) -> dict[str, Booking]:
    return {booking.booking_id: booking for booking in deps.bookings.many(booking_ids)}


def _empty(
    deps: Deps, actor: Actor, room_id: str, found: Found, done: Done, force: str | None
) -> None:
    """Check the room's guest out, or clear it where it has none."""
    stay = found.stay
    if stay is None:
        if found.room.is_occupied:
            _clear(deps, actor, found, CLEARED)
            done.cleared.append(room_id)
        return
    try:
        done.bookings.append(_check_out(deps, actor, stay).booking_id)
    except (errors.Conflict, errors.NotFound):
        if force is None or not found.room.is_occupied:
            raise
        _clear(deps, actor, found, force, forced=True)
        done.cleared.append(room_id)


def _emptied(
    deps: Deps, actor: Actor, slug: str, room_id: str, found: Found, done: Done, force: str | None
) -> None:
    """The same for a room that somebody else may be at: then it is looked at anew."""

    def again() -> None:
        _empty(deps, actor, room_id, _find(deps, slug, [room_id], done)[room_id], done, force)

    try:
        _empty(deps, actor, room_id, found, done, force)
    except errors.StaleVersion:
        deps.attempt(again)


def _check_out(deps: Deps, actor: Actor, stay: Booking) -> Booking:
    """One transaction while nobody else is at it, otherwise as if it came alone."""
    try:
        settled = settle.settled(deps, stay)
        return presence.check_out_read(deps, actor, settled, received=None, source="bulk")
    except errors.StaleVersion:
        return presence.check_out(deps, actor, stay.booking_id, received=None, source="bulk")


def _clear(deps: Deps, actor: Actor, found: Found, note: str, *, forced: bool = False) -> None:
    """Nobody is in the room any more. Raises StaleVersion where it has changed meanwhile."""
    edit = turnover.cleared(found.room, by=actor, at=deps.now(), note=note)
    change = Change().turning(edit)
    if forced:
        change = change.auditing(
            audit.event(
                deps,
                actor=actor,
                action="clear_room",
                subject=found.room.space_id,
                site=found.zone.site,
                detail=f"{found.room.guest}: {note}",
            )
        )
    deps.commit(change)


def _fill(deps: Deps, actor: Actor, found: Found) -> list[str]:
    """Check in whoever arrives in the room today; nobody where nobody does."""
    now = deps.now()
    for booking in sorted(found.bookings, key=lambda b: b.booked.start):
        if booking.status is Status.BOOKED and now < booking.booked.end:
            return [presence.check_in(deps, actor, booking.booking_id, source="bulk").booking_id]
    return []
