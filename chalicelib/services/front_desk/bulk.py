"""Many rooms at once: checking out and checking in, each as the service does it for one.

Who is in the rooms is read for all at once; then each room has its own transaction, so one that
fails stops nobody, and whoever repeats a call that broke off finds the rooms that are left. A room
that somebody else was at meanwhile is looked at again by itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Final, TypeVar

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import access, errors
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.change import Change
from chalicelib.domain.housekeeping import turnover
from chalicelib.domain.housekeeping.turnover import Room
from chalicelib.domain.occupancy.occupancy import Sheets
from chalicelib.services.bookings import settle
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps
from chalicelib.services.front_desk import room_occupancy
from chalicelib.services.front_desk.room_occupancy import RoomState
from chalicelib.services.stays import check_in as presence
from chalicelib.services.stays import check_out as leaving

MOST_ROOMS: Final = 500
"""Rooms in one call."""

SECONDS: Final = 15.0
"""Of the 28 that one call may take: the last room may be a slow one, and one that DynamoDB does not
answer for takes twelve."""

CLEARED: Final = "nobody was checked in here"
NOBODY: Final = "Nobody arrives in this room today."
ALONE: Final = "Check its guest in alone, into another room or with a reason."

T = TypeVar("T")
R = TypeVar("R")


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
class Force:
    """Why an admin clears rooms although a guest is in them, and the address it comes from."""

    reason: str
    source_ip: str


OutOfTime = Callable[[], bool]
Act = Callable[[RoomState, Done], None]


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
    source_ip: str = "",
) -> Done:
    """Check out whoever is in the rooms, and clear those that are occupied by nobody. An empty room
    needs nothing. `destructive` (an admin, with a reason, audited) also clears rooms whose record
    keeps the guest from being checked out. Raises Forbidden, SiteNotFound, Invalid."""
    access.require_works_at(actor, slug)
    force = _forced(actor, slug, reason, source_ip) if destructive else None
    return _each(deps, slug, room_ids, out_of_time, partial(_empty, deps, actor, force))


def check_in(
    deps: Deps,
    actor: Actor,
    slug: str,
    room_ids: Sequence[str],
    *,
    out_of_time: OutOfTime,
    destructive: bool = False,
) -> Done:
    """Check in whoever arrives today, by the site's calendar, in the rooms; one that nobody arrives
    in fails. Where somebody is still in one, nobody is given another: that is for the desk to
    decide. Raises Forbidden, SiteNotFound, and Invalid where it is to be `destructive`."""
    access.require_works_at(actor, slug)
    if destructive:
        raise errors.Invalid({"destructive": "must be false: nobody is put out to let others in"})
    return _each(deps, slug, room_ids, out_of_time, partial(_fill, deps, actor))


def _forced(actor: Actor, slug: str, reason: str | None, source_ip: str) -> Force:
    if actor.role is not Role.ADMIN:
        raise errors.Forbidden("Only an admin may clear rooms by force.", site=slug)
    if not reason:
        raise errors.Invalid({"reason": "is required when destructive is true"})
    return Force(reason, source_ip)


def _each(deps: Deps, slug: str, room_ids: Sequence[str], out_of_time: OutOfTime, act: Act) -> Done:
    """`act` on each of the rooms, as far as time goes. A room that is none of the site's fails; of
    one that DynamoDB has not answered for nobody knows, so it remains."""
    wanted, done = dict.fromkeys(room_ids), Done()
    rooms = room_occupancy.find(deps, slug, wanted)
    for room_id in wanted:
        if out_of_time():
            done.remaining.append(room_id)
            continue
        try:
            if room_id not in rooms:
                raise errors.SpaceNotFound()
            act(rooms[room_id], done)
        except errors.Unavailable:
            done.remaining.append(room_id)
        except (errors.Conflict, errors.NotFound) as refusal:
            done.failed.append(Failed(room_id, refusal))
    return done


def _as_found(deps: Deps, step: Callable[[T], R], found: T, again: Callable[[], T]) -> R:
    """`step` on what was `found` for all; where that is no longer true, on what is read `again` for
    this room alone."""
    try:
        return step(found)
    except errors.StaleVersion:
        return deps.retry_on_conflict(lambda: step(again()))


def _empty(deps: Deps, actor: Actor, force: Force | None, found: RoomState, done: Done) -> None:
    """Check the room's guest out. A room that nobody is in is cleared; one that another is said to
    be in by `force`, for otherwise the check-out is refused."""
    stay = found.stay
    disputed = found.is_disputed and (force or stay is None)
    if disputed and _clear(deps, actor, found, force if stay else None):
        done.cleared.append(found.room.space_id)
    if stay is not None:
        over = _check_out(deps, actor, stay)
        done.bookings += [over.booking_id] if over else []


def _check_out(deps: Deps, actor: Actor, stay: Booking) -> Booking | None:
    """End a stay. None where its guest has been given another room meanwhile."""

    def leave(booking: Booking) -> Booking | None:
        booking = settle.settled(deps, booking)
        if booking.space_id != stay.space_id:
            return None
        return leaving.check_out_settled(deps, actor, booking, tender=None, source="bulk")

    return _as_found(deps, leave, stay, lambda: deps.bookings.get(stay.booking_id))


def _clear(deps: Deps, actor: Actor, found: RoomState, force: Force | None) -> bool:
    """Nobody is in the room any more; by `force` it is audited. False where somebody has seen to it
    meanwhile."""

    def clear(room: Room) -> bool:
        if room.booking_id != found.room.booking_id:
            return False
        note = force.reason if force else CLEARED
        change = Change().turning(turnover.clear(room, by=actor, at=deps.now(), note=note))
        deps.commit(_audited(deps, actor, found, change, force) if force else change)
        return True

    zone_id, number = found.room.zone_id, found.room.number
    return _as_found(deps, clear, found.room, lambda: deps.rooms.get(zone_id, number))


def _audited(deps: Deps, actor: Actor, found: RoomState, change: Change, force: Force) -> Change:
    return change.auditing(
        audit_events.event(
            deps,
            actor=actor,
            action="clear_room",
            subject=found.room.space_id,
            site=found.site,
            source_ip=force.source_ip,
            detail=f"{found.room.booking_id}: {force.reason}",
        )
    )


def _fill(deps: Deps, actor: Actor, found: RoomState, done: Done) -> None:
    """Check in whoever arrives in the room today. Raises BookingNotFound where nobody does,
    AlreadyEntered where somebody has come before."""
    arrival = found.arrival(deps.now())
    if arrival is None:
        raise errors.AlreadyEntered() if found.stay else errors.BookingNotFound(NOBODY)
    _require_ready(deps, found.room)
    done.bookings.append(_check_in(deps, actor, arrival, found.sheets).booking_id)


def _require_ready(deps: Deps, room: Room) -> None:
    """Refuse (RoomNotReady) by a second look: housekeeping may have been quicker."""
    if not room.is_ready:
        room = deps.rooms.get(room.zone_id, room.number)
    if not room.is_ready:
        raise errors.RoomNotReady(f"The room is {room.condition}. {ALONE}")


def _check_in(deps: Deps, actor: Actor, arrival: Booking, sheets: Sheets) -> Booking:
    """Begin a stay, unless its guest has been given another room meanwhile."""

    def enter(read: tuple[Booking, Sheets]) -> Booking:
        booking = settle.settled(deps, read[0])
        if booking.space_id != arrival.space_id:
            raise errors.BookingNotFound(NOBODY)
        return presence.check_in_settled(deps, actor, booking, read[1], source="bulk")

    zone = deps.catalogue.zone(arrival.zone_id)
    again = partial(presence.read_with_sheets, deps, zone, arrival)
    return _as_found(deps, enter, (arrival, sheets), again)
