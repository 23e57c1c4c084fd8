"""The answer to a customer who parks now: the booking, and what to do at the entry."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated, Final

from chalicelib.api.bookings import booking_fields
from chalicelib.api.bookings.views import BookingView
from chalicelib.api.web.wording import Wording
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.constraints import Doc
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps

WORDS: Final = Wording(
    "Technical issue, contact support",
    before=(
        (errors.NoRoom, "Zone full, try another zone"),
        (errors.PaymentMethodUnavailable, "Payment issue, retry"),
    ),
    faulty={"vehicle_number": "Check vehicle number"},
)
"""The words for customers."""

_AT_ENTRY: Final = {
    "gate": "Show the QR code at the entry, park in {slot}, and show it again at the exit.",
    "staff": "Check in at the desk, then park in {slot}. Check out at the desk when you leave.",
    "none": "Park in {slot}. Nobody checks you in or out.",
}


_PAY_FIRST: Final = "Pay the booking fee online first; until then the space is only held."


@dataclass(frozen=True)
class BookedSlotView(BookingView):
    """A booking, with instructions for the entry."""

    instructions: Annotated[str, Doc("What to do at the entry, for people.")]


def view(deps: Deps, booking: Booking) -> BookedSlotView:
    """A new booking with its instructions."""
    zone = places.zone_of(deps, booking)
    text = _AT_ENTRY[zone.policy.check_in].format(slot=f"{booking.number}, {zone.name}")
    if booking.status is Status.PENDING:
        text = f"{_PAY_FIRST} {text}"
    return BookedSlotView(**booking_fields.of(deps, booking), instructions=text)
