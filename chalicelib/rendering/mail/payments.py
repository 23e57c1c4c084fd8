"""The mail about an online payment that goes back by itself."""

from __future__ import annotations

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status, Step
from chalicelib.domain.core.money import Money
from chalicelib.domain.mail.message import Message
from chalicelib.domain.payments.payment import Payment
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.rendering.mail import parts
from chalicelib.rendering.mail.layout import Fact
from chalicelib.rendering.mail.reader import Reader
from chalicelib.texts import amounts
from chalicelib.texts.mails import MailTexts


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
