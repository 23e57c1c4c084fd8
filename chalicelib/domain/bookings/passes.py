"""The QR pass of a booking, and a new one in its place (docs/rules/lifecycle.md, The pass)."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.timeline import Source


def make_anew(booking: Booking, *, by: Actor, source: Source, now: datetime) -> BookingChange:
    """Make the pass of a live booking anew; the one before is refused from now on. Raises
    AlreadyEnded."""
    booking.require_live()
    issue = booking.pass_issue + 1
    return BookingChange.of(
        booking.after("pass_replaced", at=now, by=by, source=source, pass_issue=issue)
    )


def require_current(booking: Booking, issue: int) -> None:
    """Require the present issue of the pass. Raises PassReplaced."""
    if issue != booking.pass_issue:
        raise errors.PassReplaced()
