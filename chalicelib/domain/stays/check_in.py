"""Check-in of a booking: on time, early, or to a room that is not ready."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.status import Step
from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.sentence import say
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.housekeeping import turnover
from chalicelib.domain.housekeeping.turnover import Room
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import SheetEdit, Sheets
from chalicelib.domain.sites.policy import Policy

EARLIEST: Final = timedelta(days=1)
"""How long before the booked start staff may check a guest in. The space is taken from then on."""


def check_in(
    booking: Booking,
    *,
    by: Actor,
    source: Source,
    policy: Policy,
    sheets: Sheets,
    now: datetime,
    room: Room | None = None,
    early: bool = False,
) -> BookingChange:
    """Check in at `now`, to the room of the booking, which must be ready, or to `room` in its
    present condition. Before the booked start (by `early_check_in` minutes, with `early` by a day)
    the sheets of the waiting time are taken too. Raises AlreadyEntered, AlreadyEnded, TooEarly."""
    booking.require_step(Step.CHECK_IN)
    require_hour(booking, policy, now, early=early)
    started = booking.started(now, by=by, source=source, policy=policy)
    edits = turnover.occupy(
        room or booking.room,
        booking.booking_id,
        policy,
        by=by,
        at=now,
        until=booking.booked.end,
        source=source,
    )
    change = BookingChange.of(started).turning(*edits)
    if now >= booking.booked.start:
        return change
    return change.with_sheets(_take_until_start(booking, sheets, now))


def is_open(booking: Booking, policy: Policy, at: datetime) -> bool:
    """Whether check-in is open at `at`: it opens `early_check_in` minutes before the start."""
    return at >= opens_at(booking, policy)


def opens_at(booking: Booking, policy: Policy) -> datetime:
    """When check-in opens."""
    return booking.booked.start - timedelta(minutes=policy.early_check_in)


def require_open(booking: Booking, policy: Policy, now: datetime) -> None:
    """Require that check-in is open. Raises TooEarly."""
    if not is_open(booking, policy, now):
        opens = opens_at(booking, policy)
        raise errors.TooEarly(say("starts_later", when=localtime.iso(opens)), opens)


def require_hour(booking: Booking, policy: Policy, now: datetime, *, early: bool) -> None:
    """Require that check-in is open; with `early` that it is at most a day before the start. Raises
    TooEarly."""
    if early:
        _require_within_a_day(booking, now)
    else:
        require_open(booking, policy, now)


def _require_within_a_day(booking: Booking, now: datetime) -> None:
    if now < booking.booked.start - EARLIEST:
        start = booking.booked.start
        raise errors.TooEarly(say("starts_at", when=localtime.iso(start)), start)


def still_in_use(booking: Booking) -> errors.TooEarly:
    """The refusal of an early check-in while another guest has the space."""
    start = booking.booked.start
    return errors.TooEarly(say("space_still_in_use", when=localtime.iso(start)), start)


def _take_until_start(booking: Booking, sheets: Sheets, now: datetime) -> tuple[SheetEdit, ...]:
    """The edits that take the space from `now` until the booked start. Raises TooEarly while
    another guest has it."""
    whole = booking.booked.starting(now)
    if occupancy.obstacles(booking.others_in(sheets), whole, now=now):
        raise still_in_use(booking)
    holding = replace(booking.holding, interval=whole)
    return occupancy.take(holding, sheets=sheets, on=Interval(now, booking.booked.start))
