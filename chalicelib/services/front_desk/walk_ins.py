"""Walk-ins: a guest at the desk is booked and checked in by one transaction."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.core import access, errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.housekeeping.turnover import Room
from chalicelib.services.bookings import bookings, decide, room_choice, settle
from chalicelib.services.bookings.decide import BookingRequest, FreeSpaces
from chalicelib.services.core.deps import Deps
from chalicelib.services.stays import room_check_in


def walk_in(
    deps: Deps,
    actor: Actor,
    slug: str,
    order: Order,
    *,
    override: str | None = None,
) -> Booking:
    """Book a room for a guest at the desk and check them in: to a ready room, or to the room that
    the order names, which need not be ready where staff give the reason `override`. Raises
    Forbidden, ZoneNotFound, RoomNotReady, and what `bookings.book` refuses."""
    access.require_works_at(actor, slug)
    if deps.catalogue.zone(order.zone_id).site != slug:
        raise errors.ZoneNotFound()
    order = replace(order, walk_in=True)
    request = decide.request_for(deps, actor, order, source="staff_api")
    return bookings.complete(deps, request, partial(_walk_in_once, deps, override=override))


def zone_of_rooms(deps: Deps, slug: str) -> str | None:
    """The zone of rooms of a site that has exactly one; otherwise None."""
    rooms = [zone.zone_id for zone in deps.catalogue.zones_of(slug) if zone.kind == "room"]
    return rooms[0] if len(rooms) == 1 else None


def _walk_in_once(deps: Deps, request: BookingRequest, *, override: str | None) -> Booking:
    free = decide.find_free(deps, request, by_condition=request.order.number is None)
    free, room = _room(deps, request, free, override)
    booked = decide.book(deps, request, free, room.number)
    checked_in = booked.with_check_in(
        room, request.zone.policy, by=request.actor, source=request.source, at=deps.now()
    )
    try:
        return room_check_in.commit(deps, request.actor, checked_in, override=override)
    except errors.RoomNotReady:
        if request.order.number is None:
            raise errors.StaleVersion() from None
        raise


def _room(
    deps: Deps, request: BookingRequest, free: FreeSpaces, override: str | None
) -> tuple[FreeSpaces, Room]:
    """The named room, as it is where `override` allows one that is not ready; otherwise a random
    ready room, for which others may have to move. Raises RoomNotReady, and SpaceTaken where the
    last guest is still in the named room."""
    zone, number = request.zone, request.order.number
    if number is None:
        free = _ready_rooms(deps, request, free)
        return free, room_check_in.choose_room(deps, zone, free.numbers)
    if not override:
        return free, Room(zone.zone_id, number)
    room = settle.room(deps, deps.rooms.get(zone.zone_id, number))
    if room.overstay_since(deps.now()) is not None:
        raise errors.SpaceTaken(room_choice.STILL_IN)
    return free, room


def _ready_rooms(deps: Deps, request: BookingRequest, free: FreeSpaces) -> FreeSpaces:
    """The free spaces, if one of them is ready; otherwise one that is, made free by moving others.
    The free ones remain where there is none."""
    inventory = free.inventory
    ready = tuple(n for n in inventory.numbers if n not in inventory.unready)
    if not inventory.unready.issuperset(free.numbers):
        return free
    try:
        return decide.by_moving(deps, request, replace(free, numbers=ready, moves=None))
    except errors.ZoneFull:
        return free
