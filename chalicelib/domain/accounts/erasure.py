"""Erasing a person from a booking: the space, the times and the money remain."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.bookings.booking import Booking


def is_personal(booking: Booking) -> bool:
    """Whether the booking says anything about a person, apart from account ids."""
    return _without_person(booking) != booking


def anonymous(booking: Booking) -> Booking:
    """The next version of the booking, without personal data. Times, bill and the steps on the
    timeline stay: the ledger refers to them."""
    return replace(_without_person(booking), version=booking.version + 1)


def _without_person(booking: Booking) -> Booking:
    return replace(
        booking,
        details=booking.details.anonymous,
        attachments=(),
        cover=None,
        deposit=replace(booking.deposit, reason=""),
        timeline=tuple(replace(entry, note="") for entry in booking.timeline),
    )
