"""Swap of rooms: two bookings of a zone exchange their spaces in one step (docs/rules/rooms.md)."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.reschedule import rest_of, room_edits
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.sentence import say
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.housekeeping import turnover
from chalicelib.domain.housekeeping.turnover import RoomEdit
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import Sheets
from chalicelib.domain.sites.policy import Policy


def swap(
    first: Booking,
    second: Booking,
    *,
    by: Actor,
    source: Source,
    policy: Policy,
    sheets: Sheets,
    now: datetime,
) -> BookingChange:
    """Give each of two live bookings the space of the other, for the rest of its interval. Rooms
    with guests inside change guests; a guest who moves into an empty room needs a ready one. Raises
    AlreadyEnded, and SpaceTaken where a third booking is in the way."""
    for each, other in ((first, second), (second, first)):
        each.require_live()
        _require_free(each, other, sheets, now)
    after = (
        _in_space_of(first, second, by=by, source=source, at=now),
        _in_space_of(second, first, by=by, source=source, at=now),
    )
    edits = [e for b in (first, second) for e in occupancy.release(b.holding, now=now)]
    edits += [e for b in after for e in occupancy.take(b.holding, sheets=sheets)]
    rooms = _room_edits((first, second), after, policy, by=by, at=now)
    return BookingChange(saves=after).with_sheets(edits).turning(*rooms)


def _require_free(booking: Booking, other: Booking, sheets: Sheets, now: datetime) -> None:
    """Require that only these two have the space of `other` in the rest of `booking`."""
    taken = occupancy.held(sheets).get(other.number, {})
    others = {
        holder: interval
        for holder, interval in taken.items()
        if holder not in (booking.holder, other.holder)
    }
    blocked = occupancy.obstacles(others, rest_of(booking, now), now=now)
    if blocked or other.number in occupancy.closed(sheets):
        raise errors.SpaceTaken(say("room_partly_taken", number=other.number))


def _in_space_of(
    booking: Booking, other: Booking, *, by: Actor, source: Source, at: datetime
) -> Booking:
    note = f"{booking.number} to {other.number}"
    return booking.after(
        "room_swapped",
        at=at,
        by=by,
        source=source,
        note=note,
        number=other.number,
        provisional=False,
    )


def _room_edits(
    before: tuple[Booking, Booking],
    after: tuple[Booking, Booking],
    policy: Policy,
    *,
    by: Actor,
    at: datetime,
) -> tuple[RoomEdit, ...]:
    """The edits of the rooms: a room whose guest changes stays occupied, one whose guest moves into
    an empty room becomes dirty."""
    if all(map(_is_inside, before)):
        changed = zip(before, reversed(after), strict=True)
        lists = [_change_guest(was, now, policy, by=by, at=at) for was, now in changed]
    else:
        moved = [pair for pair in zip(before, after, strict=True) if _is_inside(pair[0])]
        lists = [room_edits(was, now, policy, by=by, at=at) for was, now in moved]
    return tuple(edit for edits in lists for edit in edits)


def _is_inside(booking: Booking) -> bool:
    return booking.status is Status.ACTIVE


def _change_guest(
    left: Booking, entered: Booking, policy: Policy, *, by: Actor, at: datetime
) -> tuple[RoomEdit, ...]:
    return turnover.change_guest(
        left.room,
        left.booking_id,
        entered.booking_id,
        policy,
        by=by,
        at=at,
        until=entered.booked.end,
    )
