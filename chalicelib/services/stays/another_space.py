"""Check-in where another guest is still in the booked space: to another one, or to the booked one
after others have moved (docs/rules/occupancy.md, Arrivals)."""

from __future__ import annotations

from functools import partial
from typing import Final, NoReturn

from chalicelib.domain.bookings import ends, reschedule
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import SYSTEM, Actor
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.sentence import say
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.occupancy.inventory import Inventory
from chalicelib.domain.occupancy.shortage import Want
from chalicelib.domain.payments import refund
from chalicelib.domain.sites.site import Zone
from chalicelib.domain.stays import check_in as rules
from chalicelib.services.bookings import free_space, paybacks, settle, way_on
from chalicelib.services.core.deps import Deps
from chalicelib.services.stays import room_check_in

NO_SPACE_LEFT: Final = say("no_space_left")


def relocate(
    deps: Deps,
    actor: Actor,
    booking: Booking,
    zone: Zone,
    source: Source,
    *,
    override: str | None,
) -> Booking:
    """Check in to another free space of the zone, because an overstay occupies the booked one: to
    a ready room, unless staff `override` that. If no space is free and in service, cancel the
    booking with a full refund and raise ZoneFull; before the booked start, raise TooEarly
    instead."""
    now = deps.now()
    rest = booking.booked.starting(now)
    wide = booking.booked.starting(min(now, booking.booked.start))
    inventory = free_space.read(deps, zone, wide)
    free, moves = inventory.free(rest, inventory.numbers), Change()
    may_enter = set(_open_to(inventory, override))
    if may_enter.isdisjoint(free):
        settle.retry_if_freed(deps, zone, inventory.sheets, inventory.numbers)
        found = free_space.by_moving(deps, zone, inventory, rest, may_enter, leaving=booking.holder)
        if found is not None:
            free, moves, inventory = (found.number,), found.moves, found.inventory
    if not free:
        _refuse_for_want_of_space(deps, actor, booking, zone, source, inventory)
    room = room_check_in.choose_room(deps, zone, free, override=override)
    change = reschedule.relocate(
        booking,
        room,
        by=actor,
        source=source,
        policy=zone.policy,
        sheets=inventory.sheets,
        now=now,
    ).joined_with(moves)
    try:
        return room_check_in.commit(deps, actor, change, override=override)
    except errors.RoomNotReady:
        raise errors.StaleVersion() from None


def _open_to(inventory: Inventory, override: str | None) -> tuple[str, ...]:
    """The spaces that a guest may be let into, if they were free."""
    return tuple(n for n in inventory.numbers if override or n not in inventory.unready)


def _refuse_for_want_of_space(
    deps: Deps, actor: Actor, booking: Booking, zone: Zone, source: Source, inventory: Inventory
) -> NoReturn:
    """Cancel a booking for which no space is left, with a full refund, and raise ZoneFull with the
    way on; before its start, raise TooEarly instead."""
    now, own = deps.now(), booking.holder
    if now < booking.booked.start:
        raise rules.still_in_use(booking)
    want = Want(booking.booked.starting(now), inventory.numbers)
    refusal = way_on.explained(
        deps, actor, zone, want, inventory, errors.ZoneFull(NO_SPACE_LEFT), leaving=own
    )
    refunded = refund.by_site(booking.amount_paid)
    amount = f"{refunded.amount.currency} {refunded.amount.text()}"
    reason = f"no space left at arrival; to be refunded: {amount}"
    over = ends.cancel(booking, by=SYSTEM, source=source, reason=reason, now=now, by_site=True)
    deps.commit(paybacks.with_refund(deps, over))
    raise refusal


def find_early(
    deps: Deps,
    actor: Actor,
    booking: Booking,
    zone: Zone,
    source: Source,
    *,
    override: str | None,
) -> BookingChange | None:
    """The check-in of a guest who comes before the start, while another one still has the booked
    space. It is to that space once others have moved away; a booking that has named no space may
    get another one. None where there is none. One query; where others move, what
    `free_space.by_moving` reads."""
    now, own = deps.now(), booking.holder
    rest = booking.booked.starting(now)
    inventory = free_space.read(deps, zone, rest)
    among = [
        number
        for number in _open_to(inventory, override)
        if booking.is_space_provisional or number == booking.number
    ]
    free, moves = inventory.without(own).free(rest, among), Change()
    sheets = inventory.sheets
    if not free:
        settle.retry_if_freed(deps, zone, sheets, inventory.numbers)
        found = free_space.by_moving(deps, zone, inventory, rest, among, leaving=own)
        if found is None:
            return None
        free, moves, sheets = (found.number,), found.moves, found.sheets
    room = room_check_in.choose_room(deps, zone, free, override=override)
    step = partial(rules.check_in, booking, early=override is not None)
    if room.number != booking.number:
        step = partial(reschedule.relocate, booking)
    change = step(room=room, by=actor, source=source, policy=zone.policy, sheets=sheets, now=now)
    return change.joined_with(moves)
