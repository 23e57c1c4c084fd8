"""The reminder that asks for a confirmation (docs/rules/confirmation.md)."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.confirmation import auto_cancel_at
from chalicelib.domain.mail.message import Message
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.rendering.mail import calendar, markup, parts
from chalicelib.rendering.mail.calendar import Invitation
from chalicelib.rendering.mail.layout import Button
from chalicelib.texts import clocks
from chalicelib.texts.mails import MailTexts


def reminder(
    booking: Booking, site: Site, zone: Zone, *, confirm: str, cancel: str, invitation: Invitation
) -> Message:
    """The reminder, with the links `confirm` and `cancel` and the time of the auto-cancel."""
    reader, texts = invitation.reader, invitation.reader.texts
    words = parts.words(booking, site, texts)
    until = auto_cancel_at(booking.booked.start, invitation.now, zone.policy)
    terms = parts.cancel_terms(booking, site, zone.policy, texts, now=invitation.now)
    letter = parts.of_site(
        reader,
        site,
        parts.about(booking, texts),
        subject=texts.reminder_subject.format(**words),
        heading=texts.reminder_heading,
        greeting=reader.greeting,
        lead=texts.reminder_lead.format(**words),
        facts=tuple(parts.booking_facts(booking, site, zone, texts)),
        button=Button(texts.reminder_button, confirm, texts.link_as_text),
        other=Button(texts.reminder_cancel, cancel, texts.reminder_cancel_as_text),
        notice=_warning(until, site, texts),
        notes=(terms, texts.calendar_hint),
        markup=markup.reservation(booking, site, zone, fallback=texts.guest),
    )
    event = calendar.invitation(booking, site, zone, invitation)
    return parts.message(reader, letter, attachments=(event,))


def _warning(until: datetime | None, site: Site, texts: MailTexts) -> str:
    if until is None:
        return ""
    return texts.reminder_warning.format(until=clocks.moment(until, site.tz, texts.language))
