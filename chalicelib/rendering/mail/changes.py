"""Mails about a booking that has changed: another time, another space, another pass."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.promise import News, Promise
from chalicelib.domain.mail.message import Message
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.rendering.mail import calendar, markup, parts, passes
from chalicelib.rendering.mail.calendar import Invitation
from chalicelib.rendering.mail.layout import Fact, Letter
from chalicelib.texts import clocks
from chalicelib.texts.mails import MailTexts


def booking_changed(
    booking: Booking,
    site: Site,
    zone: Zone,
    news: News,
    *,
    code: str,
    invitation: Invitation,
    texts: MailTexts,
) -> Message:
    """What was booked before and what is booked now, with pass and calendar file. Shorter where
    the customer made the change. `code` is the QR text."""
    words = parts.words(booking, site, texts)
    subject, heading = _kind(news.before, booking, texts)
    lead = texts.changed_lead_own if news.own else texts.changed_lead
    letter = Letter(
        language=texts.language,
        sender=site.name,
        subject=subject.format(**words),
        heading=heading,
        lead=lead.format(**words),
        facts=tuple(_facts(news.before, booking, site, zone, texts)),
        qr_pass=passes.of(booking, zone.policy, code, texts),
        notes=tuple(_notes(booking, site, zone, texts, own=news.own, now=invitation.now)),
        footer=parts.site_footer(booking, site, texts),
        markup=markup.reservation(booking, site, zone, fallback=texts.guest),
    )
    return replace(
        parts.plain(invitation.to, letter),
        attachments=(calendar.invitation(booking, site, zone, invitation),),
        inline=(passes.picture(code),),
    )


def pass_replaced(
    to: str, booking: Booking, site: Site, zone: Zone, *, code: str, texts: MailTexts
) -> Message:
    """The new pass of a booking, whose old one is refused. `code` is the QR text."""
    words = parts.words(booking, site, texts)
    letter = Letter(
        language=texts.language,
        sender=site.name,
        subject=texts.qr_new_subject.format(**words),
        heading=texts.qr_new_heading,
        lead=texts.qr_new_lead.format(**words),
        facts=tuple(parts.booking_facts(booking, site, zone, texts, priced=False)),
        qr_pass=passes.of(booking, zone.policy, code, texts),
        footer=parts.site_footer(booking, site, texts),
    )
    return replace(parts.plain(to, letter), inline=(passes.picture(code),))


def _kind(before: Promise, booking: Booking, texts: MailTexts) -> tuple[str, str]:
    """The subject and the heading of the change from `before` to the present promise."""
    was, now = before.booked, booking.booked
    if before.number != booking.number:
        if was != now:
            return texts.changed_subject, texts.changed_heading
        if booking.kind == "room":
            return texts.other_room_subject, texts.other_room_heading
        return texts.other_space_subject, texts.other_space_heading
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
        times = clocks.span(promise.booked, site.tz, texts.language)
        yield Fact(label, f"{promise.number}, {zone.name}\n{times}")
    yield Fact(texts.place, parts.place(site))
    if booking.details.vehicle_number:
        yield Fact(texts.vehicle, booking.details.vehicle_number)
    yield Fact(texts.booking, booking.booking_id)


def _notes(
    booking: Booking, site: Site, zone: Zone, texts: MailTexts, *, own: bool, now: datetime
) -> Iterator[str]:
    yield from parts.provisional(booking, texts)
    yield from parts.will_be_asked(booking, zone.policy, texts, now=now)
    if not own:
        if site.contact:
            yield texts.changed_contact.format(site=site.name)
        yield from parts.cancelling(booking, site, zone.policy, texts, now=now)
    yield texts.changed_calendar
