"""Booking a space, and what its owner does with the booking before and after the stay."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.bookings import admission, create, deadline
from chalicelib.domain.bookings.booking import Booking, BookingChange, Guest
from chalicelib.domain.bookings.recurrence import Repeat
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import access, errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.occupancy import Sheets
from chalicelib.domain.payments import refund
from chalicelib.domain.sites.site import Zone, split_space_id
from chalicelib.domain.stays import check_out
from chalicelib.services.bookings import room_choice, settle
from chalicelib.services.core import audit_events, guest_name, local_times
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import offering

RENEW_BEFORE_END = timedelta(minutes=5)
"""How long before its end a stay may be renewed (docs/rules/lifecycle.md)."""


@dataclass(frozen=True)
class Order:
    """What somebody wants to book: a zone, or one space of it; for an interval, or some minutes or
    nights from now, naive times and dates being the site's (`site_clock`); `quantity` spaces at
    once, or again on other dates (`groups.book` sees to these). `arrival` is what checking in at
    once adds (a walk-in)."""

    zone_id: str
    number: str | None = None
    start: datetime | None = None
    end: datetime | None = None
    minutes: int | None = None
    nights: int | None = None
    vehicle_number: str | None = None
    owner_name: str | None = None
    purpose: str | None = None
    guests: tuple[Guest, ...] = ()
    auto_renew: bool = False
    payment_method: str = "CASH"
    quantity: int = 1
    repeat: Repeat | None = None
    arrival: Callable[[BookingChange], BookingChange] | None = None

    @property
    def is_group(self) -> bool:
        """Whether it asks for more than one booking."""
        return self.quantity > 1 or self.repeat is not None


def order_for(zone_id: str | None, space_id: str | None, **wishes: object) -> Order:
    """An Order from a zone id or a space id. Raises Invalid unless exactly one is given."""
    if (zone_id is None) == (space_id is None):
        raise errors.Invalid({"zone_id": "give either zone_id or space_id"})
    if space_id is not None:
        zone_id, number = split_space_id(space_id)
        return Order(zone_id, number, **wishes)  # type: ignore[arg-type]
    assert zone_id is not None
    return Order(zone_id, **wishes)  # type: ignore[arg-type]


def book(deps: Deps, actor: Actor, order: Order, *, source: Source = "api") -> Booking:
    """Book what is ordered: one query and one transaction. Raises ZoneNotFound, SpaceNotFound,
    ZoneFull or SpaceTaken, PaymentDue, QuotaReached, what `admission.check` refuses, and Invalid
    for a local time that there is not."""
    zone = deps.catalogue.zone(order.zone_id)
    order = local_times.resolve(deps, zone, order)
    if order.guests and actor.works_at(zone.site):
        return _book_for(deps, actor, order, zone, None, deps.new_locator(), source)
    return _book_for(deps, actor, order, zone, actor.account_id, actor.locator, source)


def _book_for(
    deps: Deps,
    actor: Actor,
    order: Order,
    zone: Zone,
    user_id: str | None,
    locator: str,
    source: Source,
) -> Booking:
    """A booking of the customer `user_id` (None: a guest's) in the partition `locator`, made by
    `actor`."""
    booking_id = deps.new_booking_id(locator)
    order = guest_name.in_name_of(deps, user_id, zone, order)
    try:
        if user_id is not None:
            require_nothing_owed(deps, user_id)
        require_payable(zone, order.payment_method)
        return deps.retry_on_conflict(
            lambda: _book_once(deps, actor, order, zone, booking_id, user_id, source)
        )
    except (errors.Conflict, errors.Invalid) as refusal:
        if deps.replay is not None:
            return replayed_booking(deps, booking_id, refusal)
        if isinstance(refusal, errors.AlreadyExists):
            return _book_for(deps, actor, order, zone, user_id, locator, source)
        raise


def park(deps: Deps, actor: Actor, order: Order, *, source: Source = "api") -> Booking:
    """Park now. Raises Invalid for a zone of another kind, and what `book` refuses."""
    if deps.catalogue.zone(order.zone_id).kind != "parking":
        raise errors.Invalid({"zone_id": "must be a zone to park in"})
    return book(deps, actor, order, source=source)


def walk_in(deps: Deps, actor: Actor, order: Order, *, source: Source = "api") -> Booking:
    """What staff book for somebody who stands at the gate. Raises Forbidden where they do not
    work, and what `park` refuses."""
    access.require_works_at(actor, deps.catalogue.zone(order.zone_id).site)
    return park(deps, actor, order, source=source)


def replayed_booking(deps: Deps, booking_id: str, refusal: errors.Refusal) -> Booking:
    """The booking that a repeated request made the first time: it may be the very one that is in
    the way now. Raises `refusal` where there is none."""
    try:
        return settle.read(deps, booking_id)
    except errors.BookingNotFound:
        raise refusal from None


def _book_once(
    deps: Deps,
    actor: Actor,
    order: Order,
    zone: Zone,
    booking_id: str,
    user_id: str | None,
    source: Source,
) -> Booking:
    now = deps.now()
    site = deps.catalogue.site(zone.site)
    interval = admission.wanted(
        zone.policy, now=now, start=order.start, end=order.end, minutes=order.minutes
    )
    admission.check(interval, site=site, zone=zone, now=now)
    sheets = read_sheets(deps, zone, interval)
    number = _pick(deps, zone, order, sheets, interval)
    if offering.waitlist_comes_first(deps, zone, number, interval, sheets):
        raise errors.StaleVersion()
    change = create.book(
        booking_id=booking_id,
        user_id=user_id,
        zone=zone,
        number=number,
        interval=interval,
        sheets=sheets,
        by=actor,
        source=source,
        now=now,
        vehicle_number=order.vehicle_number,
        owner_name=order.owner_name,
        purpose=order.purpose,
        guests=order.guests,
        auto_renew=order.auto_renew,
    )
    if order.arrival is not None:
        change = order.arrival(change)
    deps.commit(change)
    return change.booking


def read_sheets(deps: Deps, zone: Zone, interval: Interval) -> Sheets:
    """The sheets that decide what is free in a zone for `interval`: one query."""
    lookback = deadline.longest_overstay(kind=zone.kind, policy=zone.policy)
    first, last = occupancy.window(interval, zone.paging, now=deps.now(), lookback=lookback)
    return deps.sheets.of_zone(zone.zone_id, first, last)


def _pick(deps: Deps, zone: Zone, order: Order, sheets: Sheets, interval: Interval) -> str:
    numbers, number = deps.catalogue.numbers(zone.zone_id), order.number
    if number is not None:
        if number not in numbers:
            raise errors.SpaceNotFound()
        numbers = (number,)
    free = occupancy.free(numbers, sheets, interval, now=deps.now())
    if free and order.arrival is not None:  # walk-ins look at the room themselves
        return occupancy.choose(free, deps.random_bits(30))
    if free:
        return room_choice.choose(deps, zone, interval.start, free, named=number is not None)
    if settle.in_the_way(deps, [s for s in sheets if s.number in numbers], zone):
        raise errors.StaleVersion()
    raise errors.SpaceTaken() if number is not None else errors.ZoneFull()


def require_nothing_owed(deps: Deps, user_id: str) -> None:
    """Refuse a customer with an unpaid stay (PaymentDue)."""
    if deps.accounts.known(user_id).owing > 0:
        raise errors.PaymentDue()


def require_payable(zone: Zone, payment_method: str = "CASH") -> None:
    """Refuse what cannot be paid (PaymentMethodUnavailable): cash at the gate is the one way to
    pay so far, and a zone that wants its fee before cannot be booked with it."""
    if payment_method != "CASH" or zone.policy.prepay == "required":
        raise errors.PaymentMethodUnavailable()


def get(deps: Deps, actor: Actor, booking_id: str) -> Booking:
    """One booking, for its owner and the staff of its site: one read."""
    booking = settle.read(deps, booking_id)
    access.require_party(actor, user_id=booking.user_id, site=booking.site)
    return booking


@dataclass(frozen=True)
class Cancelled:
    """A cancelled booking and what becomes of the money."""

    booking: Booking
    refund: refund.RefundDecision


def cancel(
    deps: Deps, actor: Actor, booking_id: str, *, reason: str = "", source: Source = "api"
) -> Cancelled:
    """Give a booking up before its stay: one read and one transaction. Raises AlreadyEnded,
    IllegalTransition once the stay has begun."""
    return deps.retry_on_conflict(
        lambda: cancel_settled(
            deps, actor, get(deps, actor, booking_id), reason=reason, source=source
        )
    )


def cancel_settled(
    deps: Deps, actor: Actor, booking: Booking, *, reason: str, source: Source
) -> Cancelled:
    """The same for a booking that has just been read. Raises StaleVersion too."""
    now = deps.now()
    policy = deps.catalogue.zone(booking.zone_id).policy
    decision = booking.refund_now(policy, now)
    change = booking.cancel(by=actor, source=source, reason=reason, now=now)
    if not actor.owns(booking.user_id):
        change = change.auditing(_done(deps, actor, booking, "cancel_booking", reason))
    deps.commit(change)
    return Cancelled(change.booking, decision)


def renew(deps: Deps, actor: Actor, booking_id: str, *, source: Source = "api") -> Booking:
    """Book the same space again for the zone's default duration, from the end of the stay or from
    now, for whoever had it. Raises RenewTooEarly, SpaceTaken, and what `book` refuses."""
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
        vehicle_number=booking.vehicle_number,
        owner_name=booking.owner_name,
        purpose=booking.purpose,
        guests=booking.guests,
        auto_renew=booking.auto_renew,
    )
    zone = deps.catalogue.zone(booking.zone_id)
    return _book_for(deps, actor, order, zone, booking.user_id, booking.locator, source)


def waive(deps: Deps, actor: Actor, booking_id: str, *, reason: str) -> Booking:
    """Let what is due go. For owners of the site. Raises NothingDue."""

    def once() -> Booking:
        booking = get(deps, actor, booking_id)
        access.require_runs(actor, booking.site)
        change = check_out.waive(
            booking, by=actor, reason=reason, at=deps.now(), entry_id=deps.new_id("LE")
        )
        deps.commit(change.auditing(_done(deps, actor, booking, "waive", reason)))
        return change.booking

    return deps.retry_on_conflict(once)


def terminate(deps: Deps, actor: Actor, booking_id: str, *, reason: str) -> Booking:
    """An admin's emergency end of a stay."""

    def once() -> Booking:
        booking = settle.read(deps, booking_id)
        policy = deps.catalogue.zone(booking.zone_id).policy
        change = booking.terminate(by=actor, policy=policy, reason=reason, now=deps.now())
        deps.commit(change.auditing(_done(deps, actor, booking, "terminate", reason)))
        return change.booking

    return deps.retry_on_conflict(once)


def _done(deps: Deps, actor: Actor, booking: Booking, action: str, reason: str) -> AuditEvent:
    """What somebody did to a booking that is not theirs."""
    return audit_events.event(
        deps,
        actor=actor,
        action=action,
        subject=booking.booking_id,
        site=booking.site,
        detail=reason,
    )
