"""Routes of deposits: taken in cash, given back or kept."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

from chalicelib.api.bookings import present
from chalicelib.api.bookings.bodies import Reason
from chalicelib.api.bookings.views import BookingDetailView
from chalicelib.api.web.http import STAFF, Answer, Call, Routes, ok
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.constraints import Amount, Doc
from chalicelib.domain.payments.tender import PaymentMethod, TenderRequest
from chalicelib.services.payments import deposits

routes = Routes(__name__)


@dataclass(frozen=True)
class TakeDeposit:
    """The cash for the deposit."""

    payment_method: PaymentMethod = PaymentMethod.CASH
    amount_received: (
        Annotated[str, Amount(), Doc("Cash handed over; by default the deposit.")] | None
    ) = None


@dataclass(frozen=True)
class ReturnDeposit:
    """What is kept of the deposit, and why. Without both all of it goes back."""

    keep: Annotated[str, Amount(), Doc("Kept for a damage.", "20.00")] | None = None
    reason: Reason | None = None


def _detail(call: Call, booking: Booking) -> Answer:
    return ok(present.as_json(present.booking_detail(call.deps, booking)))


@routes.post(
    "/api/bookings/{booking_id}/deposit",
    who=STAFF, takes=TakeDeposit, gives=BookingDetailView, once=True, sensitive=True,
    versioned=True,
)  # fmt: skip
def take_deposit(call: Call, booking_id: str) -> Answer:
    """Take the deposit of a booking in cash, into the drawer of the caller. What is more than the
    deposit is change."""
    tender = TenderRequest(call.body.payment_method, call.body.amount_received)
    return _detail(call, deposits.take(call.deps, call.actor, booking_id, tender))


@routes.post(
    "/api/bookings/{booking_id}/deposit/return",
    who=STAFF, takes=ReturnDeposit, gives=BookingDetailView, once=True, sensitive=True,
    versioned=True,
)  # fmt: skip
def return_deposit(call: Call, booking_id: str) -> Answer:
    """Give the deposit back after the stay, less what is kept with a reason. What was paid online
    goes back through its gateway, cash from the drawer of the caller. After a refund that has
    failed it may be called again."""
    body = call.body
    settled = deposits.settle(call.deps, call.actor, booking_id, keep=body.keep, reason=body.reason)
    return _detail(call, settled)
