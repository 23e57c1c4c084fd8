"""The reminder that asks for a confirmation (docs/rules/confirmation.md)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.confirmation import auto_cancel_at
from chalicelib.domain.mail.message import Message
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.rendering.mail import calendar, markup, parts
from chalicelib.rendering.mail.calendar import Invitation
from chalicelib.rendering.mail.layout import Button, Letter
from chalicelib.texts import clocks
from chalicelib.texts.mails import MailTexts


def reminder(
    booking: Booking,
    site: Site,
    zone: Zone,
    *,
    confirm: str,
    cancel: str,
    invitation: Invitation,
    texts: MailTexts,
) -> Message:
    """The reminder, with the links `confirm` and `cancel` and the time of the auto-cancel."""
    words = parts.words(booking, site, texts)
    until = auto_cancel_at(booking.booked.start, invitation.now, zone.policy)
    terms = parts.cancel_terms(booking, site, zone.policy, texts, now=invitation.now)
    letter = Letter(
        language=texts.language,
        sender=site.name,
        subject=texts.reminder_subject.format(**words),
        heading=texts.reminder_heading,
        lead=texts.reminder_lead.format(**words),
        facts=tuple(parts.booking_facts(booking, site, zone, texts)),
        button=Button(texts.reminder_button, confirm, texts.link_as_text),
        other=Button(texts.reminder_cancel, cancel, texts.reminder_cancel_as_text),
        notice=_warning(until, site, texts),
        notes=(terms, texts.calendar_hint),
        footer=parts.site_footer(booking, site, texts),
        markup=markup.reservation(booking, site, zone, fallback=texts.guest),
    )
    event = calendar.invitation(booking, site, zone, invitation)
    return replace(parts.plain(invitation.to, letter), attachments=(event,))


def _warning(until: datetime | None, site: Site, texts: MailTexts) -> str:
    if until is None:
        return ""
    return texts.reminder_warning.format(until=clocks.moment(until, site.tz, texts.language))
