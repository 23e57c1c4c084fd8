"""Mails about online payments, composed from what is stored when they leave."""

from __future__ import annotations

from chalicelib.domain.bookings import online
from chalicelib.domain.mail.message import Message
from chalicelib.rendering.mail import payments
from chalicelib.services.core import places, recipients
from chalicelib.services.core.deps import Deps


def returned(deps: Deps, subject_id: str) -> Message | None:
    """The notice that a payment goes back by itself. None where it has not gone back after all."""
    booking = deps.bookings.get(subject_id.partition("/")[0])
    payment = online.find(booking, subject_id.replace("/", "_"))
    reader = recipients.of_booking(deps, booking)
    if reader is None or payment is None or not payment.returned:
        return None
    site, zone = places.site_of(deps, booking), places.zone_of(deps, booking)
    return payments.returned(reader, booking, payment, site, zone)
