"""Orders at the gateway: of a new booking, and of what is due (docs/rules/payments.md)."""

from __future__ import annotations

import logging
from dataclasses import dataclass

from chalicelib.domain.bookings import online
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.payments.gateway import GatewayOrder, NewOrder
from chalicelib.domain.payments.payment import Payment
from chalicelib.gateways.payments.protocol import GatewayRefused, PaymentGateway
from chalicelib.services.bookings import bookings
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import asking

log = logging.getLogger("berth")


@dataclass(frozen=True)
class OpenOrder:
    """A payment whose order is open at its gateway; `key_id` is the public key of its checkout,
    where it has one."""

    booking: Booking
    payment: Payment
    key_id: str | None


def opened(deps: Deps, booking: Booking) -> Booking:
    """A new booking after its order is created. The booking is committed, so no failure of the
    gateway fails the request: then the order is created with the next request for it."""
    payment = online.awaited(booking)
    if payment is None or payment.state != "intended":
        return booking
    try:
        return _open(deps, booking.as_stored(), payment, look_first=deps.replay is not None)
    except (errors.Refusal, GatewayRefused) as failure:
        log.warning("order not created", extra={"payment": payment.reference, "why": str(failure)})
    except Exception:
        log.exception("order not created", extra={"payment": payment.reference})
    return booking


def open_order(deps: Deps, actor: Actor, booking_id: str) -> OpenOrder:
    """The order by which the amount due of a booking is paid: the one that is open, or a new one.
    The amount is the server's. Raises BookingNotFound, NothingDue, AlreadyEnded,
    PaymentMethodUnavailable, PaymentRefused, Unavailable."""
    try:
        booking, payment = deps.retry_on_conflict(lambda: _open_once(deps, actor, booking_id))
    except GatewayRefused as refused:
        log.warning("order refused", extra={"booking": booking_id, "code": refused.code})
        raise errors.PaymentRefused() from refused
    checkout = deps.gateways.checkout() if payment.gateway == "razorpay" else None
    return OpenOrder(booking, payment, None if checkout is None else checkout.key_id)


def _open_once(deps: Deps, actor: Actor, booking_id: str) -> tuple[Booking, Payment]:
    booking = bookings.get(deps, actor, booking_id)
    payment = online.awaited(booking)
    is_new = payment is None or payment.expires_at <= deps.now()
    if is_new:
        booking = _intended(deps, booking)
        payment = online.awaited(booking)
    assert payment is not None
    if payment.state == "intended":
        booking = _open(deps, booking, payment, look_first=not is_new)
        payment = online.find(booking, payment.reference)
        assert payment is not None
    return booking, payment


def _intended(deps: Deps, booking: Booking) -> Booking:
    """The booking with a new payment, stored before the gateway is asked for an order."""
    name = deps.gateways.default
    if not online.amount_due(booking) and booking.status is not Status.COMPLETED:
        booking.require_live()
    if name is None:
        raise errors.PaymentMethodUnavailable()
    deps.commit(BookingChange.of(online.intend(booking, name, deps.now())))
    return online.intend(booking, name, deps.now()).as_stored()


def _open(deps: Deps, booking: Booking, payment: Payment, *, look_first: bool) -> Booking:
    """The booking after the order of its payment is created and recorded. An order of an earlier
    attempt, whose answer may have been lost, is looked up first."""
    gateway = asking.gateway_of(deps, payment)
    order = gateway.find_order(payment.reference, None) if look_first else None
    if order is None:
        order = _created(deps, gateway, booking, payment)
    return _recorded(deps, booking, payment, order)


def _created(
    deps: Deps, gateway: PaymentGateway, booking: Booking, payment: Payment
) -> GatewayOrder:
    site = places.site_of(deps, booking)
    return gateway.create_order(
        NewOrder(
            payment.reference,
            payment.amount,
            payment.expires_at,
            f"{site.name}, {booking.code}",
            deps.settings.app_url,
        )
    )


def _recorded(deps: Deps, booking: Booking, payment: Payment, order: GatewayOrder) -> Booking:
    try:
        return asking.record(deps, booking, payment, order, source="api")
    except errors.StaleVersion:
        return deps.retry_on_conflict(
            lambda: asking.record(deps, *asking.read(deps, payment.reference), order, source="api")
        )
