"""Mails about online payments: one is awaited, or goes back by itself; and how to pay what is
due."""

from __future__ import annotations

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status, Step
from chalicelib.domain.core.money import Money
from chalicelib.domain.mail.message import Message
from chalicelib.domain.payments.payment import Payment
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.rendering.mail import parts
from chalicelib.rendering.mail.layout import Button, Fact
from chalicelib.rendering.mail.reader import Reader
from chalicelib.texts import amounts, clocks
from chalicelib.texts.mails import MailTexts


def awaited(
    reader: Reader, booking: Booking, payment: Payment, site: Site, zone: Zone, *, pay: str
) -> Message:
    """The link by which the fee of a hold is paid, and its deposit, and until when."""
    texts, deposit = reader.texts, Money(booking.tariff.deposit, booking.currency)
    words = parts.words(booking, site, texts) | {
        "due": amounts.show(payment.amount, texts.language),
        "until": clocks.moment(payment.expires_at, site.tz, texts.language),
        "deposit": amounts.show(deposit, texts.language),
    }
    lead = texts.awaited_deposit_lead if deposit else texts.awaited_lead
    letter = parts.of_site(
        reader,
        site,
        parts.about(booking, texts),
        subject=texts.awaited_subject.format(**words),
        heading=texts.awaited_heading,
        greeting=reader.greeting,
        lead=lead.format(**words),
        button=pay_button(payment.amount, pay, texts),
        facts=tuple(parts.booking_facts(booking, site, zone, texts)),
        notes=(texts.awaited_paid,),
    )
    return parts.message(reader, letter)


def pay_button(due: Money, pay: str | None, texts: MailTexts) -> Button | None:
    """The button to the page that takes the payment; None where it is not paid online."""
    if pay is None:
        return None
    label = texts.pay_button.format(due=amounts.show(due, texts.language))
    return Button(label, pay, texts.link_as_text)


def how_to_settle(booking: Booking, texts: MailTexts, pay: str | None) -> str:
    """The sentence on how what is due is paid, its words left open: in cash, and online by the link
    `pay`."""
    if pay is None:
        return texts.settle_account if booking.user_id else texts.settle_guest
    return texts.settle_online_account if booking.user_id else texts.settle_online_guest


def returned(reader: Reader, booking: Booking, payment: Payment, site: Site, zone: Zone) -> Message:
    """The notice that a payment is paid back: it came too late, after the booking had ended, or was
    not needed."""
    texts = reader.texts
    paid = amounts.show(Money(payment.returned, booking.currency), texts.language)
    words = parts.words(booking, site, texts) | {"paid": paid}
    letter = parts.of_site(
        reader,
        site,
        parts.about(booking, texts),
        subject=texts.returned_subject.format(**words),
        heading=texts.returned_heading,
        greeting=reader.greeting,
        lead=_lead(booking, texts).format(**words),
        facts=(
            Fact(texts.returned_amount, paid),
            *parts.booking_facts(booking, site, zone, texts, priced=False),
        ),
        notes=(texts.returned_hint,),
    )
    return parts.message(reader, letter)


def _lead(booking: Booking, texts: MailTexts) -> str:
    if booking.is_live or booking.status is Status.COMPLETED:
        return texts.returned_twice_lead
    lapsed = any(entry.what == Step.LAPSE for entry in booking.timeline)
    return texts.returned_late_lead if lapsed else texts.returned_ended_lead
