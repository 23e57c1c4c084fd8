"""Mails about confirmation: reminder, auto-cancel, cancellation (docs/rules/confirmation.md)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.confirmation import auto_cancel_at
from chalicelib.domain.mail.message import Message
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.rendering.mail import calendar, markup, parts, when
from chalicelib.rendering.mail.layout import Button, Fact, Letter
from chalicelib.rendering.mail.texts import Texts
from chalicelib.rendering.mail.texts_en import ENGLISH


def reminder(
    to: str,
    booking: Booking,
    site: Site,
    zone: Zone,
    *,
    confirm: str,
    cancel: str,
    host: str,
    now: datetime,
    texts: Texts = ENGLISH,
) -> Message:
    """The reminder, sent `now`, with the links `confirm` and `cancel` and the time of the
    auto-cancel."""
    words = _words(booking, site, texts)
    until = auto_cancel_at(booking.booked.start, now, zone.policy)
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
        notes=(parts.cancel_terms(booking, site, zone.policy, texts), texts.calendar_hint),
        footer=parts.site_footer(booking, site, texts),
        markup=markup.reservation(booking, site, zone, fallback=texts.guest),
    )
    event = calendar.event(booking, site, zone, host=host, now=now)
    return replace(parts.plain(to, letter), attachments=(parts.calendar_file(booking, event),))


def auto_cancelled(
    to: str,
    booking: Booking,
    site: Site,
    zone: Zone,
    *,
    host: str,
    now: datetime,
    texts: Texts = ENGLISH,
) -> Message:
    """The notice of an auto-cancel, with a calendar file that removes the event."""
    return _cancelled(to, booking, site, zone, texts.auto_cancelled_lead, host, now, texts)


def booking_cancelled(
    to: str,
    booking: Booking,
    site: Site,
    zone: Zone,
    *,
    host: str,
    now: datetime,
    texts: Texts = ENGLISH,
) -> Message:
    """The notice of a cancellation by the site, with the reason of a blackout, and a calendar file
    that removes the event."""
    return _cancelled(to, booking, site, zone, texts.booking_cancelled_lead, host, now, texts)


def _cancelled(
    to: str,
    booking: Booking,
    site: Site,
    zone: Zone,
    lead: str,
    host: str,
    now: datetime,
    texts: Texts,
) -> Message:
    words = _words(booking, site, texts)
    letter = Letter(
        language=texts.language,
        sender=site.name,
        subject=texts.given_up_subject.format(**words),
        heading=texts.given_up_heading,
        lead=lead.format(**words),
        facts=(*_why(booking, texts), *parts.booking_facts(booking, site, zone, texts)),
        notes=(texts.given_up_calendar,),
        footer=parts.site_footer(booking, site, texts),
        markup=markup.reservation(booking, site, zone, fallback=texts.guest, cancelled=True),
    )
    event = calendar.event(booking, site, zone, host=host, now=now, cancelled=True)
    removal = parts.calendar_file(booking, event, method="CANCEL")
    return replace(parts.plain(to, letter), attachments=(removal,))


def _why(booking: Booking, texts: Texts) -> Iterator[Fact]:
    """The reason of a blackout. Other reasons are internal notes of staff."""
    over = booking.timeline[-1]
    if over.source == "blackout":
        yield Fact(texts.reason, over.note)


def _words(booking: Booking, site: Site, texts: Texts) -> dict[str, str]:
    times = when.span(booking.booked, site.tz, texts)
    return {"number": booking.number, "site": site.name, "when": times}


def _warning(until: datetime | None, site: Site, texts: Texts) -> str:
    if until is None:
        return ""
    return texts.reminder_warning.format(until=when.moment(until, site.tz, texts))
