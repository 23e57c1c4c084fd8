"""The answer of a checkout in the customer's client: a hint, after which the gateway is asked."""

from __future__ import annotations

from chalicelib.domain.bookings import online
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import access, errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.payments import payment as payments
from chalicelib.domain.payments.payment import Payment
from chalicelib.domain.season_passes.season_pass import SeasonPass
from chalicelib.services.bookings import bookings, settle
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import asking, pass_payments


def verify_checkout(
    deps: Deps, actor: Actor, *, order_id: str, payment_id: str, signature: str
) -> Booking:
    """The booking after the answer of Razorpay's checkout: two reads, one call and one transaction.
    The signature is checked over our own order id. Raises PaymentNotFound, PaymentNotVerified,
    Unavailable."""
    reference = deps.payment_orders.find("razorpay", order_id)
    checkout = deps.gateways.checkout()
    if reference is None or checkout is None:
        raise errors.PaymentNotFound()
    if pass_payments.is_of_season_pass(reference):
        raise errors.PaymentNotFound()
    booking = settle.read(deps, payments.booking_of(reference))
    access.require_party(actor, user_id=booking.user_id, site=booking.site)
    payment = online.find(booking, reference)
    if payment is None or payment.order_id is None:
        raise errors.PaymentNotFound()
    if not checkout.is_signed_by_checkout(payment.order_id, payment_id, signature):
        raise errors.PaymentNotVerified()
    return asking.ask_read(deps, booking, payment, source="api")


def verify_pass(
    deps: Deps, actor: Actor, *, order_id: str, payment_id: str, signature: str
) -> SeasonPass:
    """The season pass after the answer of Razorpay's checkout: two reads, one call and one
    transaction. Raises PaymentNotFound, PaymentNotVerified, Unavailable."""
    reference = deps.payment_orders.find("razorpay", order_id)
    checkout = deps.gateways.checkout()
    if reference is None or checkout is None:
        raise errors.PaymentNotFound()
    held, payment = pass_payments.read(deps, reference)
    if payment.order_id is None or not (actor.owns(held.user_id) or actor.works_at(held.site)):
        raise errors.PaymentNotFound()
    if not checkout.is_signed_by_checkout(payment.order_id, payment_id, signature):
        raise errors.PaymentNotVerified()
    return asking.ask_read(deps, held, payment, source="api")


def ask_about(deps: Deps, actor: Actor, booking_id: str) -> Booking:
    """The booking after its last payment was asked about: one read, one call and one transaction.
    Raises PaymentNotFound, Unavailable."""
    booking = bookings.get(deps, actor, booking_id)
    return asking.ask_read(deps, booking, _last(booking), source="api")


def _last(booking: Booking) -> Payment:
    if not booking.payments:
        raise errors.PaymentNotFound()
    return booking.payments[-1]
