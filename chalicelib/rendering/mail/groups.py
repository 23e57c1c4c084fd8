"""Mails about a group of bookings, one for all of them (docs/rules/groups.md)."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime

from chalicelib.domain.bookings import notices
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.mail.message import Message, Picture
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.rendering.mail import calendar, layout, markup, parts, price, qr, times
from chalicelib.rendering.mail.calendar import Invitation
from chalicelib.rendering.mail.layout import BookingCard, Fact
from chalicelib.texts.mails import MailTexts

Bookings = Sequence[Booking]


def group_confirmed(
    bookings: Bookings,
    site: Site,
    zone: Zone,
    *,
    code: Callable[[Booking], str],
    invitation: Invitation,
) -> Message:
    """The bookings of a group, earliest first, each with its pass, and one calendar file. `code`
    returns the QR text of a booking."""
    reader, texts = invitation.reader, invitation.reader.texts
    first, count = bookings[0], len(bookings)
    codes = [code(booking) for booking in bookings]
    one_time, kind = _at_one_time(bookings), texts.of(zone.kind)
    words = parts.words(first, site, texts)
    lead = kind.group_spaces_lead if one_time else texts.group_dates_lead
    subject = kind.group_spaces_subject if one_time else texts.group_dates_subject
    letter = parts.of_site(
        reader,
        site,
        texts.group_footer_why.format(group_id=_name(first)),
        subject=subject.format(count, **words),
        heading=texts.group_heading,
        greeting=reader.greeting,
        lead=lead.format(count, **words),
        facts=tuple(_facts(first, site, texts)),
        entries=tuple(
            _with_pass(entry, booking, text, nth, texts)
            for nth, (entry, booking, text) in enumerate(
                zip(_entries(bookings, site, zone, texts), bookings, codes, strict=True)
            )
        ),
        notes=tuple(_notes(first, bookings[-1], site, zone.policy, texts, now=invitation.now)),
        markup=markup.reservations(bookings, site, zone, fallback=texts.guest),
    )
    file = calendar.events(bookings, site, zone, invitation)
    return parts.message(
        reader,
        letter,
        attachments=(calendar.attached(_name(first), file, "PUBLISH"),),
        inline=tuple(Picture(_cid(nth), qr.png(text)) for nth, text in enumerate(codes)),
    )


def group_cancelled(
    bookings: Bookings, site: Site, zone: Zone, *, invitation: Invitation
) -> Message:
    """The bookings of a group that the site or the customer has cancelled, with a calendar file
    that removes them."""
    reader, texts, first = invitation.reader, invitation.reader.texts, bookings[0]
    own = all(notices.is_own(booking) for booking in bookings)
    lead = texts.group_own_cancelled_lead if own else texts.group_cancelled_lead
    letter = parts.of_site(
        reader,
        site,
        texts.group_footer_why.format(group_id=_name(first)),
        subject=texts.group_cancelled_subject.format(len(bookings), site=site.name),
        heading=texts.group_cancelled_heading,
        greeting=reader.greeting,
        lead=lead.format(site=site.name),
        facts=tuple(_shared(first, site, texts)),
        entries=tuple(_entries(bookings, site, zone, texts)),
        notes=(texts.group_cancelled_calendar,),
        markup=markup.reservations(bookings, site, zone, fallback=texts.guest, cancelled=True),
    )
    file = calendar.events(bookings, site, zone, invitation, cancelled=True)
    attachment = calendar.attached(_name(first), file, "CANCEL")
    return parts.message(reader, letter, attachments=(attachment,))


def _shared(first: Booking, site: Site, texts: MailTexts) -> Iterator[Fact]:
    """What all bookings share: place, vehicle, guest and purpose."""
    yield Fact(texts.place, parts.place(site))
    yield from parts.people(first, texts)


def _facts(first: Booking, site: Site, texts: MailTexts) -> Iterator[Fact]:
    yield from _shared(first, site, texts)
    yield Fact(texts.price, "\n".join(price.in_words(first.tariff, texts)))


def _entries(bookings: Bookings, site: Site, zone: Zone, texts: MailTexts) -> Iterator[BookingCard]:
    """A card for each booking, headed by what differs: its space or its date."""
    one_time = _at_one_time(bookings)
    for booking in bookings:
        place = f"{booking.number}, {zone.name}"
        time = times.of(booking.booked, booking.kind, site.tz, texts)
        heading, second = (place, time) if one_time else (time, place)
        name = texts.group_booking.format(booking_id=booking.booking_id)
        code = f"{texts.booking_code} {booking.code}"
        yield BookingCard(heading, (second, code, name))


def _with_pass(
    entry: BookingCard, booking: Booking, code: str, nth: int, texts: MailTexts
) -> BookingCard:
    alt = texts.qr_alt.format(booking_id=booking.booking_id)
    return replace(entry, code=code, cid=_cid(nth), alt=alt)


def _at_one_time(bookings: Bookings) -> bool:
    return len({booking.booked for booking in bookings}) == 1


def _notes(
    first: Booking, last: Booking, site: Site, policy: Policy, texts: MailTexts, *, now: datetime
) -> Iterator[str]:
    kind = texts.of(first.kind)
    hints = {"gate": kind.group_qr_hint, "staff": kind.group_qr_hint_desk}
    yield hints.get(policy.check_in, texts.group_qr_hint_no_gate)
    yield from parts.provisional(last, texts)
    guest = texts.cancel_guest.format(site=site.name)
    how = texts.group_cancel_account if first.user_id else guest
    yield from parts.will_be_asked(last, policy, texts, now=now)
    yield f"{how} {parts.cancel_terms(first, site, policy, texts, now=now)}"
    yield texts.group_calendar_hint


def _name(first: Booking) -> str:
    return first.group_id or first.booking_id


def _cid(nth: int) -> str:
    return f"{layout.QR_CID}-{nth + 1}"
