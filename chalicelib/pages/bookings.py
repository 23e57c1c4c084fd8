"""Pages of the confirm and cancel links: a question with one button, or the state of the booking. A
button pressed twice or too late shows that state and is no error."""

from __future__ import annotations

from chalicelib.api.web.http import Call
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.payments.refund import RefundDecision
from chalicelib.pages import facts
from chalicelib.pages.page import Page
from chalicelib.services.bookings import links


def ask_to_confirm(call: Call, token: str) -> Page:
    """The button to confirm, while the booking is not confirmed."""
    booking = links.open_link(call.deps, token, "confirm")
    if booking.confirmed_at is not None or not _is_ahead(call, booking):
        return _state(call, booking)
    return Page(
        "Are you coming?",
        "Please confirm, so that the time is kept for you.",
        "Yes, I am coming",
        facts=facts.of_booking(call.deps, booking),
    )


def confirm(call: Call, token: str) -> Page:
    """Confirm, and show the state."""
    try:
        return _state(call, links.confirm(call.deps, token))
    except (errors.AlreadyEnded, errors.IllegalTransition):
        return _state(call, links.open_link(call.deps, token, "confirm"))


def ask_to_cancel(call: Call, token: str) -> Page:
    """The refund of a cancellation, and the button to cancel."""
    booking = links.open_link(call.deps, token, "cancel")
    if not _is_ahead(call, booking):
        return _state(call, booking)
    back = links.refund(call.deps, booking)
    return Page(
        "Cancel the booking?",
        "The time is offered to other guests at once.",
        "Cancel the booking",
        facts=(*facts.of_booking(call.deps, booking), *_money(back, booking)),
        notes=("Cancelling costs nothing." if booking.is_free else back.reason,),
        grave=True,
    )


def cancel(call: Call, token: str) -> Page:
    """Cancel, and show the refund."""
    try:
        done = links.cancel(call.deps, token)
    except (errors.AlreadyEnded, errors.IllegalTransition):
        return _state(call, links.open_link(call.deps, token, "cancel"))
    return Page(
        "Your booking is cancelled",
        "Thank you for letting us know.",
        facts=(*facts.of_booking(call.deps, done.booking), *_money(done.refund, done.booking)),
    )


def _money(back: RefundDecision, booking: Booking) -> tuple[tuple[str, str], ...]:
    return () if booking.is_free else (("Paid back", facts.amount(back.amount)),)


def _is_ahead(call: Call, booking: Booking) -> bool:
    return booking.status is Status.BOOKED and call.now < booking.booked.start


def _state(call: Call, booking: Booking) -> Page:
    title, text = _description(call, booking)
    return Page(title, text, facts=facts.of_booking(call.deps, booking))


def _description(call: Call, booking: Booking) -> tuple[str, str]:
    if booking.auto_cancel is not None:
        since = facts.moment(call.deps, booking.auto_cancel.at, of=booking)
        return "This booking is cancelled", f"It was not confirmed by {since}."
    if not booking.is_live:
        return "This booking is over", booking.why_over
    if not _is_ahead(call, booking):
        return "Your booking has begun", "There is nothing to confirm or cancel any more."
    assert booking.confirmed_at is not None
    since = facts.moment(call.deps, booking.confirmed_at, of=booking)
    return "Your booking is confirmed", f"You have confirmed it: {since}. See you there."
