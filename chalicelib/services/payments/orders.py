"""Orders at the gateway: of a new booking, and of what is due (docs/rules/payments.md)."""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass

from chalicelib.domain.bookings import online
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.payments.gateway import GatewayName, GatewayOrder, NewOrder
from chalicelib.domain.payments.payment import Payment
from chalicelib.domain.stays import check_out, online_exit
from chalicelib.gateways.payments.protocol import GatewayRefused, PaymentGateway
from chalicelib.services.bookings import bookings
from chalicelib.services.core import pay_links, places
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import asking

log = logging.getLogger("berth")


@dataclass(frozen=True)
class OpenOrder:
    """A payment whose order is open at its gateway; `key_id` is the public key of its checkout,
    where it has one, `page` our own page that takes it."""

    booking: Booking
    payment: Payment
    key_id: str | None
    page: str


def opened(deps: Deps, booking: Booking, *, again: bool = False) -> Booking:
    """A booking with a new payment after its order is created; `again` where an earlier request may
    have created it. The booking is committed, so no failure of the gateway fails the request: then
    the order is created with the next request for it."""
    payment = online.awaited(booking)
    if payment is None or payment.state != "intended":
        return booking
    look_first = again or deps.replay is not None
    try:
        return _open(deps, booking.as_stored(), payment, look_first=look_first)
    except (errors.Refusal, GatewayRefused) as failure:
        log.warning("order not created", extra={"payment": payment.reference, "why": str(failure)})
    except Exception:
        log.exception("order not created", extra={"payment": payment.reference})
    return booking


def open_order(
    deps: Deps, actor: Actor, booking_id: str, *, gateway: GatewayName | None = None
) -> OpenOrder:
    """The order by which the amount due of a booking is paid, through `gateway` where one is named:
    the one that is open, or a new one. The amount is the server's. Raises BookingNotFound,
    NothingDue, AlreadyEnded, PaymentMethodUnavailable, PaymentRefused, Unavailable."""
    return open_read(deps, lambda: (actor, bookings.get(deps, actor, booking_id)), gateway=gateway)


def open_read(
    deps: Deps, read: Callable[[], tuple[Actor, Booking]], *, gateway: GatewayName | None = None
) -> OpenOrder:
    """As `open_order`, for the payer and the booking that `read` finds. Raises what `read` refuses
    too."""
    try:
        booking, payment = deps.retry_on_conflict(lambda: _open_once(deps, *read(), gateway))
    except GatewayRefused as refused:
        log.warning("order refused", extra={"code": refused.code})
        raise errors.PaymentRefused() from refused
    checkout = deps.gateways.checkout() if payment.gateway == "razorpay" else None
    page = pay_links.shown(deps, payment.reference, language=deps.language)
    return OpenOrder(booking, payment, None if checkout is None else checkout.key_id, page)


def _open_once(
    deps: Deps, actor: Actor, booking: Booking, gateway: GatewayName | None
) -> tuple[Booking, Payment]:
    payment = online.awaited(booking)
    if payment is not None and not _fits(deps, payment, gateway):
        payment = None
    if payment is not None and payment.state == "intended":
        booking, payment = _with_order(deps, booking, payment, look_first=True)
    if payment is None or payment.has_lost_page:
        booking, payment = _intended(deps, actor, booking, gateway)
        booking, payment = _with_order(deps, booking, payment, look_first=False)
    return booking, payment


def _fits(deps: Deps, payment: Payment, gateway: GatewayName | None) -> bool:
    """Whether a payment that is awaited can still be made, through the gateway that is named."""
    return payment.expires_at > deps.now() and gateway in (None, payment.gateway)


def _intended(
    deps: Deps, actor: Actor, booking: Booking, gateway: GatewayName | None
) -> tuple[Booking, Payment]:
    """The booking with a new payment, stored before the gateway is asked for an order."""
    name = gateway or deps.gateways.default
    if not online.amount_due(booking) and booking.status is not Status.COMPLETED:
        booking.require_live()
    if name is None or deps.gateways.find(name) is None:
        raise errors.PaymentMethodUnavailable()
    change = _intention(deps, actor, booking, name)
    deps.commit(change)
    return change.booking.as_stored(), change.booking.payments[-1]


def _intention(deps: Deps, actor: Actor, booking: Booking, gateway: GatewayName) -> BookingChange:
    """The change that awaits a payment of what is due: of a stay, once its bill was presented at
    the exit. Raises NothingDue, ExitNotScanned."""
    now = deps.now()
    if booking.status is not Status.ACTIVE:
        intended = BookingChange.of(online.intend(booking, gateway, now))
        return check_out.closing_lost(booking, intended)
    if check_out.quote_until(booking, now) is None:
        raise errors.ExitNotScanned()
    tz = places.site_of(deps, booking).tz
    return online_exit.intend(booking, gateway, tz, by=actor, source="api", now=now)


def _with_order(
    deps: Deps, booking: Booking, payment: Payment, *, look_first: bool
) -> tuple[Booking, Payment]:
    """The booking and its payment after the order of the payment is created and recorded."""
    opened = _open(deps, booking, payment, look_first=look_first)
    found = online.find(opened, payment.reference)
    assert found is not None
    return opened, found


def _open(deps: Deps, booking: Booking, payment: Payment, *, look_first: bool) -> Booking:
    """The booking after the order of its payment is created and recorded. An order of an earlier
    attempt, whose answer may have been lost, is looked up first; one that another request has
    created meanwhile is the one."""
    gateway = asking.gateway_of(deps, payment)
    order = gateway.find_order(payment.reference, None) if look_first else None
    try:
        order = order or _created(deps, gateway, booking, payment)
    except GatewayRefused:
        booking, payment = asking.read(deps, payment.reference)
        if payment.order_id is None:
            raise
        return booking
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
            pay_links.back(pay_links.shown(deps, payment.reference, language=deps.language)),
        )
    )


def _recorded(deps: Deps, booking: Booking, payment: Payment, order: GatewayOrder) -> Booking:
    try:
        return asking.record(deps, booking, payment, order, source="api")
    except errors.StaleVersion:
        return deps.retry_on_conflict(lambda: _recorded_later(deps, payment.reference, order))


def _recorded_later(deps: Deps, reference: str, order: GatewayOrder) -> Booking:
    """The booking as it is now, with the order, unless another request was first: two that create
    an order at once get one each, and nobody is led to the second."""
    booking, payment = asking.read(deps, reference)
    if payment.order_id not in (None, order.order_id):
        log.warning("order created twice", extra={"payment": reference})
        return booking
    return asking.record(deps, booking, payment, order, source="api")
