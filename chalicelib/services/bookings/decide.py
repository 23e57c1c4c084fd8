"""Decide on an order: its customer, the spaces that are free for it, and the change that books one
of them, not committed yet."""

from __future__ import annotations

from dataclasses import dataclass, replace

from chalicelib.domain.bookings import admission, create, terms
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import Change, Tally
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.sentence import say
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.occupancy.inventory import Inventory
from chalicelib.domain.occupancy.occupancy import Sheets
from chalicelib.domain.occupancy.shortage import Want
from chalicelib.domain.payments.gateway import GatewayName
from chalicelib.domain.payments.tender import PaymentMethod
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.sites.site import Zone
from chalicelib.services.bookings import (
    cover,
    debts,
    free_space,
    room_choice,
    settle,
    unproved,
    way_on,
)
from chalicelib.services.core import guest_name, local_times
from chalicelib.services.core.deps import Deps
from chalicelib.services.promos import codes
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
    and the id of the booking to come are known. It is `contended` where others have changed what
    an earlier attempt had read."""

    order: Order
    actor: Actor
    source: Source
    zone: Zone
    customer: Customer
    booking_id: str
    contended: bool = False


@dataclass(frozen=True)
class FreeSpaces:
    """The numbers of the spaces that are free for an order and its interval, and the inventory that
    says so; where others have to move for it, the `moves`."""

    interval: Interval
    inventory: Inventory
    numbers: tuple[str, ...]
    moves: Change | None = None


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
    if details is not order.details:
        order = replace(order, details=details)
    return BookingRequest(order, actor, source, zone, customer, booking_id)


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
    if method is PaymentMethod.ONLINE and deps.gateways.default is None:
        raise errors.PaymentMethodUnavailable()
    if method is PaymentMethod.CASH and zone.policy.prepay == "required":
        instead = None if deps.gateways.default is None else say("pay_online_first")
        raise errors.PaymentMethodUnavailable(instead)


def require_paid_later(method: PaymentMethod) -> None:
    """Refuse a payment in advance of a group or a walk-in (PaymentMethodUnavailable)."""
    if method is PaymentMethod.ONLINE:
        raise errors.PaymentMethodUnavailable(say("online_for_one"))


def require_no_code(order: Order) -> None:
    """Refuse a promo code for a group or a series (Invalid)."""
    if order.promo_code is not None:
        raise errors.Invalid({"promo_code": say("is_for_one_booking")})


def gateway_of(deps: Deps, method: PaymentMethod) -> GatewayName | None:
    """The gateway through which a new booking is paid by `method` first, or None."""
    return deps.gateways.default if method is PaymentMethod.ONLINE else None


def find_free(deps: Deps, request: BookingRequest, *, by_condition: bool = True) -> FreeSpaces:
    """The spaces that a request may have, at least one: one query, and for an arrival today in a
    zone with turnover one for the condition of the rooms (`by_condition`). Raises SpaceNotFound,
    ZoneFull, or SpaceTaken or RoomNotReady for a named space, what `admission.check` refuses, and
    StaleVersion."""
    now, order, zone = deps.now(), request.order, deps.catalogue.zone(request.zone.zone_id)
    interval = admission.requested_interval(
        zone.policy, now=now, start=order.start, end=order.end, minutes=order.minutes
    )
    admission.check(interval, site=deps.catalogue.site(zone.site), zone=zone, now=now)
    inventory = free_space.read(deps, zone, interval, by_condition=by_condition)
    numbers = _among(inventory.numbers, order)
    free = inventory.free(interval, numbers)
    if not free:
        return by_moving(deps, request, FreeSpaces(interval, inventory, numbers))
    if order.number is None and not inventory.has_ready(interval.start, free):
        settle.retry_if_freed(deps, zone, inventory.sheets, numbers)
    return FreeSpaces(interval, inventory, free)


def by_moving(deps: Deps, request: BookingRequest, wanted: FreeSpaces) -> FreeSpaces:
    """One of the spaces `wanted`, which are taken, made free by moving others. Overdue bookings are
    settled first. Raises ZoneFull, or SpaceTaken or RoomNotReady for a named space, and
    StaleVersion where settling freed time."""
    zone, interval, numbers = request.zone, wanted.interval, wanted.numbers
    inventory = wanted.inventory
    settle.retry_if_freed(deps, zone, inventory.sheets, inventory.numbers)
    found = free_space.by_moving(deps, zone, inventory, interval, numbers)
    if found is not None:
        return FreeSpaces(interval, found.inventory, (found.number,), found.moves)
    raise _refusal(deps, request, wanted)


def _refusal(deps: Deps, request: BookingRequest, wanted: FreeSpaces) -> errors.NoRoom:
    """ZoneFull, or SpaceTaken for a named space, with the way on. Raises RoomNotReady where it is
    only out of service."""
    interval, inventory, number = wanted.interval, wanted.inventory, request.order.number
    refusal: errors.NoRoom = errors.ZoneFull() if number is None else errors.SpaceTaken()
    if number and replace(inventory, out=frozenset()).free(interval, (number,)):
        try:
            room_choice.require_in_service(deps, request.zone, interval.start, number)
        except errors.SpaceTaken as still_in:
            refusal = still_in
    want = Want(interval, wanted.numbers)
    return way_on.explained(deps, request.actor, request.zone, want, inventory, refusal)


def numbers_of(deps: Deps, order: Order) -> tuple[str, ...]:
    """The spaces of the zone, or the one that the order names. Raises SpaceNotFound."""
    return _among(deps.catalogue.numbers(order.zone_id), order)


def _among(numbers: tuple[str, ...], order: Order) -> tuple[str, ...]:
    if order.number is None:
        return numbers
    if order.number not in numbers:
        raise errors.SpaceNotFound()
    return (order.number,)


def choose(deps: Deps, request: BookingRequest, free: FreeSpaces) -> str:
    """The first of the free spaces in order, for an arrival today a ready one. A `contended`
    request takes a random one, so that it does not run after others from space to space."""
    if request.contended:
        return free_space.choose(deps, free.inventory, free.interval, free.numbers)
    return free.inventory.first_free(free.interval.start, free.numbers)


def book(deps: Deps, request: BookingRequest, free: FreeSpaces, number: str) -> BookingChange:
    """The change that books the space `number`, not committed yet. Raises StaleVersion where its
    time has just been offered to the waitlist."""
    if offering.waitlist_comes_first(deps, request.zone, [free.interval], free.inventory):
        raise errors.StaleVersion()
    limits = unproved.tallies(deps, request.customer.user_id)
    zone, uses = with_terms(deps, request, free)
    change = create.book(
        booking_id=request.booking_id,
        user_id=request.customer.user_id,
        zone=zone,
        number=number,
        interval=free.interval,
        sheets=free.inventory.sheets,
        by=request.actor,
        source=request.source,
        tz=deps.catalogue.site(request.zone.site).tz,
        now=deps.now(),
        details=request.order.details,
        provisional=request.order.number is None,
        walk_in=request.order.walk_in,
        gateway=_gateway_of_fee(deps, request, free.interval),
        uses=uses,
    )
    change = change.counting(*limits)
    return change if free.moves is None else change.joined_with(free.moves)


def with_terms(
    deps: Deps, request: BookingRequest, free: FreeSpaces
) -> tuple[Zone, tuple[Tally, ...]]:
    """The zone with the terms of the booking in its tariff, and the steps that count the use of its
    promo code: one batch read with a code. Raises PriceChanged where it costs more than the request
    takes, and what `codes.find` refuses."""
    zone, order, tz = request.zone, request.order, deps.catalogue.site(request.zone.site).tz
    agreed = terms.agree(zone.tariff, free.inventory, free.interval, tz)
    if order.walk_in:
        agreed = replace(agreed, booking_fee=0)
    uses: tuple[Tally, ...] = ()
    if order.promo_code is not None:
        agreed, uses = _with_code(deps, request, agreed, free.interval)
    terms.require_price([(agreed, free.interval)], order.max_total, tz)
    return replace(zone, tariff=agreed), uses


def _with_code(
    deps: Deps, request: BookingRequest, tariff: Tariff, interval: Interval
) -> tuple[Tariff, tuple[Tally, ...]]:
    zone, customer = request.zone, request.customer
    has_account = customer.user_id is not None
    promo = codes.find(
        deps,
        request.order.promo_code or "",
        zone,
        account_id=request.actor.account_id,
        has_account=has_account,
    )
    tz = deps.catalogue.site(zone.site).tz
    uses = codes.uses(deps, promo, zone.site, customer.locator if has_account else None)
    return terms.with_promo(tariff, promo.terms, interval, tz), uses


def _gateway_of_fee(deps: Deps, request: BookingRequest, interval: Interval) -> GatewayName | None:
    """The gateway through which the fee is paid first, or None: also where a season pass covers the
    stay."""
    gateway = gateway_of(deps, request.order.payment_method)
    plate = request.order.details.vehicle_number
    if gateway is None or cover.is_covered(deps, request.zone, plate, interval.start):
        return None
    return gateway


def read_sheets(deps: Deps, zone: Zone, interval: Interval) -> Sheets:
    """The sheets that decide what is free in a zone for `interval`: one query."""
    return free_space.read(deps, zone, interval, by_condition=False).sheets
