"""Payments as the apps of replaced systems ask for them: through a gateway that they name, by our
reference, or for what the caller owes."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from chalicelib.domain.bookings import online
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import amounts, errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import Fault, say
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.debt import Debt
from chalicelib.domain.payments.payment import Payment
from chalicelib.domain.payments.upi import upi_link
from chalicelib.services.bookings import bookings, lists
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import asking, orders, refunds
from chalicelib.services.payments.orders import OpenOrder


@dataclass(frozen=True)
class PhonePeOrder:
    """A payment with PhonePe, and the link that begins it."""

    booking: Booking
    payment: Payment
    link: str


@dataclass(frozen=True)
class Returned:
    """What was paid back, under our reference."""

    reference: str
    amount: Money


def open_phonepe(deps: Deps, actor: Actor, booking_id: str) -> PhonePeOrder:
    """The order for the amount due of a booking, with PhonePe. Raises what `orders.open_order`
    refuses."""
    opened = orders.open_order(deps, actor, booking_id, gateway="phonepe")
    return PhonePeOrder(opened.booking, opened.payment, _link(deps, opened))


def _link(deps: Deps, opened: OpenOrder) -> str:
    """The link that begins a payment: PhonePe's page, on which it learns what was paid; or the UPI
    link of the operator's own address, where the settings name one."""
    payment, address = opened.payment, deps.settings.upi_address
    if address is None:
        assert payment.pay_url is not None  # an order without a page is replaced
        return payment.pay_url
    site = places.site_of(deps, opened.booking)
    note = f"{site.name}, {opened.booking.code}"
    return upi_link(address, site.name, payment.amount, reference=payment.reference, note=note)


def ask_about(deps: Deps, actor: Actor, reference: str, *, booking_id: str | None) -> Payment:
    """A payment after its gateway was asked about it: one read, one call and one transaction.
    Raises BookingNotFound, PaymentNotFound, also for one of another booking, Unavailable."""
    its_booking = payments.booking_of(reference)
    if booking_id not in (None, its_booking):
        raise errors.PaymentNotFound()
    booking = bookings.get(deps, actor, its_booking)
    asked = asking.ask_read(deps, booking, paid_by(booking, reference), source="api")
    return paid_by(asked, reference)


def paid_by(booking: Booking, name: str) -> Payment:
    """The payment of a booking with our reference, or the gateway's order id, `name`. Raises
    PaymentNotFound."""
    payment = online.find(booking, name)
    if payment is None:
        raise errors.PaymentNotFound()
    return payment


def pay_back(
    deps: Deps, actor: Actor, reference: str, amount: str | None, *, reason: str
) -> Returned:
    """Pay back what a booking has paid, or a part of it. Raises what `refunds.refund` refuses."""
    booking = refunds.refund(deps, actor, payments.booking_of(reference), amount, reason=reason)
    made = [
        refund
        for payment in booking.payments
        for refund in payment.refunds
        if refund.reference is not None and refund.at == booking.updated_at
    ]
    total = sum(refund.minor for refund in made)
    newest = next((refund.reference for refund in reversed(made)), None)
    return Returned(newest or reference, Money(total, booking.currency))


def open_razorpay(
    deps: Deps, actor: Actor, *, booking_id: str | None, amount: str | None, currency: str | None
) -> OpenOrder:
    """The order for the amount due of a booking, or for what the caller owes, with Razorpay. Raises
    NothingDue, Invalid for another currency, and what `orders.open_order` refuses."""
    if booking_id is None:
        booking = _owed(deps, actor, amount)
    else:
        booking = bookings.get(deps, actor, booking_id)
    if currency not in (None, booking.currency):
        wrong = say("must_be_in_currency", currency=booking.currency, other=currency)
        raise errors.Invalid({"currency": wrong})
    return orders.open_order(deps, actor, booking.booking_id, gateway="razorpay")


def _owed(deps: Deps, actor: Actor, amount: str | None) -> Booking:
    """What the caller owes: of several bookings the first of this amount, else the first. Raises
    NothingDue."""
    owed = list(_with_dues(deps, actor))
    if not owed:
        raise errors.NothingDue()
    return next((booking for booking in owed if _is_of(booking, amount)), owed[0])


def _with_dues(deps: Deps, actor: Actor) -> Iterator[Booking]:
    """The caller's bookings with something to pay: holds, newest first, then debts."""
    yield from (live for live in lists.current(deps, actor) if online.amount_due(live))
    for debt in sorted(map(Debt.read, deps.accounts.get(actor.account_id).debts)):
        booking = bookings.get(deps, actor, debt.booking_id)
        if online.amount_due(booking):
            yield booking


def _is_of(booking: Booking, amount: str | None) -> bool:
    if amount is None:
        return False
    try:
        return amounts.read(amount, booking.currency) == online.amount_due(booking)
    except Fault:
        return False
