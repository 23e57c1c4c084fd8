"""Walk-ins: somebody stands at the desk, is booked and checked in, all in one transaction."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import datetime, timedelta

from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.core import access, errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.housekeeping.turnover import Room
from chalicelib.domain.sites.site import Zone
from chalicelib.services.bookings import availability, bookings
from chalicelib.services.bookings.bookings import Order
from chalicelib.services.core import local_times
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
    """Book for the guest at the desk and check them in, to a ready room unless one is named and
    staff give the reason `override`. Raises Forbidden, ZoneNotFound, ZoneFull, RoomNotReady, and
    what `bookings.book` refuses."""
    access.require_works_at(actor, slug)
    zone = deps.catalogue.zone(order.zone_id)
    if zone.site != slug:
        raise errors.ZoneNotFound()
    order = local_times.resolve(deps, zone, order)

    def once() -> Booking:
        number = order.number or _ready(deps, zone, order)
        room = deps.rooms.get(zone.zone_id, number) if override and order.number else None
        arrival = _arrival(deps, actor, zone, room, override)
        named = replace(order, number=number, arrival=arrival)
        try:
            return bookings.book(deps, actor, named, source="staff_api")
        except (errors.RoomNotReady, errors.SpaceTaken) as refusal:
            raise _why_not(deps, zone, order, refusal) from None

    try:
        return deps.retry_on_conflict(once)
    except errors.Conflict as refusal:
        if deps.replay is None:
            raise
        booking_id = deps.new_booking_id(deps.new_locator())
        return bookings.replayed_booking(deps, booking_id, refusal)


def zone_meant(deps: Deps, slug: str) -> str | None:
    """The zone of rooms of a site that has just one; None where somebody must say which."""
    rooms = [zone.zone_id for zone in deps.catalogue.zones_of(slug) if zone.kind == "room"]
    return rooms[0] if len(rooms) == 1 else None


def _why_not(deps: Deps, zone: Zone, order: Order, refusal: errors.Refusal) -> errors.Refusal:
    """What to say of a room that cannot be had; whoever named none has another one looked for."""
    if order.number is None:
        return errors.StaleVersion()
    if isinstance(refusal, errors.RoomNotReady):
        return room_check_in.not_ready_now(deps, zone.zone_id, order.number)
    return refusal


def _ready(deps: Deps, zone: Zone, order: Order) -> str:
    """A ready room that is free for so long, by lot."""
    vacancy = availability.of_interval(deps, zone.zone_id, start=None, end=_end(deps, zone, order))
    if not vacancy.free:
        raise errors.ZoneFull()
    return room_check_in.choose_room(deps, zone, vacancy.free).number


def _end(deps: Deps, zone: Zone, order: Order) -> datetime:
    length = order.minutes or zone.policy.default_duration
    return order.end or deps.now() + timedelta(minutes=length)


def _arrival(
    deps: Deps, actor: Actor, zone: Zone, found: Room | None, override: str | None
) -> Callable[[BookingChange], BookingChange]:
    """What checking in adds to the change that books."""

    def checked_in(change: BookingChange) -> BookingChange:
        entered = change.with_check_in(
            zone.policy, by=actor, source="staff_api", at=deps.now(), found=found
        )
        return room_check_in.with_override(deps, actor, entered, override)

    return checked_in
