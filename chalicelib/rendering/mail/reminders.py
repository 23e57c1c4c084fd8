"""The reminder that asks for a confirmation (docs/rules/confirmation.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.mail.message import Message
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.rendering.mail import calendar, markup, parts
from chalicelib.rendering.mail.calendar import Invitation
from chalicelib.rendering.mail.layout import Button
from chalicelib.texts import clocks
from chalicelib.texts.mails import MailTexts


@dataclass(frozen=True)
class Question:
    """The question whether a guest is coming: the links that answer it, and when the booking is
    cancelled without an answer, or None."""

    confirm: str
    cancel: str
    until: datetime | None


def reminder(
    booking: Booking, site: Site, zone: Zone, *, question: Question, invitation: Invitation
) -> Message:
    """The reminder, with its question."""
    reader, texts = invitation.reader, invitation.reader.texts
    words = parts.words(booking, site, texts)
    terms = parts.cancel_terms(booking, site, zone.policy, texts, now=invitation.now)
    letter = parts.of_site(
        reader,
        site,
        parts.about(booking, texts),
        subject=texts.reminder_subject.format(**words),
        greeting=reader.greeting,
        facts=tuple(parts.booking_facts(booking, site, zone, texts)),
        **asking(question, booking, site, texts),
        notes=(terms, texts.calendar_hint),
        markup=markup.reservation(booking, site, zone, fallback=texts.guest),
    )
    event = calendar.invitation(booking, site, zone, invitation)
    return parts.message(reader, letter, attachments=(event,))


def asking(question: Question, booking: Booking, site: Site, texts: MailTexts) -> dict[str, Any]:
    """The parts of a letter that ask the question."""
    return {
        "heading": texts.reminder_heading,
        "lead": texts.reminder_lead.format(**parts.words(booking, site, texts)),
        "button": Button(texts.reminder_button, question.confirm, texts.link_as_text),
        "other": Button(texts.reminder_cancel, question.cancel, texts.reminder_cancel_as_text),
        "notice": _warning(question.until, site, texts),
    }


def _warning(until: datetime | None, site: Site, texts: MailTexts) -> str:
    if until is None:
        return ""
    return texts.reminder_warning.format(until=clocks.moment(until, site.tz, texts.language))
