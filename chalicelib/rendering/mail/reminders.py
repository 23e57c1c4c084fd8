"""The mails of a confirmation: the question whether somebody comes, and that a booking is given up
(docs/rules/confirmation.md)."""

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
    """The question whether somebody comes, with the links `confirm` and `cancel`, and by when it
    is to be answered if it leaves `now`."""
    words = _words(booking, site, texts)
    until = auto_cancel_at(booking.booked.start, now, zone.policy)
    said = Letter(
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
    return replace(parts.plain(to, said), attachments=(parts.calendar_file(booking, event),))


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
    """That a booking was cancelled by itself because nobody confirmed it, with a calendar file
    that takes it back."""
    return _given_up(to, booking, site, zone, texts.auto_cancelled_lead, host, now, texts)


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
    """That those who run the site have cancelled a booking, and why if it was for a blackout, with
    a calendar file that takes it back."""
    return _given_up(to, booking, site, zone, texts.booking_cancelled_lead, host, now, texts)


def _given_up(
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
    said = Letter(
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
    taken_back = parts.calendar_file(booking, event, method="CANCEL")
    return replace(parts.plain(to, said), attachments=(taken_back,))


def _why(booking: Booking, texts: Texts) -> Iterator[Fact]:
    """The reason, if it was for a blackout: staff write others for themselves."""
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
