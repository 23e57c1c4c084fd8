"""Check-in of a booking: on time, early, or to a room that staff chose."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.status import Step
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.housekeeping import turnover
from chalicelib.domain.housekeeping.turnover import Room
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import SheetEdit, Sheets
from chalicelib.domain.sites.policy import Policy

MOST_EARLY: Final = timedelta(days=1)
"""How long before its start staff may let somebody in: the space is taken from then on."""


def enter(
    booking: Booking,
    *,
    by: Actor,
    source: Source,
    policy: Policy,
    sheets: Sheets,
    now: datetime,
    found: Room | None = None,
    early: bool = False,
) -> BookingChange:
    """Check in at `now`, to a room that is ready, or as staff `found` it. Before the booked start
    (within `early_check_in`, or however `early` staff allow it) the wait is taken on the sheet too.
    Raises AlreadyEntered, AlreadyEnded, TooEarly."""
    booking.require_step(Step.CHECK_IN)
    if early:
        _require_near(booking, now)
    else:
        require_in_time(booking, policy, now)
    arrived = booking.started(now, by=by, source=source, policy=policy)
    room = turnover.entered(found or booking.room, booking.booking_id, policy, by=by, at=now)
    change = BookingChange.of(arrived).turning(*room)
    if now >= booking.booked.start:
        return change
    return change.with_sheets(_take_the_wait(booking, sheets, now))


def is_before_hours(booking: Booking, policy: Policy, at: datetime) -> bool:
    """Whether that is too early to come in without somebody who allows it."""
    return at < booking.booked.start - timedelta(minutes=policy.early_check_in)


def require_in_time(booking: Booking, policy: Policy, now: datetime) -> None:
    """Refuse who comes before the gate opens for it (TooEarly)."""
    if is_before_hours(booking, policy, now):
        raise errors.TooEarly(f"This booking starts later. Come back {_ahead(policy)}.")


def _require_near(booking: Booking, now: datetime) -> None:
    """Refuse who comes on another day altogether (TooEarly), whoever allows it."""
    if now < booking.booked.start - MOST_EARLY:
        raise errors.TooEarly("This booking starts on another day. Move it first.")


def _ahead(policy: Policy) -> str:
    hours, minutes = divmod(policy.early_check_in, 60)
    if not (hours or minutes):
        return "at its start"
    return f"{policy.early_check_in} minutes before it" if minutes else f"{hours} h before it"


def _take_the_wait(booking: Booking, sheets: Sheets, now: datetime) -> tuple[SheetEdit, ...]:
    whole = booking.booked.starting(now)
    if occupancy.obstacles(booking.others_in(sheets), whole, now=now):
        raise errors.TooEarly("The space is still in use. Come back at the booked start.")
    waiting = replace(booking.holding, interval=whole)
    return occupancy.take(waiting, sheets=sheets, on=Interval(now, booking.booked.start))
