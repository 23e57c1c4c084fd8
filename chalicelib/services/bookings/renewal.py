"""Renewal: the same space again for the same customer (docs/rules/lifecycle.md)."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial

from chalicelib.domain.bookings import timer
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors, ids
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.sentence import say
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.occupancy import occupancy
from chalicelib.services.bookings import bookings, decide, settle
from chalicelib.services.bookings.decide import Customer
from chalicelib.services.core.deps import Deps


def renew(deps: Deps, actor: Actor, booking_id: str, *, source: Source = "api") -> Booking:
    """Book the same space again for the zone's default duration, from the end of a stay in its last
    five minutes, or from now after it. Where the customer has the space for that time already, as
    after the first of two presses, the answer is that booking. Raises Forbidden for anyone but
    the customer, RenewTooEarly, SpaceTaken, and what `bookings.book` refuses."""
    booking = bookings.get(deps, actor, booking_id)
    if not actor.owns(booking.user_id):
        raise errors.Forbidden(say("only_customer_renews"), site=booking.site)
    start = _start(deps, booking)
    order = Order(booking.zone_id, booking.number, start=start, details=booking.details)
    customer = Customer(booking.user_id, booking.locator)
    request = decide.request_of(deps, actor, customer, order, source=source)
    try:
        return bookings.complete(deps, request, partial(bookings.book_once, deps))
    except errors.Conflict:
        renewed = _held_already(deps, booking, start)
        if renewed is None:
            raise
        return renewed


def _start(deps: Deps, booking: Booking) -> datetime:
    """The start of the renewal. Raises AlreadyEnded for a booking without a stay, RenewTooEarly."""
    if booking.status in (Status.CANCELLED, Status.EXPIRED):
        raise errors.AlreadyEnded(booking.why_over)
    now = deps.now()
    if not booking.is_live:
        return now
    end = timer.planned_end(booking, deps.catalogue.zone(booking.zone_id).policy)
    if now < end - timer.EXPIRING_SOON:
        raise errors.RenewTooEarly()
    return max(now, end)


def _held_already(deps: Deps, booking: Booking, at: datetime) -> Booking | None:
    """Another live booking with which the customer has the same space at that instant: one query
    and one read, only before a refusal."""
    zone = deps.catalogue.zone(booking.zone_id)
    sheets = decide.read_sheets(deps, zone, Interval(at, at + timedelta(seconds=1)))
    for holder, taken in occupancy.held(sheets).get(booking.number, {}).items():
        is_own = ids.booking_key(holder) and holder[2:10] == booking.locator
        if is_own and holder != booking.booking_id and taken.start <= at < taken.end:
            found = settle.read(deps, holder)
            if found.is_live and found.user_id == booking.user_id:
                return found
    return None
