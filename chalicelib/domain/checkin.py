"""Checking in: every way a stay can begin, but for walk-ins (`turnover.arriving`)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final

from chalicelib.domain import errors, occupancy, turnover
from chalicelib.domain.access import Actor
from chalicelib.domain.booking import Booking
from chalicelib.domain.change import Change, saving
from chalicelib.domain.deadline import DeadlineKind
from chalicelib.domain.interval import Interval
from chalicelib.domain.occupancy import SheetEdit, Sheets
from chalicelib.domain.policy import Policy
from chalicelib.domain.status import Status
from chalicelib.domain.timeline import Source
from chalicelib.domain.turnover import Room

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
) -> Change:
    """Check in at `now`, to a room that is ready, or as staff `found` it. Before the booked start
    (within `early_check_in`, or however `early` staff allow it) the wait is taken on the sheet too.
    Raises AlreadyEntered, AlreadyEnded, TooEarly."""
    _require_not_entered(booking)
    if early:
        _require_near(booking, now)
    else:
        require_in_time(booking, policy, now)
    arrived = booking.started(now, by=by, source=source, policy=policy)
    room = turnover.entered(booking, policy, by=by, at=now, found=found)
    change = saving(arrived).turning(*room)
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


def start(booking: Booking, *, by: Actor, policy: Policy, source: Source) -> Change:
    """Begin by itself at the booked start, where nobody checks in."""
    _require_not_entered(booking)
    return saving(booking.started(booking.booked.start, by=by, source=source, policy=policy))


def _require_not_entered(booking: Booking) -> None:
    if booking.status is Status.ACTIVE:
        raise errors.AlreadyEntered()
    if booking.status is not Status.BOOKED:
        raise errors.AlreadyEnded(booking.why_over)


def begun(booking: Booking, *, by: Actor, source: Source, policy: Policy, now: datetime) -> Booking:
    """`booking` in the same version, inside already where nobody checks in and its start has
    come."""
    due = booking.deadline
    if due is None or due.kind is not DeadlineKind.AUTO_START or not due.is_due(now):
        return booking
    started = start(booking, by=by, policy=policy, source=source).booking
    return replace(started, version=booking.version)
