"""Decide on an order: its customer, the spaces that are free for it, and the change that books one
of them, not committed yet."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.domain.bookings import admission, create, deadline
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import Sheets
from chalicelib.domain.occupancy.way_on import Want
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.domain.sites.site import Zone
from chalicelib.services.bookings import debts, settle, unproved, way_on
from chalicelib.services.core import guest_name, local_times
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import offering


@dataclass(frozen=True)
class Customer:
    """The account a booking is for, and the partition it is stored in. A guest for whom staff book
    has no account and a partition of their own."""

    user_id: str | None
    locator: str


@dataclass(frozen=True)
class BookingRequest:
    """An order that is ready to be decided: its local times are instants; its zone, its customer
    and the id of the booking to come are known."""

    order: Order
    actor: Actor
    source: Source
    zone: Zone
    customer: Customer
    booking_id: str


@dataclass(frozen=True)
class FreeSpaces:
    """The numbers of the spaces that are free for an order, its interval, and the sheets that were
    read."""

    interval: Interval
    sheets: Sheets
    numbers: tuple[str, ...]


def request_for(deps: Deps, actor: Actor, order: Order, *, source: Source) -> BookingRequest:
    """The request of `actor` to book `order`. Raises ZoneNotFound, and Invalid for a local time
    that does not exist."""
    zone = deps.catalogue.zone(order.zone_id)
    order = local_times.resolve(deps, zone, order)
    return request_of(deps, actor, customer_of(deps, actor, order, zone), order, source=source)


def request_of(
    deps: Deps, actor: Actor, customer: Customer, order: Order, *, source: Source
) -> BookingRequest:
    """The request of `actor` to book `order`, which has instants, for `customer`."""
    zone = deps.catalogue.zone(order.zone_id)
    booking_id = deps.new_booking_id(customer.locator)
    details = guest_name.with_default(deps, customer.user_id, zone, order.details)
    return BookingRequest(
        replace(order, details=details), actor, source, zone, customer, booking_id
    )


def customer_of(deps: Deps, actor: Actor, order: Order, zone: Zone) -> Customer:
    """The actor; where staff of the site name guests, a new customer without an account."""
    if order.details.guests and actor.works_at(zone.site):
        return Customer(None, deps.new_locator())
    return Customer(actor.account_id, actor.locator)


def is_made_for(deps: Deps, customer: Customer, actor: Actor, booking: Booking) -> bool:
    """Whether a booking found under an id of a replayed request is the work of an earlier run of
    it: made since then, by `actor`, for `customer`."""
    made = booking.timeline[0]
    same = (booking.user_id, made.actor) == (customer.user_id, actor.account_id)
    return same and deps.is_replay_of(booking.created_at)


def require_payable(
    deps: Deps, user_id: str | None, zone: Zone, method: PaymentMethod = PaymentMethod.CASH
) -> None:
    """Refuse a customer who owes something to the owner of the site (PaymentDue), and a payment
    method that is not available, or not for a zone with prepayment (PaymentMethodUnavailable)."""
    if user_id is not None:
        debts.require_none_at(deps, user_id, zone.site)
    method.require_available()
    if zone.policy.prepay == "required":
        raise errors.PaymentMethodUnavailable()


def find_free(deps: Deps, request: BookingRequest) -> FreeSpaces:
    """The spaces that a request may have, at least one: one query. Raises SpaceNotFound, ZoneFull,
    or SpaceTaken for a named space, what `admission.check` refuses, and StaleVersion."""
    now, order, zone = deps.now(), request.order, deps.catalogue.zone(request.zone.zone_id)
    interval = admission.requested_interval(
        zone.policy, now=now, start=order.start, end=order.end, minutes=order.minutes
    )
    admission.check(interval, site=deps.catalogue.site(zone.site), zone=zone, now=now)
    sheets, numbers = read_sheets(deps, zone, interval), numbers_of(deps, order)
    free = occupancy.free(numbers, sheets, interval, now=now)
    if not free:
        settle.retry_if_freed(deps, zone, sheets, numbers)
        refusal = errors.ZoneFull() if order.number is None else errors.SpaceTaken()
        want = Want(interval, numbers)
        raise way_on.explained(deps, request.actor, zone, want, sheets, refusal)
    return FreeSpaces(interval, sheets, free)


def retry_if_freed(deps: Deps, request: BookingRequest, free: FreeSpaces) -> None:
    """Settle the overdue bookings of the zone before a refusal because of the condition of the free
    rooms. Raises StaleVersion where that freed another room."""
    numbers = deps.catalogue.numbers(request.zone.zone_id)
    settle.retry_if_freed(deps, request.zone, free.sheets, numbers)


def numbers_of(deps: Deps, order: Order) -> tuple[str, ...]:
    """The spaces of the zone, or the one that the order names. Raises SpaceNotFound."""
    numbers = deps.catalogue.numbers(order.zone_id)
    if order.number is None:
        return numbers
    if order.number not in numbers:
        raise errors.SpaceNotFound()
    return (order.number,)


def book(deps: Deps, request: BookingRequest, free: FreeSpaces, number: str) -> BookingChange:
    """The change that books the space `number`, not committed yet. Raises StaleVersion where its
    time has just been offered to the waitlist."""
    if offering.waitlist_comes_first(deps, request.zone, number, free.interval, free.sheets):
        raise errors.StaleVersion()
    limits = unproved.limited(deps, request.customer.user_id)
    change = create.book(
        booking_id=request.booking_id,
        user_id=request.customer.user_id,
        zone=request.zone,
        number=number,
        interval=free.interval,
        sheets=free.sheets,
        by=request.actor,
        source=request.source,
        tz=deps.catalogue.site(request.zone.site).tz,
        now=deps.now(),
        details=request.order.details,
    )
    return change.counting(*limits)


def read_sheets(deps: Deps, zone: Zone, interval: Interval) -> Sheets:
    """The sheets that decide what is free in a zone for `interval`: one query."""
    lookback = deadline.lookback(kind=zone.kind, policy=zone.policy)
    first, last = occupancy.window(interval, zone.paging, now=deps.now(), lookback=lookback)
    return deps.sheets.of_zone(zone.zone_id, first, last)
