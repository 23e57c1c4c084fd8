"""Mails about a stay that has renewed by itself, or could not."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.domain.bookings.auto_renewal import Reason
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.mail.message import Message
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.rendering.mail import calendar, parts
from chalicelib.rendering.mail.calendar import Invitation
from chalicelib.rendering.mail.layout import Fact
from chalicelib.rendering.mail.reader import Reader
from chalicelib.texts.mails import MailTexts


def renewed(booking: Booking, site: Site, zone: Zone, *, invitation: Invitation) -> Message:
    """The new end of a stay, what it costs, how to stop the next renewal, and a calendar file."""
    reader, texts = invitation.reader, invitation.reader.texts
    words = parts.words(booking, site, texts)
    letter = parts.of_site(
        reader,
        site,
        parts.about(booking, texts),
        subject=texts.renewed_subject.format(**words),
        heading=texts.renewed_heading,
        greeting=reader.greeting,
        lead=texts.renewed_lead.format(**words),
        facts=tuple(parts.booking_facts(booking, site, zone, texts, priced=False)),
        notes=tuple(_notes(booking, zone, texts)),
    )
    event = calendar.invitation(booking, site, zone, invitation)
    return parts.message(reader, letter, attachments=(event,))


def refused(reader: Reader, booking: Booking, site: Site, zone: Zone, reason: Reason) -> Message:
    """Why a stay does not renew."""
    texts = reader.texts
    words = parts.words(booking, site, texts)
    why = Fact(texts.reason, _why(reason, texts).format(**words))
    letter = parts.of_site(
        reader,
        site,
        parts.about(booking, texts),
        subject=texts.not_renewed_subject.format(**words),
        heading=texts.not_renewed_heading,
        greeting=reader.greeting,
        lead=texts.not_renewed_lead.format(**words),
        facts=(why, *parts.booking_facts(booking, site, zone, texts, priced=False)),
        notes=(texts.not_renewed_off,),
    )
    return parts.message(reader, letter)


def _notes(booking: Booking, zone: Zone, texts: MailTexts) -> Iterator[str]:
    if not booking.is_free and booking.cover is None:
        yield texts.renewed_billed
    if booking.renews(zone.policy) and booking.renewals < zone.policy.auto_renew_most:
        yield texts.renewed_stop
    yield texts.changed_calendar


def _why(reason: Reason, texts: MailTexts) -> str:
    return {
        Reason.TAKEN: texts.not_renewed_taken,
        Reason.CLOSED: texts.not_renewed_closed,
        Reason.BLACKED_OUT: texts.not_renewed_blackout,
        Reason.UNPAID: texts.not_renewed_unpaid,
        Reason.LIMIT: texts.not_renewed_limit,
    }[reason]
