"""The page of the unsubscribe link of optional mails."""

from __future__ import annotations

from chalicelib.api.web.http import Call
from chalicelib.pages.page import Page
from chalicelib.services.accounts import mailboxes

_NEEDED = "You still receive what you need: bookings, reminders, bills, cancellations."
_GONE = Page("No more optional mails", _NEEDED)


def ask_to_unsubscribe(call: Call, token: str) -> Page:
    """The button to unsubscribe from optional mails, unless that is done."""
    if mailboxes.open_link(call.deps, token).unsubscribed_at is not None:
        return _GONE
    return Page(
        "Fewer mails?",
        "This stops optional mails, such as the one after a stay that cost nothing. " + _NEEDED,
        "Unsubscribe from these mails",
    )


def unsubscribe(call: Call, token: str) -> Page:
    """Unsubscribe, and say so."""
    mailboxes.unsubscribe(call.deps, token)
    return _GONE
