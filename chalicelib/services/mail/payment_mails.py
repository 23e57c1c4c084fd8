"""Mails about money: bills, fees that are awaited, payments that go back; composed from what is
stored when they leave."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from chalicelib.domain.bookings import online
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.mail.message import Message
from chalicelib.rendering.mail import deposits, mails, payments
from chalicelib.rendering.mail.reader import Reader
from chalicelib.services.accounts import mailboxes
from chalicelib.services.core import pay_links, places, recipients
from chalicelib.services.core.deps import Deps
from chalicelib.services.receipts import papers


def awaited(deps: Deps, booking_id: str) -> Message | None:
    """The link by which the fee of a hold is paid. None where it has been paid or has lapsed."""
    booking = deps.bookings.get(booking_id)
    payment = online.awaited(booking)
    reader = recipients.of_booking(deps, booking)
    if reader is None or payment is None or booking.status is not Status.PENDING:
        return None
    if deps.now() >= payment.expires_at:
        return None
    link = pay_links.mailed(deps, booking_id, to=reader.address, language=reader.language)
    site, zone = places.site_of(deps, booking), places.zone_of(deps, booking)
    return payments.awaited(reader, booking, payment, site, zone, pay=link)


def link_of_dues(deps: Deps, booking: Booking, reader: Reader) -> str | None:
    """The link by which the reader of a mail pays what is due of a booking; None where nothing is,
    and where no gateway takes payments."""
    if deps.gateways.default is None or not online.amount_due(booking):
        return None
    return pay_links.mailed(deps, booking.booking_id, to=reader.address, language=reader.language)


def bill(deps: Deps, booking_id: str, *, optional: bool = False) -> Message | None:
    """The bill of a stay; `optional`, with an unsubscribe link, where the stay was free."""
    booking = deps.bookings.get(booking_id)
    reader = recipients.of_booking(deps, booking)
    if reader is None or booking.bill is None:
        return None
    unsubscribe = (
        mailboxes.unsubscribe_link(deps, reader.address, reader.language) if optional else None
    )
    receipt = None
    if booking.bill.charged:
        receipt = papers.link(deps, booking, to=reader.address, language=reader.language)
    return mails.stay_ended(
        reader,
        booking,
        places.site_of(deps, booking),
        places.zone_of(deps, booking),
        unsubscribe=unsubscribe,
        pay=link_of_dues(deps, booking, reader),
        receipt=receipt,
    )


def returned(deps: Deps, subject_id: str) -> Message | None:
    """The notice that a payment goes back by itself. None where it has not gone back after all."""
    booking = deps.bookings.get(subject_id.partition("/")[0])
    payment = online.find(booking, subject_id.replace("/", "_"))
    reader = recipients.of_booking(deps, booking)
    if reader is None or payment is None or not payment.returned:
        return None
    site, zone = places.site_of(deps, booking), places.zone_of(deps, booking)
    return payments.returned(reader, booking, payment, site, zone)


def deposit_settled(deps: Deps, booking_id: str) -> Message | None:
    """What comes back of a deposit, and what is kept of it. None where nothing was decided after
    all."""
    booking = deps.bookings.get(booking_id)
    reader = recipients.of_booking(deps, booking)
    if reader is None or not booking.deposit.is_decided:
        return None
    return deposits.settled(
        reader, booking, places.site_of(deps, booking), places.zone_of(deps, booking)
    )


COMPOSERS: Final[dict[str, Callable[[Deps, str], Message | None]]] = {
    "payment_awaited": awaited,
    "payment_returned": returned,
    "deposit_settled": deposit_settled,
}
"""The mails about payments and deposits, by the name of their effect."""
