"""Forgetting a person: what remains of a booking is the space, the times and the money."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.bookings.booking import Booking


def is_personal(booking: Booking) -> bool:
    """Whether anything in it says who it was for, beside the id of the account."""
    said = booking.owner_name, booking.vehicle_number, booking.purpose, booking.guests
    return any((*said, booking.attachments))


def anonymous(booking: Booking) -> Booking:
    """The next version, with nothing of that left. Its times, bill and timeline stay, because the
    ledger refers to them."""
    return replace(
        booking,
        owner_name=None,
        vehicle_number=None,
        purpose=None,
        guests=(),
        attachments=(),
        timeline=tuple(replace(entry, note="") for entry in booking.timeline),
        version=booking.version + 1,
    )
