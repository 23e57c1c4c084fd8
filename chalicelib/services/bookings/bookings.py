"""Book a space; look up, cancel, renew, waive and terminate bookings."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial

from chalicelib.domain.bookings import admission, create, deadline
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import access, errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import Sheets
from chalicelib.domain.payments import refund
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.domain.sites.site import Zone
from chalicelib.domain.stays import check_out
from chalicelib.services.bookings import room_choice, settle
from chalicelib.services.core import audit_events, guest_name, local_times
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import offering

RENEW_BEFORE_END = timedelta(minutes=5)
"""How long before its booked end a stay can be renewed (docs/rules/lifecycle.md)."""


@dataclass(frozen=True)
class Customer:
    """The account a booking is for, and the partition it is stored in. A guest for whom staff book
    has no account and a partition of their own."""

    user_id: str | None
    locator: str


@dataclass(frozen=True)
class BookingRequest:
    """An order that is ready to be decided: with instants for local times, its zone, its customer
    and the id of the booking to come."""

    order: Order
    actor: Actor
    source: Source
    zone: Zone
    customer: Customer
    booking_id: str


@dataclass(frozen=True)
class FreeSpaces:
    """The spaces that an order may have (their numbers), for which interval, and the sheets that
    say so."""

    interval: Interval
    sheets: Sheets
    numbers: tuple[str, ...]


def book(deps: Deps, actor: Actor, order: Order, *, source: Source = "api") -> Booking:
    """Book what is ordered: one query and one transaction. Raises ZoneNotFound, SpaceNotFound,
    ZoneFull or SpaceTaken, PaymentDue, QuotaReached, what `admission.check` refuses, and Invalid
    for a local time that does not exist."""
    return complete(deps, request_for(deps, actor, order, source=source), partial(_book_once, deps))


def park(deps: Deps, actor: Actor, order: Order, *, source: Source = "api") -> Booking:
    """Park now. Raises Invalid for a zone of another kind, and what `book` refuses."""
    if deps.catalogue.zone(order.zone_id).kind != "parking":
        raise errors.Invalid({"zone_id": "must be a zone to park in"})
    return book(deps, actor, order, source=source)


def walk_in(deps: Deps, actor: Actor, order: Order, *, source: Source = "api") -> Booking:
    """Park now, booked by staff at the gate. Raises Forbidden at sites where the actor does not
    work, and what `park` refuses."""
    access.require_works_at(actor, deps.catalogue.zone(order.zone_id).site)
    return park(deps, actor, order, source=source)


def request_for(deps: Deps, actor: Actor, order: Order, *, source: Source) -> BookingRequest:
    """The request of `actor` to book `order`. Raises ZoneNotFound, and Invalid for a local time
    that does not exist."""
    zone = deps.catalogue.zone(order.zone_id)
    order = local_times.resolve(deps, zone, order)
    return _request(deps, actor, order, zone, customer_of(deps, actor, order, zone), source)


def _request(
    deps: Deps, actor: Actor, order: Order, zone: Zone, customer: Customer, source: Source
) -> BookingRequest:
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


def complete(
    deps: Deps, request: BookingRequest, once: Callable[[BookingRequest], Booking]
) -> Booking:
    """Run `once`, which decides on a request and commits: again while others change what it read,
    and under another id where the id is taken. A replayed request gets the booking it made the
    first time. Raises PaymentDue, PaymentMethodUnavailable, and what `once` refuses."""
    try:
        if request.customer.user_id is not None:
            require_nothing_owed(deps, request.customer.user_id)
        require_payable(request.zone, request.order.payment_method)
        return deps.retry_on_conflict(lambda: once(request))
    except (errors.Conflict, errors.Invalid) as refusal:
        if deps.replay is not None:
            return replayed_booking(deps, request.booking_id, refusal)
        if isinstance(refusal, errors.AlreadyExists):
            another_id = deps.new_booking_id(request.customer.locator)
            return complete(deps, replace(request, booking_id=another_id), once)
        raise


def replayed_booking(deps: Deps, booking_id: str, refusal: errors.Refusal) -> Booking:
    """The booking that a replayed request made the first time; its space may be what is refused
    now. Raises `refusal` where there is none."""
    try:
        return settle.read(deps, booking_id)
    except errors.BookingNotFound:
        raise refusal from None


def _book_once(deps: Deps, request: BookingRequest) -> Booking:
    free = find_free(deps, request)
    named = request.order.number is not None
    number = room_choice.choose(deps, request.zone, free.interval.start, free.numbers, named=named)
    change = decide(deps, request, free, number)
    deps.commit(change)
    return change.booking


def find_free(deps: Deps, request: BookingRequest) -> FreeSpaces:
    """The spaces that a request may have, at least one: one query. Raises SpaceNotFound, ZoneFull,
    or SpaceTaken for a named space, what `admission.check` refuses, and StaleVersion."""
    now, order, zone = deps.now(), request.order, request.zone
    interval = admission.requested_interval(
        zone.policy, now=now, start=order.start, end=order.end, minutes=order.minutes
    )
    admission.check(interval, site=deps.catalogue.site(zone.site), zone=zone, now=now)
    sheets, numbers = read_sheets(deps, zone, interval), numbers_of(deps, order)
    free = occupancy.free(numbers, sheets, interval, now=now)
    if not free:
        settle.retry_if_freed(deps, zone, sheets, numbers)
        raise errors.ZoneFull() if order.number is None else errors.SpaceTaken()
    return FreeSpaces(interval, sheets, free)


def numbers_of(deps: Deps, order: Order) -> tuple[str, ...]:
    """The spaces of the zone, or the one that the order names. Raises SpaceNotFound."""
    numbers = deps.catalogue.numbers(order.zone_id)
    if order.number is None:
        return numbers
    if order.number not in numbers:
        raise errors.SpaceNotFound()
    return (order.number,)


def decide(deps: Deps, request: BookingRequest, free: FreeSpaces, number: str) -> BookingChange:
    """The change that books the space `number`, not committed yet. Raises StaleVersion where its
    time has just been offered to the waitlist."""
    if offering.waitlist_comes_first(deps, request.zone, number, free.interval, free.sheets):
        raise errors.StaleVersion()
    return create.book(
        booking_id=request.booking_id,
        user_id=request.customer.user_id,
        zone=request.zone,
        number=number,
        interval=free.interval,
        sheets=free.sheets,
        by=request.actor,
        source=request.source,
        now=deps.now(),
        details=request.order.details,
    )


def read_sheets(deps: Deps, zone: Zone, interval: Interval) -> Sheets:
    """The sheets that decide what is free in a zone for `interval`: one query."""
    lookback = deadline.longest_overstay(kind=zone.kind, policy=zone.policy)
    first, last = occupancy.window(interval, zone.paging, now=deps.now(), lookback=lookback)
    return deps.sheets.of_zone(zone.zone_id, first, last)


def require_nothing_owed(deps: Deps, user_id: str) -> None:
    """Refuse a customer with an unpaid stay (PaymentDue)."""
    if deps.accounts.known(user_id).owing > 0:
        raise errors.PaymentDue()


def require_payable(zone: Zone, method: PaymentMethod = PaymentMethod.CASH) -> None:
    """Require a payment method that is available, in a zone without prepayment. Raises
    PaymentMethodUnavailable."""
    method.require_available()
    if zone.policy.prepay == "required":
        raise errors.PaymentMethodUnavailable()


def get(deps: Deps, actor: Actor, booking_id: str) -> Booking:
    """One booking, for its customer and the staff of its site: one read. Raises BookingNotFound,
    NotYours."""
    booking = settle.read(deps, booking_id)
    access.require_party(actor, user_id=booking.user_id, site=booking.site)
    return booking


@dataclass(frozen=True)
class Cancelled:
    """A cancelled booking and its refund."""

    booking: Booking
    refund: refund.RefundDecision


def cancel(
    deps: Deps, actor: Actor, booking_id: str, *, reason: str = "", source: Source = "api"
) -> Cancelled:
    """Cancel a booking before its stay: one read and one transaction. Raises AlreadyEnded, and
    IllegalTransition during the stay."""
    return deps.retry_on_conflict(
        lambda: cancel_settled(
            deps, actor, get(deps, actor, booking_id), reason=reason, source=source
        )
    )


def cancel_settled(
    deps: Deps, actor: Actor, booking: Booking, *, reason: str, source: Source
) -> Cancelled:
    """Cancel a booking that has just been read. Raises StaleVersion too."""
    now = deps.now()
    policy = deps.catalogue.zone(booking.zone_id).policy
    decision = booking.refund_now(policy, now)
    change = booking.cancel(by=actor, source=source, reason=reason, now=now)
    if not actor.owns(booking.user_id):
        change = change.auditing(_audit_event(deps, actor, booking, "cancel_booking", reason))
    deps.commit(change)
    return Cancelled(change.booking, decision)


def renew(deps: Deps, actor: Actor, booking_id: str, *, source: Source = "api") -> Booking:
    """Book the same space again for the same customer and the zone's default duration, from the
    booked end of a stay, or from now after the stay. Raises RenewTooEarly, SpaceTaken, and what
    `book` refuses."""
    booking = get(deps, actor, booking_id)
    now = deps.now()
    if booking.status in (Status.CANCELLED, Status.EXPIRED):
        raise errors.AlreadyEnded(booking.why_over)
    if booking.is_live and now < booking.booked.end - RENEW_BEFORE_END:
        raise errors.RenewTooEarly()
    order = Order(
        booking.zone_id,
        booking.number,
        start=max(now, booking.booked.end) if booking.is_live else now,
        details=booking.details,
    )
    zone = deps.catalogue.zone(booking.zone_id)
    customer = Customer(booking.user_id, booking.locator)
    request = _request(deps, actor, order, zone, customer, source)
    return complete(deps, request, partial(_book_once, deps))


def waive(deps: Deps, actor: Actor, booking_id: str, *, reason: str) -> Booking:
    """Waive the amount due of an ended stay, with a reason. For owners of the site. Raises
    NothingDue."""

    def once() -> Booking:
        booking = get(deps, actor, booking_id)
        access.require_runs(actor, booking.site)
        change = check_out.waive(
            booking, by=actor, reason=reason, at=deps.now(), entry_id=deps.new_id("LE")
        )
        deps.commit(change.auditing(_audit_event(deps, actor, booking, "waive", reason)))
        return change.booking

    return deps.retry_on_conflict(once)


def terminate(deps: Deps, actor: Actor, booking_id: str, *, reason: str) -> Booking:
    """End a stay in an emergency, with a reason. For admins. Raises IllegalTransition."""

    def once() -> Booking:
        booking = settle.read(deps, booking_id)
        policy = deps.catalogue.zone(booking.zone_id).policy
        change = booking.terminate(by=actor, policy=policy, reason=reason, now=deps.now())
        deps.commit(change.auditing(_audit_event(deps, actor, booking, "terminate", reason)))
        return change.booking

    return deps.retry_on_conflict(once)


def _audit_event(
    deps: Deps, actor: Actor, booking: Booking, action: str, reason: str
) -> AuditEvent:
    """The audit event of a step on a booking of another customer."""
    return audit_events.event(
        deps,
        actor=actor,
        action=action,
        subject=booking.booking_id,
        site=booking.site,
        detail=reason,
    )
