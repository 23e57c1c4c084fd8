"""The page behind the unsubscribe link of an optional mail."""

from __future__ import annotations

from chalicelib.api.http import Call
from chalicelib.pages.page import Page
from chalicelib.services import mailboxes

_GONE = Page(
    "You get no such mails any more",
    "What you need still comes: bookings, reminders, bills, cancellations.",
)


def ask_to_unsubscribe(call: Call, token: str) -> Page:
    """The button with which somebody gets no optional mail any more, until they have pressed it."""
    if mailboxes.look(call.deps, token).unsubscribed_at is not None:
        return _GONE
    return Page(
        "Fewer mails?",
        "You will get no more mails that you can do without. What you need still comes: bookings, "
        "reminders, bills, cancellations.",
        "Send me no such mails",
    )


def unsubscribe(call: Call, token: str) -> Page:
    """That it is done."""
    mailboxes.unsubscribe(call.deps, token)
    return _GONE
