"""Swap of rooms at the front desk: two live bookings exchange their rooms in one transaction."""

from __future__ import annotations

from chalicelib.domain.bookings import reschedule
from chalicelib.domain.bookings import swap as rules
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import access, errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.sentence import say
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.occupancy.inventory import Inventory
from chalicelib.domain.occupancy.shortage import Want
from chalicelib.domain.sites.site import Zone
from chalicelib.services.bookings import free_space, room_choice, settle, way_on
from chalicelib.services.core import audit_events
from chalicelib.services.core.deps import Deps
from chalicelib.services.stays import room_check_in
from chalicelib.services.waitlist import offering

Pair = tuple[Booking, Booking]


def swap(
    deps: Deps,
    actor: Actor,
    booking_id: str,
    with_id: str,
    *,
    number: str,
    slug: str,
    source: Source = "staff_api",
) -> Pair:
    """Exchange the rooms of two live bookings of a zone; the first gets the room `number`, which
    the second has. Two reads, a query and a transaction; one query more for an arrival today.
    Repeated, it answers as the first time. Raises BookingNotFound (for staff of other sites too),
    Invalid, AlreadyEnded, SpaceTaken, RoomNotReady."""
    return deps.retry_on_conflict(
        lambda: _swap_once(deps, actor, (booking_id, with_id), number, slug, source)
    )


def _swap_once(
    deps: Deps, actor: Actor, ids: tuple[str, str], number: str, slug: str, source: Source
) -> Pair:
    first, second = (_read(deps, actor, booking_id, slug) for booking_id in ids)
    deps.as_expected(first)
    if first.number == number != second.number:
        return first, second
    _require_pair(first, second, number)
    zone = deps.catalogue.zone(first.zone_id)
    for each, other in ((first, second), (second, first)):
        if each.status is other.status is Status.BOOKED:
            room_choice.require_in_service(deps, zone, each.booked.start, other.number)
    change = _decided(deps, actor, _inside_first(first, second), zone, source)
    change = change.auditing(_event(deps, actor, first, second), _event(deps, actor, second, first))
    room_check_in.commit(deps, actor, change, override=None)
    by_id = {booking.booking_id: booking for booking in change.bookings}
    return by_id[first.booking_id], by_id[second.booking_id]


def _read(deps: Deps, actor: Actor, booking_id: str, slug: str) -> Booking:
    booking = settle.read(deps, booking_id)
    access.require_party(actor, user_id=None, site=booking.site)
    if slug != booking.site:
        raise errors.NotYours(site=booking.site)
    booking.require_live()
    return booking


def _require_pair(first: Booking, second: Booking, number: str) -> None:
    if first.zone_id != second.zone_id or first.booking_id == second.booking_id:
        raise errors.Invalid({"with_booking_id": say("must_be_booking_of_zone")})
    if first.number == second.number:
        raise errors.Invalid({"with_booking_id": say("must_have_another_room")})
    if second.number != number:
        raise errors.Invalid({"room_number": say("must_be_room_of_other", number=second.number)})


def _inside_first(first: Booking, second: Booking) -> Pair:
    """The pair with a guest who is inside before one who is not: a refusal names the room that the
    first enters."""
    return (second, first) if second.status is Status.ACTIVE else (first, second)


def _decided(deps: Deps, actor: Actor, pair: Pair, zone: Zone, source: Source) -> BookingChange:
    first, second = pair
    now = deps.now()
    inventory = free_space.read(deps, zone, _listed(pair), by_condition=False)
    sheets, rests = inventory.sheets, [reschedule.rest_of(each, now) for each in pair]
    if offering.waitlist_comes_first(deps, zone, rests, inventory):
        raise errors.StaleVersion()
    try:
        return rules.swap(
            first, second, by=actor, source=source, policy=zone.policy, sheets=sheets, now=now
        )
    except errors.SpaceTaken as refusal:
        for booking in pair:
            free_space.require_current(booking, sheets)
        settle.retry_if_freed(deps, zone, sheets, (first.number, second.number))
        raise _with_way_on(deps, actor, pair, zone, inventory, refusal) from None


def _with_way_on(
    deps: Deps,
    actor: Actor,
    pair: Pair,
    zone: Zone,
    inventory: Inventory,
    refusal: errors.SpaceTaken,
) -> errors.NoRoom:
    """The refusal with what is in the way of the first of the two that cannot have the room of the
    other, and the rooms that it could have alone."""
    now = deps.now()
    for booking, other in (pair, pair[::-1]):
        rest = reschedule.rest_of(booking, now)
        without_both = inventory.without(other.holder).without(booking.holder)
        if not without_both.free(rest, (other.number,)):
            others = way_on.other_spaces(deps, zone, booking, rest, inventory)
            want = Want(rest, (other.number,))
            return way_on.explained(deps, actor, zone, want, without_both, refusal, others=others)
    return refusal


def _listed(pair: Pair) -> Interval:
    """The time of all sheets that list one of the bookings."""
    start = min(booking.occupied.start for booking in pair)
    return Interval(start, max(max(b.booked.end, b.listed_until) for b in pair))


def _event(deps: Deps, actor: Actor, booking: Booking, other: Booking) -> AuditEvent:
    return audit_events.event(
        deps,
        actor=actor,
        action="swap_room",
        subject=booking.booking_id,
        site=booking.site,
        detail=f"{booking.number} to {other.number}, with {other.booking_id}",
    )
