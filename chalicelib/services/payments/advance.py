"""Bookings whose fee may be paid online in advance. A booking in cash loads nothing of gateways."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.services.bookings import bookings
from chalicelib.services.core.deps import Deps
from chalicelib.services.payments import orders


def book(deps: Deps, actor: Actor, order: Order, *, source: Source = "api") -> Booking:
    """Book what is ordered, and open the order of a fee that is paid online first. Raises what
    `bookings.book` refuses."""
    return _opened(deps, bookings.book(deps, actor, order, source=source))


def park(deps: Deps, actor: Actor, order: Order, *, source: Source = "api") -> Booking:
    """Park now, as `book`. Raises what `bookings.park` refuses."""
    return _opened(deps, bookings.park(deps, actor, order, source=source))


def preferred(deps: Deps, actor: Actor, order: Order) -> Order:
    """The order of a customer who does not say how to pay, as the account prefers it. A group is
    paid at the site, and so is everything where no gateway takes payments."""
    prefers = deps.accounts.known(actor.account_id).payment_method
    if prefers is not PaymentMethod.ONLINE or order.is_group or deps.gateways.default is None:
        return order
    return replace(order, payment_method=PaymentMethod.ONLINE)


def _opened(deps: Deps, booking: Booking) -> Booking:
    return orders.opened(deps, booking) if booking.status is Status.PENDING else booking
