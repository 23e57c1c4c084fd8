"""Statuses and texts of the parking system that Berth replaces."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from typing import Annotated, Final, Literal

from chalicelib.api.web.answers import Plain
from chalicelib.api.web.http import Answer, status_of
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.constraints import Named
from chalicelib.services.stays import cancel_or_leave

UNKNOWN_QR: Final = "Invalid QR code. Session not found."
CASH_ONLY: Final = (
    errors.PaymentMethodUnavailable,
    "This payment method is not available here. Choose CASH.",
)
AWAITED: Final = "Payment awaited. The exit opens once it has arrived."
BAD_METHOD: Final = "Invalid payment method. Use CASH or ONLINE"

StatusWord = Annotated[
    Literal["BOOKED", "ACTIVE", "COMPLETED", "CANCELLED"], Named("ParkingStatus")
]
PaymentWord = Annotated[Literal["PENDING", "PARTIAL", "PAID"], Named("ParkingPayment")]

STATUS: Final[Mapping[Status, StatusWord]] = {
    Status.PENDING: "BOOKED",
    Status.BOOKED: "BOOKED",
    Status.ACTIVE: "ACTIVE",
    Status.COMPLETED: "COMPLETED",
    Status.CANCELLED: "CANCELLED",
    Status.EXPIRED: "CANCELLED",
}


def payment(booking: Booking) -> PaymentWord:
    """How far a booking is paid: PENDING, PARTIAL or PAID."""
    if booking.payment_status == "paid":
        return "PAID"
    return "PARTIAL" if booking.paid else "PENDING"


def refund_reason(booking: Booking, *, eligible: bool, window: timedelta) -> str:
    """Why a booking that was not entered is refunded after its cancellation, or not."""
    limit, passed = _minutes(window), booking.updated_at - booking.created_at
    if not eligible:
        return f"Cancelled after grace period ({_begun(passed)} min > {limit} min). 0% refund."
    relation = "<" if passed < window else "="
    taken = f"{_minutes(passed)} min {relation} {limit} min"
    return f"Cancelled within grace period ({taken}). 100% refund eligible."


def _minutes(span: timedelta) -> int:
    return max(0, span // timedelta(minutes=1))


def _begun(span: timedelta) -> int:
    return -(-span // timedelta(minutes=1))


@dataclass(frozen=True)
class Refusals:
    """The refusals of a URL: the old text of each kind of refusal, first match first."""

    texts: tuple[tuple[type[errors.Refusal], str], ...]

    def __call__(self, refusal: errors.Refusal, request_id: str) -> Answer:
        """The refusal in the old shape: 400 for every conflict."""
        status = 400 if isinstance(refusal, (errors.Conflict, errors.Gone)) else status_of(refusal)
        return plain(status, refusal.code, self._text(refusal), request_id)

    def _text(self, refusal: errors.Refusal) -> str:
        if refusal.fields.keys() == {"payment_method"}:
            return BAD_METHOD
        faults = "".join(f" {name} {what}." for name, what in refusal.fields.items())
        known = next((text for kind, text in self.texts if isinstance(refusal, kind)), None)
        return known or refusal.message + faults


def plain(status: int, code: str, message: str, request_id: str) -> Answer:
    """A refusal of any status in the old shape, which has no room for its code."""
    return Answer(status, {"success": False, "message": message})


SHAPES: Final[Mapping[str, Plain]] = dict.fromkeys(
    ("/parking", "/api/parking", "/api/payment", "/entry-qr-scan", "/exit-qr-scan"), plain
)
"""The shapes of 404, 405, 415 and 500 below the URLs of that system, by where these begin."""

BOOKING: Final = Refusals(
    (
        CASH_ONLY,
        (errors.NoRoom, "No slots available in this zone"),
        (errors.ZoneNotFound, "Zone not found"),
    )
)
ENTRY: Final = Refusals(
    (
        (errors.UnknownCode, UNKNOWN_QR),
        (errors.BookingNotFound, UNKNOWN_QR),
        (errors.AlreadyEntered, "Entry QR already scanned. Cannot scan twice!"),
        (errors.StayEnded, "Entry QR already scanned. Cannot scan twice!"),
    )
)
EXIT: Final = Refusals(
    (
        (errors.UnknownCode, UNKNOWN_QR),
        (errors.BookingNotFound, UNKNOWN_QR),
        CASH_ONLY,
        (errors.NotCheckedIn, "Entry QR not scanned. Cannot exit!"),
        (errors.StayEnded, "Exit already scanned. Cannot scan twice!"),
    )
)
CANCEL: Final = Refusals(
    (
        (errors.UnknownCode, UNKNOWN_QR),
        (errors.BookingNotFound, UNKNOWN_QR),
        CASH_ONLY,
        (errors.IllegalTransition, cancel_or_leave.INSIDE),
    )
)
ZONE: Final = Refusals(((errors.ZoneNotFound, "Zone not found"),))
