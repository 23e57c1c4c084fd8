"""Money of a booking that moves through a gateway: the steps that intend, record and pay back
(docs/rules/payments.md)."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Final, Protocol

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.deadline import Deadline, DeadlineKind
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.payments.payment import Payment, Payments, Purpose
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.domain.sites.policy import Policy

DUES_OPEN: Final = timedelta(minutes=15)
"""How long an order for what is due takes payments."""


def hold(made: Booking, gateway: GatewayName, policy: Policy, now: datetime) -> Booking:
    """A new booking as a hold until its fee, and its deposit, is paid through `gateway`. Without
    either there is nothing to pay first, and it stays a booking."""
    made = replace(made, payment_method=PaymentMethod.ONLINE)
    wanted = Money(made.tariff.booking_fee + made.tariff.deposit, made.currency)
    if not wanted:
        return made
    until = min(now + timedelta(minutes=policy.payment_hold), made.booked.end)
    held = replace(made, status=Status.PENDING, deadline=Deadline(DeadlineKind.HOLD_LAPSE, until))
    return intending(held, gateway, wanted, "fee", now, until)


def amount_due(booking: Booking) -> Money:
    """The amount that can be paid online now: the fee of a hold, the bill of a stay at the exit
    that is being paid, or what is due after the stay."""
    if booking.status is Status.PENDING:
        awaited = (each.amount for each in booking.payments if each.purpose == "fee")
        return next(awaited, Money.zero(booking.currency))
    if booking.status is Status.ACTIVE:
        at_exit = (each.amount for each in booking.payments if each.is_awaited)
        return next(at_exit, Money.zero(booking.currency))
    return booking.amount_owed


def awaited(booking: Booking) -> Payment | None:
    """The payment that is being waited for, for the amount that is due."""
    due = amount_due(booking)
    fitting = (each for each in booking.payments if each.is_awaited and each.amount == due)
    return next(fitting, None)


def intend(booking: Booking, gateway: GatewayName, now: datetime) -> Booking:
    """The next version, with a new payment of what is due. Raises NothingDue."""
    due = amount_due(booking)
    if not due:
        raise errors.NothingDue()
    is_fee = booking.status is Status.PENDING
    until = booking.deadline.at if is_fee and booking.deadline else now + DUES_OPEN
    replaced = replace(booking, payments=payments.closed(booking.payments))
    next_version = replace(replaced, version=booking.version + 1, updated_at=now)
    return intending(next_version, gateway, due, "fee" if is_fee else "dues", now, until)


def intending(
    booking: Booking,
    gateway: GatewayName,
    amount: Money,
    purpose: Purpose,
    now: datetime,
    until: datetime,
) -> Booking:
    """This version with a new payment, of which the gateway does not know yet."""
    reference = payments.next_reference(booking.booking_id, booking.payments)
    intended = Payment(reference, gateway, amount, purpose, now, until)
    return replace(booking, payments=(*booking.payments, intended))


class Paying(Protocol):
    """A booking, or a season pass."""

    @property
    def payments(self) -> Payments: ...


def find(payer: Paying, name: str) -> Payment | None:
    """The payment with our reference, or the gateway's order id, `name`."""
    return next((p for p in payer.payments if name in (p.reference, p.order_id)), None)
