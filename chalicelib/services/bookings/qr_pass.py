"""The QR pass and the calendar file of a booking, for its customer and the staff of its site, and
their mails once more."""

from __future__ import annotations

from urllib.parse import urlsplit

from chalicelib.domain.bookings import notices, passes
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import access, effect, languages
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.timeline import Source
from chalicelib.services.bookings import bookings, settle
from chalicelib.services.core import audit_events, places, rate_limits
from chalicelib.services.core.deps import Deps


def svg(deps: Deps, actor: Actor, booking_id: str) -> str:
    """The pass as SVG. Raises BookingNotFound."""
    from chalicelib.rendering.mail import qr

    booking = bookings.get(deps, actor, booking_id)
    return qr.svg(deps.tokens.qr(booking), booking.code)


def png(deps: Deps, actor: Actor, booking_id: str) -> bytes:
    """The pass as PNG. Raises BookingNotFound."""
    from chalicelib.rendering.mail import qr

    return qr.png(deps.tokens.qr(bookings.get(deps, actor, booking_id)))


def make_anew(deps: Deps, actor: Actor, booking_id: str) -> Booking:
    """Make the pass of a live booking anew: the one before is refused, and the new one is mailed.
    Audited for staff. Raises BookingNotFound, AlreadyEnded, TooMany."""
    rate_limits.check_subject(deps, rate_limits.RESEND, booking_id)

    def once() -> Booking:
        booking = deps.as_expected(bookings.get(deps, actor, booking_id))
        places.remember(deps, booking)
        source = _source(actor, booking)
        change = passes.make_anew(booking, by=actor, source=source, now=deps.now())
        if not actor.owns(booking.user_id):
            change = change.auditing(audit_events.of_booking(deps, actor, booking, "replace_pass"))
        deps.commit(change)
        return change.booking

    return deps.retry_on_conflict(once)


def send_again(deps: Deps, actor: Actor, booking_id: str) -> Booking:
    """Mail the confirmation of a live booking again, or the bill of a stay that has ended. For
    staff; audited. Raises BookingNotFound, AlreadyEnded, IllegalTransition without an address,
    TooMany."""
    booking = settle.read(deps, booking_id)
    access.require_party(actor, user_id=None, site=booking.site)
    deps.as_expected(booking)
    mail = notices.again(booking)
    places.remember(deps, booking)
    rate_limits.check_subject(deps, rate_limits.RESEND, booking_id)
    change = Change().sending(effect.mail(mail, booking_id))
    deps.commit(
        change.auditing(audit_events.of_booking(deps, actor, booking, "resend_mail", detail=mail))
    )
    return booking


def _source(actor: Actor, booking: Booking) -> Source:
    return "api" if actor.owns(booking.user_id) else "staff_api"


def calendar_file(deps: Deps, actor: Actor, booking_id: str) -> str:
    """The booking as an iCalendar file. Raises BookingNotFound."""
    from chalicelib.rendering.mail import calendar
    from chalicelib.rendering.mail.reader import Reader

    booking = bookings.get(deps, actor, booking_id)
    site = places.site_of(deps, booking)
    language = languages.choose(actor.language, site.language)
    return calendar.events(
        (booking,),
        site,
        places.zone_of(deps, booking),
        calendar.Invitation(
            reader=Reader("", language),
            organizer=deps.settings.mail_address,
            host=urlsplit(deps.settings.base_url).hostname or "berth",
            now=deps.now(),
        ),
        cancelled=not booking.is_live and booking.status is not Status.COMPLETED,
    )
