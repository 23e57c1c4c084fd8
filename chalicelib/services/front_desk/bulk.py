"""Check-out and check-in of many rooms in one call.

The rooms are read together, and then each room has its own transaction: one that fails stops no
other, and a call that was interrupted can be repeated for the remaining rooms. A room that has
changed since the common read is read again by itself.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Final, TypeVar

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import access, errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.sentence import say
from chalicelib.domain.housekeeping import turnover
from chalicelib.domain.housekeeping.turnover import Room
from chalicelib.domain.occupancy.occupancy import Sheets
from chalicelib.services.bookings import settle
from chalicelib.services.core.deps import Deps
from chalicelib.services.front_desk import force, room_occupancy
from chalicelib.services.front_desk.bulk_result import BulkResult, Outcome, RoomRow
from chalicelib.services.front_desk.force import Force
from chalicelib.services.front_desk.room_occupancy import RoomState
from chalicelib.services.stays import check_in as check_ins
from chalicelib.services.stays import check_out as check_outs

MOST_ROOMS: Final = 500
"""Rooms of one call."""

SECONDS: Final = 15.0
"""Of the 28 that a request may take: the last room may be slow, and waiting for DynamoDB in vain
takes twelve."""

CLEARED: Final = "nobody was checked in here"
EMPTY: Final = say("nobody_in_room")
NOT_ARRIVED: Final = say("guest_not_arrived")
NO_ARRIVAL: Final = say("no_arrival_today")

T = TypeVar("T")
R = TypeVar("R")


OutOfTime = Callable[[], bool]
Action = Callable[[RoomState, RoomRow], None]
"""A step for one room. It writes the outcome into the row of the room."""


def time_limit() -> OutOfTime:
    """A function that returns True once `SECONDS` are over."""
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
) -> BulkResult:
    """Check out the guests in the rooms, and clear rooms whose record names a guest who is not in
    them. An empty room needs nothing. `destructive` (for an admin, with a reason) also clears a
    room whose record names another guest than the one to check out. The use of this mode is audited
    before its first step, and then each room cleared and each stay ended. Raises Forbidden,
    SiteNotFound, Invalid."""
    access.require_works_at(actor, slug)
    use = force.require(actor, slug, reason, source_ip) if destructive else None
    found = _find(deps, slug, room_ids)
    if use is not None:
        use = force.audited(deps, use, found.named.values(), found.states.values())
    return _each(found, out_of_time, partial(_check_out_room, deps, actor, use))


def check_in(
    deps: Deps,
    actor: Actor,
    slug: str,
    room_ids: Sequence[str],
    *,
    out_of_time: OutOfTime,
    destructive: bool = False,
) -> BulkResult:
    """Check in the guests who arrive in the rooms today, by the calendar of the site. A room
    without an arrival fails, and so does an occupied room: no guest is relocated. Raises Forbidden,
    SiteNotFound, and Invalid if `destructive`."""
    access.require_works_at(actor, slug)
    if destructive:
        raise errors.Invalid({"destructive": say("must_not_be_destructive")})
    found = _find(deps, slug, room_ids)
    return _each(found, out_of_time, partial(_check_in_room, deps, actor))


@dataclass(frozen=True)
class _Found:
    """The rooms of a request: as named, by their ids, and the state of those of the site."""

    named: Mapping[str, str]
    states: Mapping[str, RoomState]


def _find(deps: Deps, slug: str, room_ids: Sequence[str]) -> _Found:
    named = room_occupancy.named(deps, slug, room_ids)
    return _Found(named, room_occupancy.find(deps, slug, named.keys()))


def _each(found: _Found, out_of_time: OutOfTime, act: Action) -> BulkResult:
    """Call `act` for each room until the time is over. A room that is not of the site fails. A room
    without an answer from DynamoDB remains, because its state is unknown."""
    rows = [RoomRow(as_named) for as_named in found.named.values()]
    for room_id, row in zip(found.named, rows, strict=True):
        if out_of_time():
            continue
        try:
            if room_id not in found.states:
                raise errors.SpaceNotFound()
            act(found.states[room_id], row)
        except errors.Unavailable:
            row.outcome = Outcome.REMAINING
        except (errors.Conflict, errors.NotFound) as refusal:
            row.fail(refusal)
    return BulkResult(rows)


def _or_read_again(deps: Deps, step: Callable[[T], R], state: T, read: Callable[[], T]) -> R:
    """Take `step` on the `state` of the common read; if that has changed, on a new `read`."""
    try:
        return step(state)
    except errors.StaleVersion:
        return deps.retry_on_conflict(lambda: step(read()))


def _check_out_room(
    deps: Deps, actor: Actor, use: Force | None, state: RoomState, row: RoomRow
) -> None:
    """Check out the guest of a room. If its record names a guest who is not in it, clear it first;
    while another guest is in it, only by force: otherwise the check-out is refused."""
    state = room_occupancy.settled(deps, state)
    stay = state.stay
    to_clear = state.is_disputed and (use or stay is None)
    if to_clear and _clear(deps, actor, state, use):
        row.outcome, row.was_cleared = Outcome.CLEARED, True
    ended = None if stay is None else _check_out(deps, actor, stay, use)
    if ended is not None:
        row.outcome, row.booking_id = Outcome.CHECKED_OUT, ended.booking_id
    elif not row.was_cleared:
        arrival = state.arrival(deps.now())
        row.outcome, row.reason = Outcome.NOTHING, NOT_ARRIVED if arrival else EMPTY


def _check_out(deps: Deps, actor: Actor, stay: Booking, use: Force | None) -> Booking | None:
    """Check a stay out; in the destructive mode it is audited. None if its guest has another room
    by now."""

    def end(booking: Booking) -> Booking | None:
        booking = settle.settled(deps, booking)
        if booking.space_id != stay.space_id:
            return None
        return check_outs.check_out_settled(
            deps, actor, booking, tender=None, source="bulk",
            reason=use.note if use else "",
            audits=(force.stay_ended(deps, use, stay.booking_id, stay.space_id),) if use else (),
        ).booking  # fmt: skip

    return _or_read_again(deps, end, stay, lambda: deps.bookings.get(stay.booking_id))


def _clear(deps: Deps, actor: Actor, state: RoomState, use: Force | None) -> bool:
    """Take the guest out of the record of a room; in the destructive mode it is audited. False if
    the record names another guest by now."""

    def clear(room: Room) -> bool:
        if room.booking_id != state.room.booking_id:
            return False
        note = use.note if use else CLEARED
        change = Change().turning(turnover.clear(room, by=actor, at=deps.now(), note=note))
        deps.commit(change.auditing(force.room_cleared(deps, use, state)) if use else change)
        return True

    zone_id, number = state.room.zone_id, state.room.number
    return _or_read_again(deps, clear, state.room, lambda: deps.rooms.get(zone_id, number))


def _check_in_room(deps: Deps, actor: Actor, state: RoomState, row: RoomRow) -> None:
    """Check in the guest who arrives in a room today. Raises BookingNotFound without an arrival,
    AlreadyEntered if the guest is checked in already."""
    expected = state.arrival(deps.now())
    state = room_occupancy.settled(deps, state)
    arrival = state.arrival(deps.now()) or expected  # one that is over says so itself
    if arrival is None:
        raise errors.AlreadyEntered() if state.stay else errors.BookingNotFound(NO_ARRIVAL)
    _require_ready(deps, state.room)
    row.booking_id = _check_in(deps, actor, arrival, state.sheets).booking_id
    row.outcome = Outcome.CHECKED_IN


def _require_ready(deps: Deps, room: Room) -> None:
    """Require a ready room; read it again first, because housekeeping may have finished since.
    Raises RoomNotReady."""
    if not room.is_ready:
        room = deps.rooms.get(room.zone_id, room.number)
    if not room.is_ready:
        raise errors.RoomNotReady(say("check_in_alone", condition=room.in_words))


def _check_in(deps: Deps, actor: Actor, arrival: Booking, sheets: Sheets) -> Booking:
    """Check an arrival in. Raises BookingNotFound if its guest has another room by now."""

    def begin(state: tuple[Booking, Sheets]) -> Booking:
        booking = settle.settled(deps, state[0])
        if booking.space_id != arrival.space_id:
            raise errors.BookingNotFound(NO_ARRIVAL)
        return check_ins.check_in_settled(deps, actor, booking, state[1], source="bulk")

    zone = deps.catalogue.zone(arrival.zone_id)
    read = partial(check_ins.read_with_sheets, deps, zone, arrival)
    return _or_read_again(deps, begin, (arrival, sheets), read)
