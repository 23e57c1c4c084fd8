"""Move a booking: to another time in its space, or to another space."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime
from zoneinfo import ZoneInfo

from chalicelib.domain.bookings import allowance, confirmation, ends, short_code
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.confirmation import Confirmation
from chalicelib.domain.bookings.short_code import MovedCode
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import SYSTEM, Actor
from chalicelib.domain.core.change import Tally
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.sentence import say
from chalicelib.domain.core.timeline import Source, TimelineEntry
from chalicelib.domain.housekeeping import turnover
from chalicelib.domain.housekeeping.turnover import Room, RoomEdit
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import SheetEdit, Sheets
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.sites.policy import Policy


def move(
    booking: Booking,
    interval: Interval,
    *,
    by: Actor,
    source: Source,
    policy: Policy,
    tz: ZoneInfo,
    sheets: Sheets,
    now: datetime,
    room: Room | None = None,
    number: str | None = None,
    tariff: Tariff | None = None,
) -> BookingChange:
    """Move or extend a booking to `interval` in its space, or in the space `number`, at a site in
    `tz`; its allowances move with it. A stay that has begun keeps its start, and the record of its
    `room` gets the new end. A new start has to be confirmed again, unless it is near; in a zone
    without check-in a new start that has come begins the stay. Its short code stays, and its tariff
    unless another `tariff` is agreed. Raises SpaceTaken, and what `require_may_move` refuses."""
    require_may_move(booking, interval)
    moved = booking.after(
        "moved",
        at=now,
        by=by,
        source=source,
        note=f"{booking.number} to {number}" if number else "",
        booked=interval,
        number=number or booking.number,
        confirmation=_confirmation(booking, interval, policy, now),
        listed_through=None,
        first_day=first_day(booking, interval),
        tariff=tariff or booking.tariff,
    )
    if occupancy.obstacles(moved.others_in(sheets), interval, now=now):
        raise errors.SpaceTaken()
    moved = replace(moved, deadline=moved.next_deadline(policy))
    moved = moved.started_if_due(by=by, source=source, policy=policy, now=now)
    change = _with_allowances(booking, moved, policy, tz)
    change = change.with_sheets(_edits(booking, moved, sheets, now))
    change = change.saving(*forwarded(booking, moved))
    return change.turning(*_prolonged(room, moved, policy, by=by, at=now))


def _confirmation(
    booking: Booking, interval: Interval, policy: Policy, now: datetime
) -> Confirmation | None:
    """The confirmation of a booking that moves to `interval`: a new start is asked for anew."""
    if interval.start == booking.booked.start:
        return booking.confirmation
    return confirmation.of_moved(interval.start, policy, now=now)


def _with_allowances(
    before: Booking, after: Booking, policy: Policy, tz: ZoneInfo
) -> BookingChange:
    """Save `after`, counted in the allowances of its new time instead of those of `before`."""
    wanted: tuple[Tally, ...] = ()
    if after.user_id is not None:
        wanted = allowance.tallies(after.locator, after.zone_id, policy, after.booked, tz)
    change = BookingChange.of(replace(after, counts=allowance.counts(wanted)))
    return change.counting(*allowance.moved(before.locator, before.counts, wanted))


def _prolonged(
    room: Room | None, stay: Booking, policy: Policy, *, by: Actor, at: datetime
) -> Iterator[RoomEdit]:
    """The edit of the room that its guest is in: it gets the new end of the stay."""
    if room is not None and room.booking_id == stay.booking_id:
        until = stay.booked.end
        yield from turnover.prolong(room, stay.booking_id, policy, by=by, at=at, until=until)


def first_day(booking: Booking, interval: Interval) -> int | None:
    """The day that its short code keeps; None while it begins on that day."""
    day = short_code.day_of(booking.booked.start)
    if booking.first_day is None and short_code.day_of(interval.start) != day:
        return day
    return booking.first_day


def forwarded(before: Booking, after: Booking) -> Iterator[MovedCode]:
    """The record of its short code, once it leaves the day which that says."""
    if after.first_day is not None and before.first_day is None:
        yield short_code.moved(after.booking_id, after.site, after.first_day)


def require_may_move(booking: Booking, interval: Interval) -> None:
    """Require a live booking, and for a stay that has begun the same start. Raises AlreadyEnded,
    IllegalTransition."""
    booking.require_live()
    if booking.status is Status.ACTIVE and interval.start != booking.booked.start:
        raise errors.IllegalTransition(say("only_end_moves"))


def relocate(
    booking: Booking,
    room: Room,
    *,
    by: Actor,
    source: Source,
    policy: Policy,
    sheets: Sheets,
    now: datetime,
) -> BookingChange:
    """Check in to `room`, another space of the zone, because another guest is still in the booked
    one."""
    elsewhere = replace(booking, number=room.number)
    arrived = elsewhere.started(now, by=by, source=source, policy=policy)
    relocated = TimelineEntry(now, "relocated", by.account_id, source, booking.number)
    arrived = replace(arrived, timeline=(*booking.timeline, relocated, arrived.timeline[-1]))
    change = BookingChange.of(arrived).with_sheets(_edits(booking, arrived, sheets, now))
    until = arrived.booked.end
    return change.turning(
        *turnover.occupy(
            room, arrived.booking_id, policy, by=by, at=now, until=until, source=source
        )
    )


def rearrange(booking: Booking, number: str, *, sheets: Sheets, now: datetime) -> BookingChange:
    """Give a booking whose space is provisional another one, so that others find a space."""
    moved = booking.after(
        "rearranged",
        at=now,
        by=SYSTEM,
        source="rearranging",
        note=f"{booking.number} to {number}",
        number=number,
    )
    return BookingChange.of(moved).with_sheets(_edits(booking, moved, sheets, now))


def _edits(before: Booking, after: Booking, sheets: Sheets, now: datetime) -> tuple[SheetEdit, ...]:
    freed = occupancy.release(before.holding, now=now)
    return occupancy.merge((*freed, *occupancy.take(after.holding, sheets=sheets)))


def assign(
    booking: Booking, number: str, *, by: Actor, source: Source, sheets: Sheets, now: datetime
) -> BookingChange:
    """Assign a space of the zone to a live booking, for the rest of its interval: another one, or
    its provisional one for good. Raises SpaceTaken, AlreadyEnded."""
    booking.require_live()
    assigned = booking.after(
        "room_assigned",
        at=now,
        by=by,
        source=source,
        note=number if number == booking.number else f"{booking.number} to {number}",
        number=number,
        provisional=False,
    )
    taken = occupancy.obstacles(assigned.others_in(sheets), rest_of(booking, now), now=now)
    if taken or number in occupancy.closed(sheets):
        raise errors.SpaceTaken()
    change = BookingChange.of(assigned).with_sheets(_edits(booking, assigned, sheets, now))
    return change.sending(*ends.wakes(booking))


def rest_of(booking: Booking, now: datetime) -> Interval:
    """The interval for which a booking still needs a space: all of it, or during the stay the rest
    from `now`."""
    start = max(now, booking.booked.start) if booking.status is Status.ACTIVE else None
    return Interval.of_stay(start or booking.booked.start, booking.booked.end)


def room_edits(
    before: Booking, after: Booking, policy: Policy, *, by: Actor, at: datetime
) -> tuple[RoomEdit, ...]:
    """The edits of both rooms where a guest changes rooms during the stay: the old one becomes
    dirty; the new one, which must be ready, becomes occupied."""
    how = f"moved to {after.number}"
    left = turnover.vacate(before.room, before.booking_id, policy, by=by, at=at, how=how)
    until = after.booked.end
    entered = turnover.occupy(after.room, after.booking_id, policy, by=by, at=at, until=until)
    return (*left, *entered)
