"""Parts shared by mails: the letter of a site, the facts of a booking, its terms."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from typing import Any

from chalicelib.domain.bookings import confirmation
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.contact import mailbox_in
from chalicelib.domain.core.money import Money
from chalicelib.domain.mail.message import MailAttachment, Message, Picture
from chalicelib.domain.pricing.cancellation import CancellationTerms
from chalicelib.domain.sites.colour import Palette
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.rendering.mail import layout, price, times
from chalicelib.rendering.mail.layout import Button, Fact, Letter
from chalicelib.rendering.mail.reader import Reader
from chalicelib.texts import amounts, clocks
from chalicelib.texts.mails import MailTexts


def of_site(
    reader: Reader, site: Site, why: str, *, to_staff: bool = False, **content: Any
) -> Letter:
    """A letter of `site`, under its name and in its colour; `why` it is sent. One `to_staff` names
    the contact of the operator, others that of the site."""
    where = ", ".join((site.address or "").splitlines())
    contact = None if to_staff else site.contact
    return Letter(
        language=reader.language,
        sender=site.name,
        palette=Palette.of(site.colour),
        reply_to=mailbox_in(contact) or mailbox_in(reader.operator.contact),
        footer=tuple(filter(None, (where, _contact(reader, site, contact), why))),
        **content,
    )


def _contact(reader: Reader, site: Site, contact: str | None) -> str:
    if not contact:
        return operator_contact(reader)
    return reader.texts.contact_site.format(site=site.name, contact=", ".join(contact.splitlines()))


def operator_contact(reader: Reader) -> str:
    """How to reach the operator; empty where nothing is known."""
    if not reader.operator.contact:
        return ""
    return reader.texts.contact_operator.format(contact=reader.operator.contact)


def about(booking: Booking, texts: MailTexts) -> str:
    """Why a mail about a booking is sent."""
    return texts.footer_why.format(booking_id=booking.booking_id)


def message(
    reader: Reader,
    letter: Letter,
    *,
    attachments: tuple[MailAttachment, ...] = (),
    inline: tuple[Picture, ...] = (),
    unsubscribe: str | None = None,
) -> Message:
    """The message of a letter."""
    return Message(
        to=reader.address,
        subject=letter.subject,
        text=layout.text(letter),
        html=layout.html(letter),
        attachments=attachments,
        inline=inline,
        unsubscribe=unsubscribe,
        sender_name=letter.sender,
        reply_to=letter.reply_to,
    )


def booking_facts(
    booking: Booking, site: Site, zone: Zone, texts: MailTexts, *, priced: bool = True
) -> Iterator[Fact]:
    """The facts of a booking: space, place, time, vehicle, guest, purpose, price (if `priced`),
    code and number."""
    yield Fact(texts.of(booking.kind).space, f"{booking.number}, {zone.name}")
    yield Fact(texts.place, place(site))
    yield from times.facts(booking, site.tz, texts)
    yield from people(booking, texts)
    if priced:
        yield from price.facts(booking, site.tz, texts)
    yield from names(booking, texts)


def names(booking: Booking, texts: MailTexts) -> Iterator[Fact]:
    """The short code of a booking, for the telephone and the desk, and its number."""
    yield Fact(texts.booking_code, booking.code)
    yield Fact(texts.booking, booking.booking_id)


def people(booking: Booking, texts: MailTexts) -> Iterator[Fact]:
    """The vehicle, the guest and the purpose, as far as they are known."""
    details = booking.details
    guest = details.owner_name or next((each.name for each in details.guests), None)
    for label, value in (
        (texts.vehicle, details.vehicle_number),
        (texts.of(booking.kind).booked_for, guest),
        (texts.purpose, details.purpose),
    ):
        if value:
            yield Fact(label, value)


def words(booking: Booking, site: Site, texts: MailTexts) -> dict[str, str]:
    """The words that the sentences about a booking leave open."""
    return {
        "number": booking.number,
        "space": texts.of(booking.kind).named.format(number=booking.number),
        "site": site.name,
        "when": times.of(booking.booked, booking.kind, site.tz, texts),
        "booking_id": booking.booking_id,
    }


def cancel_terms(
    booking: Booking, site: Site, policy: Policy, texts: MailTexts, *, now: datetime
) -> str:
    """The refund terms of a cancellation from `now` on: deadlines that are over are left out."""
    if booking.is_free:
        return texts.cancel_free
    if booking.tariff.cancellation is not None:
        return _refund_deadlines(booking, booking.tariff.cancellation, site, texts, now)
    window = booking.free_to_cancel(policy)
    until = booking.created_at + window
    if not window or until < now:
        return texts.cancel_never
    return texts.cancel_window.format(until=clocks.moment(until, site.tz, texts.language))


def _refund_deadlines(
    booking: Booking, terms: CancellationTerms, site: Site, texts: MailTexts, now: datetime
) -> str:
    """Each coming deadline of the cancellation terms with its percentage, as sentences."""
    deadlines = ((each, each.at(booking.booked.start, site.tz)) for each in terms.deadlines)
    sentences = [
        texts.cancel_until.format(
            percent=amounts.percent(each.percent * 100, texts.language),
            until=clocks.moment(until, site.tz, texts.language),
        )
        for each, until in deadlines
        if now <= until
    ]
    if not sentences:
        return texts.cancel_never
    if terms.kept:
        kept = amounts.show(Money(terms.kept, booking.currency), texts.language)
        sentences.append(texts.cancel_kept.format(kept=kept))
    return " ".join((*sentences, texts.cancel_later))


def provisional(booking: Booking, texts: MailTexts) -> Iterator[str]:
    """The notice that the space may still change, where it may."""
    if booking.is_space_provisional:
        yield texts.of(booking.kind).provisional


def cancelling(
    booking: Booking, site: Site, policy: Policy, texts: MailTexts, *, now: datetime
) -> Iterator[str]:
    """How to cancel, and what is refunded; nothing during the stay."""
    if booking.status is not Status.ACTIVE:
        account, guest = texts.of(booking.kind).cancel_account, texts.cancel_guest
        how = account if booking.user_id else guest.format(site=site.name)
        yield f"{how} {cancel_terms(booking, site, policy, texts, now=now)}"


def unsubscribe_button(unsubscribe: str | None, texts: MailTexts) -> Button | None:
    """The unsubscribe link of an optional mail; None without one."""
    if unsubscribe is None:
        return None
    return Button(texts.unsubscribe, unsubscribe, texts.unsubscribe_as_text)


def will_be_asked(
    booking: Booking, policy: Policy, texts: MailTexts, *, now: datetime
) -> Iterator[str]:
    """The notice about the reminder, and about the auto-cancel without an answer; nothing once the
    reminder is due."""
    start = booking.booked.start
    if booking.confirmed_at is not None or not confirmation.is_needed(start, policy, now=now):
        return
    lead, before = (
        clocks.minutes(minutes, texts.language)
        for minutes in (policy.reminder_lead, policy.auto_cancel_lead or 1)
    )
    yield texts.will_be_asked.format(lead=lead, before=before)


def place(site: Site) -> str:
    """Name and address of a site."""
    return "\n".join((site.name, *(site.address or "").splitlines()))
