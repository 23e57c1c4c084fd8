"""Mails about a booking that has changed: another time, another space, another pass."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.promise import News, Promise
from chalicelib.domain.mail.message import Message
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.rendering.mail import calendar, markup, parts, passes
from chalicelib.rendering.mail.calendar import Invitation
from chalicelib.rendering.mail.layout import Fact
from chalicelib.rendering.mail.reader import Reader
from chalicelib.texts import clocks
from chalicelib.texts.mails import MailTexts


def booking_changed(
    booking: Booking, site: Site, zone: Zone, news: News, *, code: str, invitation: Invitation
) -> Message:
    """What was booked before and what is booked now, with pass and calendar file. Shorter where
    the customer made the change. `code` is the QR text."""
    reader, texts = invitation.reader, invitation.reader.texts
    words = parts.words(booking, site, texts)
    subject, heading = _kind(news.before, booking, texts)
    lead = texts.changed_lead_own if news.own else texts.changed_lead
    letter = parts.of_site(
        reader,
        site,
        parts.about(booking, texts),
        subject=subject.format(**words),
        heading=heading,
        greeting=reader.greeting,
        lead=lead.format(**words),
        facts=tuple(_facts(news.before, booking, site, zone, texts)),
        qr_pass=passes.of(booking, zone.policy, code, texts),
        notes=tuple(_notes(booking, site, zone, texts, own=news.own, now=invitation.now)),
        markup=markup.reservation(booking, site, zone, fallback=texts.guest),
    )
    return parts.message(
        reader,
        letter,
        attachments=(calendar.invitation(booking, site, zone, invitation),),
        inline=(passes.picture(code),),
    )


def pass_replaced(
    reader: Reader, booking: Booking, site: Site, zone: Zone, *, code: str
) -> Message:
    """The new pass of a booking, whose old one is refused. `code` is the QR text."""
    texts = reader.texts
    words = parts.words(booking, site, texts)
    letter = parts.of_site(
        reader,
        site,
        parts.about(booking, texts),
        subject=texts.qr_new_subject.format(**words),
        heading=texts.qr_new_heading,
        greeting=reader.greeting,
        lead=texts.qr_new_lead.format(**words),
        facts=tuple(parts.booking_facts(booking, site, zone, texts, priced=False)),
        qr_pass=passes.of(booking, zone.policy, code, texts),
    )
    return parts.message(reader, letter, inline=(passes.picture(code),))


def _kind(before: Promise, booking: Booking, texts: MailTexts) -> tuple[str, str]:
    """The subject and the heading of the change from `before` to the present promise."""
    was, now = before.booked, booking.booked
    if before.number != booking.number:
        if was != now:
            return texts.changed_subject, texts.changed_heading
        kind = texts.of(booking.kind)
        return kind.other_subject, kind.other_heading
    if was.start != now.start:
        return texts.moved_subject, texts.moved_heading
    if was.end < now.end:
        return texts.extended_subject, texts.extended_heading
    return texts.shortened_subject, texts.shortened_heading


def _facts(
    before: Promise, booking: Booking, site: Site, zone: Zone, texts: MailTexts
) -> Iterator[Fact]:
    for label, promise in (
        (texts.changed_before, before),
        (texts.changed_now, booking.promise),
    ):
        when = clocks.span(promise.booked, site.tz, texts.language)  # the hours may have changed
        yield Fact(label, f"{promise.number}, {zone.name}\n{when}")
    yield Fact(texts.place, parts.place(site))
    yield from parts.people(booking, texts)
    yield from parts.names(booking, texts)


def _notes(
    booking: Booking, site: Site, zone: Zone, texts: MailTexts, *, own: bool, now: datetime
) -> Iterator[str]:
    yield from parts.provisional(booking, texts)
    yield from parts.will_be_asked(booking, zone.policy, texts, now=now)
    if not own:
        yield texts.changed_contact.format(site=site.name)
        yield from parts.cancelling(booking, site, zone.policy, texts, now=now)
    yield texts.changed_calendar
