"""Notices to the owner of an account about what others try with it."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain.mail.message import Message
from chalicelib.rendering.mail import mails, parts
from chalicelib.rendering.mail.layout import Button
from chalicelib.rendering.mail.texts import Texts
from chalicelib.rendering.mail.texts_en import ENGLISH


def address_taken(to: str, link: str, *, until: datetime, texts: Texts = ENGLISH) -> Message:
    """The notice that the address was registered again, with a `link` to a new password. It repeats
    nothing that was typed."""
    return parts.plain(
        to,
        mails.account_letter(
            texts,
            subject=texts.taken_subject,
            heading=texts.taken_heading,
            lead=texts.taken_lead,
            button=Button(texts.reset_button, link, texts.link_as_text),
            notes=(texts.link_once.format(until=mails.utc(until, texts)), texts.taken_ignore),
        ),
    )


def sign_in_locked(
    to: str, name: str, link: str, *, until: datetime, texts: Texts = ENGLISH
) -> Message:
    """The notice of a lock after wrong passwords, with a `link` to a new password."""
    return parts.plain(
        to,
        mails.account_letter(
            texts,
            subject=texts.locked_subject,
            heading=texts.locked_heading,
            greeting=texts.greeting.format(name=name),
            lead=texts.locked_lead,
            button=Button(texts.reset_button, link, texts.link_as_text),
            notes=(
                texts.link_once.format(until=mails.utc(until, texts)),
                texts.locked_you,
                texts.locked_ignore,
            ),
        ),
    )
