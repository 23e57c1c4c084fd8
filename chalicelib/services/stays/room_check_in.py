"""Check-in to a room: the choice of a ready one, and overrides by staff, which are audited."""

from __future__ import annotations

from collections.abc import Sequence

from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.sentence import say
from chalicelib.domain.housekeeping import turnover
from chalicelib.domain.housekeeping.turnover import Condition, Room
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.sites.site import Zone
from chalicelib.domain.stays import check_in
from chalicelib.services.bookings import cover
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps


def commit(deps: Deps, actor: Actor, change: BookingChange, *, override: str | None) -> Booking:
    """Commit a check-in, which a season pass may cover. The reason `override` is audited if the
    room was not ready or the guest came early. Raises RoomNotReady with the condition of the
    room."""
    change = cover.at_entry(deps, change)
    booking = change.booking
    try:
        deps.commit(_with_override(deps, actor, change, override))
    except errors.RoomNotReady:
        raise not_ready(deps.rooms.get(booking.zone_id, booking.number)) from None
    return booking


def _with_override(
    deps: Deps, actor: Actor, change: BookingChange, override: str | None
) -> BookingChange:
    """The change with an audit event if staff overrode the condition of the room, or the time at
    which check-in opens."""
    booking = change.booking
    unready = [e for e in change.rooms if e.was is not Condition.READY_FOR_GUEST]
    if not (override and (unready or _is_early(deps, booking))):
        return change
    return change.auditing(
        audit_events.event(
            deps,
            actor=actor,
            action="check_in_unready" if unready else "check_in_early",
            subject=booking.booking_id,
            site=booking.site,
            detail=f"{unready[0].was}: {override}" if unready else override,
        )
    )


def _is_early(deps: Deps, booking: Booking) -> bool:
    policy = deps.catalogue.zone(booking.zone_id).policy
    start = booking.actual_start
    return start is not None and not check_in.is_open(booking, policy, start)


def not_ready(room: Room) -> errors.Refusal:
    """The refusal for a room that was not ready: RoomNotReady with its condition, or StaleVersion
    if it has become ready since."""
    return errors.StaleVersion() if room.is_ready else errors.RoomNotReady.of(room.in_words)


def choose_room(
    deps: Deps, zone: Zone, free: Sequence[str], *, override: str | None = None
) -> Room:
    """A random room of `free`. In a zone with turnover a ready one (one query); if none is ready
    and there is a reason `override`, any of them. Raises RoomNotReady."""
    rooms = deps.rooms.of_zone(zone.zone_id) if zone.policy.tracks_turnover else {}
    ready = turnover.ready(free, rooms)
    if not (ready or override):
        raise errors.RoomNotReady(say("no_room_ready"))
    number = occupancy.choose(ready or free, deps.random_bits(30))
    return rooms.get(number) or Room(zone.zone_id, number)
