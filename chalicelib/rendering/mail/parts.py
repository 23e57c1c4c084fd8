"""Parts shared by mails about bookings: facts, calendar file, terms, footer."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from chalicelib.domain.bookings import confirmation
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.money import Money
from chalicelib.domain.mail.message import Message
from chalicelib.domain.pricing.cancellation import CancellationTerms
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.rendering.mail import layout, price
from chalicelib.rendering.mail.layout import Button, Fact, Letter
from chalicelib.texts import amounts, clocks
from chalicelib.texts.mails import MailTexts


def plain(to: str, letter: Letter) -> Message:
    """The message of a letter, without attachments."""
    return Message(
        to=to, subject=letter.subject, text=layout.text(letter), html=layout.html(letter)
    )


def booking_facts(
    booking: Booking, site: Site, zone: Zone, texts: MailTexts, *, priced: bool = True
) -> Iterator[Fact]:
    """The facts of a booking: space, place, time, vehicle, guest, price (if `priced`), number."""
    yield Fact(texts.space, f"{booking.number}, {zone.name}")
    yield Fact(texts.place, place(site))
    yield Fact(texts.when, clocks.span(booking.booked, site.tz, texts.language))
    if booking.details.vehicle_number:
        yield Fact(texts.vehicle, booking.details.vehicle_number)
    if booking.details.owner_name:
        yield Fact(texts.booked_for, booking.details.owner_name)
    if priced:
        yield Fact(texts.price, "\n".join(price.in_words(booking.tariff, texts)))
    yield Fact(texts.booking, booking.booking_id)


def words(booking: Booking, site: Site, texts: MailTexts) -> dict[str, str]:
    """The words that the sentences about a booking leave open."""
    times = clocks.span(booking.booked, site.tz, texts.language)
    return {"number": booking.number, "site": site.name, "when": times}


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
        yield texts.provisional_room if booking.kind == "room" else texts.provisional_space


def cancelling(
    booking: Booking, site: Site, policy: Policy, texts: MailTexts, *, now: datetime
) -> Iterator[str]:
    """How to cancel, and what is refunded; nothing during the stay."""
    if booking.status is not Status.ACTIVE:
        how = texts.cancel_account if booking.user_id else texts.cancel_guest
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


def site_footer(booking: Booking, site: Site, texts: MailTexts) -> tuple[str, ...]:
    """The footer of a mail about a booking: sender and reason."""
    return footer(site, texts.footer_why.format(booking_id=booking.booking_id), texts)


def footer(site: Site, why: str, texts: MailTexts) -> tuple[str, ...]:
    """The footer of a mail of `site`: address, contact, and `why` it was sent."""
    where = [", ".join((site.address or "").split("\n")), site.contact or ""]
    return (*(line for line in where if line), why, texts.automatic)
