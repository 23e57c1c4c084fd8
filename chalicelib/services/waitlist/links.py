"""Links in the mail of an offer: one to claim it, one to decline it. A link opens until the start
of the offered interval; the entry decides whether the offer still stands."""

from __future__ import annotations

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import NO_DETAILS
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.languages import LANGUAGES, Language
from chalicelib.domain.mail.link import EntryPurpose
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.services.core import recipients, signed_links
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import entries, offers


def make(
    deps: Deps,
    entry: Entry,
    purpose: EntryPurpose,
    *,
    to: str,
    language: Language = LANGUAGES[0],
) -> str:
    """A link for the mailbox `to` of the entry's customer, in a mail of that `language`."""
    until = entry.interval.start
    return recipients.link(deps, purpose, entry.entry_id, to=to, until=until, language=language)


def open_link(deps: Deps, token: str, purpose: EntryPurpose) -> Entry:
    """The entry of a link for `purpose`. Raises LinkExpired for any other link, for one that was
    mailed to a former address, and for one to claim where the account is switched off."""
    claims = signed_links.opened(deps, token, purpose)
    try:
        entry = offers.read(deps, claims.subject_id)
        recipients.require(deps, claims, entry, takes=purpose == "claim")
    except errors.EntryNotFound:
        raise errors.LinkExpired() from None
    return entry


def claim(deps: Deps, token: str) -> Booking:
    """Book what is offered. Raises LinkExpired, and what `entries.claim` refuses."""

    def once() -> Booking:
        entry = open_link(deps, token, "claim")
        booking_id = deps.new_booking_id(entry.locator)
        customer = Actor(entry.user_id, Role.USER)
        return entries.claim_settled(deps, customer, entry, NO_DETAILS, booking_id, source="link")

    return deps.retry_on_conflict(once)


def decline(deps: Deps, token: str) -> Entry:
    """Decline the offer, which then goes to the next entry. Raises LinkExpired, AlreadyClaimed,
    OfferExpired."""
    return deps.retry_on_conflict(
        lambda: entries.leave_settled(deps, open_link(deps, token, "decline"))
    )
