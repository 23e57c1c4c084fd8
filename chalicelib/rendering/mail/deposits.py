"""The mail about a deposit that comes back, or of which a part is kept."""

from __future__ import annotations

from collections.abc import Iterator

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.money import Money
from chalicelib.domain.mail.message import Message
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.rendering.mail import parts
from chalicelib.rendering.mail.layout import Fact
from chalicelib.rendering.mail.reader import Reader
from chalicelib.texts import amounts
from chalicelib.texts.mails import MailTexts


def settled(reader: Reader, booking: Booking, site: Site, zone: Zone) -> Message:
    """What comes back of a deposit, what is kept of it, and why."""
    texts, kept = reader.texts, booking.deposit.kept
    words = parts.words(booking, site, texts) | {
        "deposit": _show(booking, booking.deposit.taken, texts),
        "kept": _show(booking, kept, texts),
    }
    subject = texts.deposit_kept_subject if kept else texts.deposit_back_subject
    letter = parts.of_site(
        reader,
        site,
        parts.about(booking, texts),
        subject=subject.format(**words),
        heading=texts.deposit_heading,
        greeting=reader.greeting,
        lead=_lead(booking, texts).format(**words),
        facts=(
            *_facts(booking, texts),
            *parts.booking_facts(booking, site, zone, texts, priced=False),
        ),
        notes=tuple(_notes(booking, texts)),
    )
    return parts.message(reader, letter)


def _lead(booking: Booking, texts: MailTexts) -> str:
    if not booking.deposit.kept:
        return texts.deposit_back_lead
    return texts.deposit_part_lead if booking.deposit_back else texts.deposit_kept_lead


def _facts(booking: Booking, texts: MailTexts) -> Iterator[Fact]:
    deposit = booking.deposit
    yield Fact(texts.deposit_amount, _show(booking, deposit.taken, texts))
    if booking.deposit_back:
        yield Fact(texts.returned_amount, _show(booking, booking.deposit_back, texts))
    if deposit.kept:
        yield Fact(texts.deposit_kept, _show(booking, deposit.kept, texts))
        yield Fact(texts.deposit_reason, deposit.reason)


def _notes(booking: Booking, texts: MailTexts) -> Iterator[str]:
    if booking.deposit_back:
        yield texts.deposit_cash_hint if booking.deposit.in_cash else texts.returned_hint


def _show(booking: Booking, minor: int, texts: MailTexts) -> str:
    return amounts.show(Money(minor, booking.currency), texts.language)
