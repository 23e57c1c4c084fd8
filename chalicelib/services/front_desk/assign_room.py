"""Assignment of another room. Every booking holds one room, so nothing is oversold; until the guest
leaves, staff may assign another free room."""

from __future__ import annotations

from chalicelib.domain.bookings import reschedule
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import access, errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.occupancy.shortage import Want
from chalicelib.domain.sites.site import Zone
from chalicelib.services.bookings import free_space, room_choice, settle, way_on
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps
from chalicelib.services.stays import room_check_in
from chalicelib.services.waitlist import offering


def assign(
    deps: Deps,
    actor: Actor,
    booking_id: str,
    number: str,
    *,
    slug: str | None = None,
    source: Source = "staff_api",
) -> Booking:
    """Assign the room `number` of its zone to a live booking, before check-in or during the stay:
    two reads and one transaction, and one read more for an arrival today. Repeated, it answers as
    the first time. Raises BookingNotFound (for staff of other sites too), SpaceNotFound,
    SpaceTaken, AlreadyEnded; RoomNotReady during the stay, or for a room out of service today."""
    return deps.retry_on_conflict(
        lambda: _assign_once(deps, actor, booking_id, number, slug, source)
    )


def _assign_once(
    deps: Deps, actor: Actor, booking_id: str, number: str, slug: str | None, source: Source
) -> Booking:
    booking = settle.read(deps, booking_id)
    access.require_party(actor, user_id=None, site=booking.site)
    if slug not in (None, booking.site):
        raise errors.NotYours(site=booking.site)
    deps.as_expected(booking)
    booking.require_live()
    if booking.number == number and not booking.is_space_provisional:
        return booking
    zone = deps.catalogue.zone(booking.zone_id)
    if number not in deps.catalogue.numbers(zone.zone_id):
        raise errors.SpaceNotFound()
    if booking.status is Status.BOOKED:
        room_choice.require_in_service(deps, zone, booking.booked.start, number)
    change = _assigned(deps, actor, booking, zone, number, source)
    assigned = audit_events.event(
        deps,
        actor=actor,
        action="assign_room",
        subject=booking.booking_id,
        site=booking.site,
        detail=f"{booking.number} to {number}",
    )
    if booking.status is Status.ACTIVE:
        edits = reschedule.room_edits(booking, change.booking, zone.policy, by=actor, at=deps.now())
        change = change.turning(*edits)
    return room_check_in.commit(deps, actor, change.auditing(assigned), override=None)


def _assigned(
    deps: Deps, actor: Actor, booking: Booking, zone: Zone, number: str, source: Source
) -> BookingChange:
    """The assignment, with the moves of bookings in its way whose room is provisional."""
    now, own = deps.now(), booking.holder
    rest = reschedule.rest_of(booking, now)
    inventory = free_space.read(deps, zone, _listed(booking, rest), by_condition=False)
    sheets, moves = inventory.sheets, Change()
    is_another = number != booking.number
    if is_another and offering.waitlist_comes_first(deps, zone, [rest], inventory):
        raise errors.StaleVersion()
    if not inventory.without(own).free(rest, (number,)):
        settle.retry_if_freed(deps, zone, inventory.sheets, inventory.numbers)
        found = free_space.by_moving(deps, zone, inventory, rest, (number,), leaving=own)
        if found is None:
            free_space.require_current(booking, sheets)
            want = Want(rest, (number,))
            others = way_on.other_spaces(deps, zone, booking, rest, inventory)
            raise way_on.explained(
                deps, actor, zone, want, inventory, errors.SpaceTaken(), leaving=own, others=others
            )
        sheets, moves = found.sheets, found.moves
    change = reschedule.assign(booking, number, by=actor, source=source, sheets=sheets, now=now)
    return change.joined_with(moves)


def _listed(booking: Booking, rest: Interval) -> Interval:
    """The time of all sheets that list the booking, and of `rest`."""
    return booking.occupied.ending(max(rest.end, booking.listed_until))
