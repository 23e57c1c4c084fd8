"""The QR pass and the calendar file of a booking, for its customer and the staff of its site."""

from __future__ import annotations

from urllib.parse import urlsplit

from chalicelib.domain.core.access import Actor
from chalicelib.services.bookings import bookings
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps


def svg(deps: Deps, actor: Actor, booking_id: str) -> str:
    """The pass as SVG. Raises BookingNotFound."""
    from chalicelib.rendering.mail import qr

    return qr.svg(deps.tokens.qr(bookings.get(deps, actor, booking_id)))


def png(deps: Deps, actor: Actor, booking_id: str) -> bytes:
    """The pass as PNG. Raises BookingNotFound."""
    from chalicelib.rendering.mail import qr

    return qr.png(deps.tokens.qr(bookings.get(deps, actor, booking_id)))


def calendar_file(deps: Deps, actor: Actor, booking_id: str) -> str:
    """The booking as an iCalendar file. Raises BookingNotFound."""
    from chalicelib.rendering.mail import calendar

    booking = bookings.get(deps, actor, booking_id)
    return calendar.event(
        booking,
        places.site_of(deps, booking),
        places.zone_of(deps, booking),
        host=urlsplit(deps.settings.base_url).hostname or "berth",
        now=deps.now(),
        cancelled=booking.status.value == "cancelled",
    )
