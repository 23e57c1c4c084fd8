"""Links in mails about a booking: to confirm it or to cancel it, without signing in, until its
present start. A link stays valid when the booking changes, but not for a former address."""

from __future__ import annotations

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.languages import LANGUAGES, Language
from chalicelib.domain.mail.link import BookingPurpose
from chalicelib.domain.payments.refund import RefundDecision
from chalicelib.services.bookings import bookings, confirmations, paybacks, settle
from chalicelib.services.core import recipients, signed_links
from chalicelib.services.core.deps import Deps

BY_LINK = "cancelled by the link in the mail"


def make(
    deps: Deps,
    booking: Booking,
    purpose: BookingPurpose,
    *,
    to: str,
    language: Language = LANGUAGES[0],
) -> str:
    """A link for the mailbox `to` of a booking, in a mail of that `language`."""
    until = booking.booked.start + recipients.LINK_LIFE
    return recipients.link(deps, purpose, booking.booking_id, to=to, until=until, language=language)


def open_link(deps: Deps, token: str, purpose: BookingPurpose) -> Booking:
    """The booking of a link for `purpose`, until its start. Raises LinkExpired for any other link,
    for one that was mailed to a former address, and for one to confirm where the account is
    switched off."""
    claims = signed_links.opened(deps, token, purpose)
    try:
        booking = settle.read(deps, claims.subject_id)
        recipients.require(deps, claims, booking, takes=purpose == "confirm")
    except errors.BookingNotFound:
        raise errors.LinkExpired() from None
    if deps.now() >= booking.booked.start:
        raise errors.LinkExpired()
    return booking


def refund(deps: Deps, booking: Booking) -> RefundDecision:
    """The refund of a cancellation now."""
    return paybacks.refund_at(deps, booking, deps.now())


def confirm(deps: Deps, token: str) -> Booking:
    """Confirm the booking of a link; repeated, it answers as the first time. Raises LinkExpired,
    AlreadyEnded, IllegalTransition."""

    def once() -> Booking:
        booking = open_link(deps, token, "confirm")
        return confirmations.confirm_settled(deps, holder(booking), booking, source="link")

    return deps.retry_on_conflict(once)


def cancel(deps: Deps, token: str) -> bookings.Cancelled:
    """Cancel the booking of a link. Raises LinkExpired, AlreadyEnded, IllegalTransition."""

    def once() -> bookings.Cancelled:
        booking = open_link(deps, token, "cancel")
        return bookings.cancel_settled(
            deps, holder(booking), booking, reason=BY_LINK, source="link"
        )

    return deps.retry_on_conflict(once)


def holder(booking: Booking) -> Actor:
    """The actor of a link: the customer, or the guest without an account."""
    return Actor(booking.user_id or f"GU{booking.locator}", Role.USER)
