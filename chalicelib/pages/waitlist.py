"""Pages of the claim and decline links: a question with one button, or the state of the offer. A
button pressed twice or too late shows that state and is no error."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.api.web.http import Call
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors
from chalicelib.domain.waitlist.entry import Entry, EntryStatus
from chalicelib.pages import bookings, facts
from chalicelib.pages.page import Page
from chalicelib.services.bookings import settle
from chalicelib.services.waitlist import links

if TYPE_CHECKING:
    from chalicelib.texts.pages import PageTexts


def ask_to_claim(call: Call, token: str, texts: PageTexts) -> Page:
    """The offer, and the button to claim it."""
    entry = links.open_link(call.deps, token, "claim")
    if entry.lapses_at is None:
        return _state(call, entry, texts)
    return Page(
        texts,
        texts.claim_title,
        _held(call, entry, texts),
        texts.claim_button,
        facts=facts.of_entry(call.deps, entry, texts),
    )


def claim(call: Call, token: str, texts: PageTexts) -> Page:
    """Claim, and show the state."""
    try:
        return _booked(call, links.claim(call.deps, token), texts)
    except (errors.AlreadyClaimed, errors.NotOffered, errors.OfferExpired):
        return _state(call, links.open_link(call.deps, token, "claim"), texts)


def ask_to_decline(call: Call, token: str, texts: PageTexts) -> Page:
    """The offer, and the button to decline it."""
    entry = links.open_link(call.deps, token, "decline")
    if entry.lapses_at is None:
        return _state(call, entry, texts)
    return Page(
        texts,
        texts.decline_title,
        texts.decline_text,
        texts.decline_button,
        facts=facts.of_entry(call.deps, entry, texts),
        notes=(_held(call, entry, texts),),
        grave=True,
    )


def decline(call: Call, token: str, texts: PageTexts) -> Page:
    """Decline, and show the state."""
    try:
        return _state(call, links.decline(call.deps, token), texts)
    except (errors.AlreadyClaimed, errors.OfferExpired):
        return _state(call, links.open_link(call.deps, token, "decline"), texts)


def _held(call: Call, entry: Entry, texts: PageTexts) -> str:
    assert entry.lapses_at is not None
    until = facts.moment(call.deps, entry.lapses_at, texts, of=entry)
    return texts.held.format(until=until)


def _state(call: Call, entry: Entry, texts: PageTexts) -> Page:
    if entry.booking_id is not None:
        # as it is now: it may have been moved or cancelled since
        return _booked(call, settle.read(call.deps, entry.booking_id), texts)
    title, text = _description(call, entry, texts)
    return Page(texts, title, text, facts=facts.of_entry(call.deps, entry, texts))


def _booked(call: Call, booking: Booking, texts: PageTexts) -> Page:
    if not booking.is_live:
        return bookings.over(call, booking, texts)
    shown = facts.of_booking(call.deps, booking, texts)
    return Page(texts, texts.claimed_title, texts.claimed_text, facts=shown)


def _description(call: Call, entry: Entry, texts: PageTexts) -> tuple[str, str]:
    match entry.status:
        case EntryStatus.LEFT:
            return texts.left_title, texts.left_text
        case EntryStatus.EXPIRED:
            return texts.lapsed_title, _lapsed(call, entry, texts)
    return texts.waiting_title, texts.waiting_text


def _lapsed(call: Call, entry: Entry, texts: PageTexts) -> str:
    assert entry.ended_at is not None
    since = facts.moment(call.deps, entry.ended_at, texts, of=entry)
    return texts.lapsed_text.format(since=since)
