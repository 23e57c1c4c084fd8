"""The page of the unsubscribe link of optional mails."""

from __future__ import annotations

from typing import TYPE_CHECKING

from chalicelib.api.web.http import Call
from chalicelib.pages.page import Page
from chalicelib.services.accounts import mailboxes

if TYPE_CHECKING:
    from chalicelib.texts.pages import PageTexts


def ask_to_unsubscribe(call: Call, token: str, texts: PageTexts) -> Page:
    """The button to unsubscribe from optional mails, unless that is done."""
    if mailboxes.open_link(call.deps, token).unsubscribed_at is not None:
        return _unsubscribed(texts)
    text = f"{texts.unsubscribe_text} {texts.still_mailed}"
    return Page(texts, texts.unsubscribe_title, text, texts.unsubscribe_button)


def unsubscribe(call: Call, token: str, texts: PageTexts) -> Page:
    """Unsubscribe, and say so."""
    mailboxes.unsubscribe(call.deps, token)
    return _unsubscribed(texts)


def _unsubscribed(texts: PageTexts) -> Page:
    return Page(texts, texts.unsubscribed_title, texts.still_mailed)
