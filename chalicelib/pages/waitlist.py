"""Pages of the claim and decline links: a question with one button, or the state of the offer. A
button pressed twice or too late shows that state and is no error."""

from __future__ import annotations

from chalicelib.api.web.http import Call
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.waitlist.entry import Entry, EntryStatus
from chalicelib.pages import facts
from chalicelib.pages.page import Page
from chalicelib.services.bookings import settle
from chalicelib.services.waitlist import links


def ask_to_claim(call: Call, token: str) -> Page:
    """The offer, and the button to claim it."""
    entry = links.open_link(call.deps, token, "claim")
    if entry.lapses_at is None:
        return _state(call, entry)
    return Page(
        "Do you still want it?",
        _held(call, entry),
        "Yes, book it for me",
        facts=facts.of_entry(call.deps, entry),
    )


def claim(call: Call, token: str) -> Page:
    """Claim, and show the state."""
    try:
        return _booked(call, links.claim(call.deps, token))
    except (errors.AlreadyClaimed, errors.NotOffered, errors.OfferExpired):
        return _state(call, links.open_link(call.deps, token, "claim"))


def ask_to_decline(call: Call, token: str) -> Page:
    """The offer, and the button to decline it."""
    entry = links.open_link(call.deps, token, "decline")
    if entry.lapses_at is None:
        return _state(call, entry)
    return Page(
        "Pass it on?",
        "It is offered to the next person at once, and you leave the waitlist.",
        "No, I do not want it",
        facts=facts.of_entry(call.deps, entry),
        notes=(_held(call, entry),),
        grave=True,
    )


def decline(call: Call, token: str) -> Page:
    """Decline, and show the state."""
    try:
        return _state(call, links.decline(call.deps, token))
    except (errors.AlreadyClaimed, errors.OfferExpired):
        return _state(call, links.open_link(call.deps, token, "decline"))


def _held(call: Call, entry: Entry) -> str:
    assert entry.lapses_at is not None
    until = facts.moment(call.deps, entry.lapses_at, of=entry)
    return f"It is held for you until {until}. Then it is offered to the next person."


def _state(call: Call, entry: Entry) -> Page:
    if entry.booking_id is not None:
        # as it is now: it may have been moved or cancelled since
        return _booked(call, settle.read(call.deps, entry.booking_id))
    title, text = _description(call, entry)
    return Page(title, text, facts=facts.of_entry(call.deps, entry))


def _booked(call: Call, booking: Booking) -> Page:
    shown = facts.of_booking(call.deps, booking)
    if not booking.is_live:
        return Page("This booking is over", booking.why_over, facts=shown)
    text = "It is among your bookings and confirmed."
    return Page("It is yours", text, facts=shown)


def _description(call: Call, entry: Entry) -> tuple[str, str]:
    match entry.status:
        case EntryStatus.LEFT:
            return "You have left the waitlist", "Thank you for letting us know."
        case EntryStatus.EXPIRED:
            return "This offer has lapsed", _lapsed(call, entry)
    return "It is not your turn yet", "You will get a mail when it is."


def _lapsed(call: Call, entry: Entry) -> str:
    assert entry.ended_at is not None
    since = facts.moment(call.deps, entry.ended_at, of=entry)
    return f"It was held for you until {since} and then passed on. You can join the waitlist again."
