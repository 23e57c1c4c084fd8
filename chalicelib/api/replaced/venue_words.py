"""Words of the venue system that Berth replaces: status words, and the texts of its refusals."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chalicelib.api.web.wording import Texts, Wording
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors

STATUS: Final[Mapping[Status, str]] = {
    Status.PENDING: "pending",
    Status.BOOKED: "confirmed",
    Status.ACTIVE: "confirmed",
    Status.COMPLETED: "completed",
    Status.CANCELLED: "cancelled",
    Status.EXPIRED: "cancelled",
}
"""A booking is `confirmed` from the start: whether its guest has confirmed it, `confirmed` says."""

CLAIMED: Final = "Slot claimed successfully!"
LEFT: Final = "Removed from waitlist successfully"
CONFIRMED: Final = "Booking confirmed successfully"
OVERRIDDEN: Final = "Auto-cancellation overridden by admin"
"""The messages of steps."""

_NOT_CONFIRMABLE: Final[Texts] = (
    (errors.AlreadyEnded, "Only active bookings can be confirmed"),
    (errors.IllegalTransition, "Cannot confirm past bookings"),
)
CONFIRM: Final = Wording(
    instead=(
        *_NOT_CONFIRMABLE,
        (errors.BookingNotFound, "You can only confirm your own bookings"),
    )
)
"""A booking of another customer is refused like one that there is not."""

OVERRIDE: Final = Wording(instead=_NOT_CONFIRMABLE)

JOIN: Final = Wording(
    instead=(
        (errors.AlreadyBooked, "You already have a booking for this time slot"),
        (errors.AlreadyWaiting, "You are already in the waitlist for this time slot"),
        (errors.TooManyEntries, "Maximum {limit} waitlist entries allowed per day"),
    )
)
CLAIM: Final = Wording(
    "Failed to claim slot. Please try again.",
    instead=(
        (errors.Forbidden, "You can only claim your own waitlist entries"),
        (errors.AlreadyClaimed, "This slot has already been claimed"),
        (
            errors.OfferExpired,
            "This notification has expired ({claim_window}-minute window passed)",
        ),
        (errors.NoRoom, "Sorry, this slot has already been booked by someone else"),
    ),
    usual=((errors.NotOffered, "You have not been notified yet"),),
)
LEAVE: Final = Wording(
    instead=((errors.Forbidden, "You can only remove your own waitlist entries"),)
)
