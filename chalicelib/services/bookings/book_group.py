"""Book several spaces or dates at once (docs/rules/groups.md).

One query reads the sheets from the first date to the last: the sheets between two dates cost less
than a query for each date (docs/decisions/groups.md).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from functools import partial

from chalicelib.domain.bookings import (
    admission,
    allowance,
    create,
    deadline,
    group,
    group_dates,
    terms,
)
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.group_dates import Choice, Date, Dates
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import access, errors, ids
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import Change, Tally
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.sentence import say
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.occupancy.inventory import Inventory
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.services.bookings import decide, group_places, settle, unproved
from chalicelib.services.bookings.decide import Customer
from chalicelib.services.bookings.group_places import Decided
from chalicelib.services.core import guest_name, local_times
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import offering


@dataclass(frozen=True)
class Group:
    """Bookings made together, earliest first, and the dates that were skipped."""

    group_id: str
    bookings: tuple[Booking, ...]
    missed: Dates = ()


@dataclass(frozen=True)
class GroupRequest:
    """An order that is ready to be decided, with the id of the group to come. Where it `skips`,
    refused dates are left out."""

    order: Order
    actor: Actor
    source: Source
    site: Site
    zone: Zone
    customer: Customer
    group_id: str
    skips: bool


def book(deps: Deps, actor: Actor, order: Order, *, source: Source = "api") -> Group:
    """Book all that is ordered, or nothing: one query, and a transaction for each 98 items. Raises
    DatesUnavailable where a date of a series is refused (all dates, where these may be skipped),
    QuotaReached, and what `bookings.book` refuses."""
    request = _request_for(deps, actor, order, source)
    try:
        # A replayed request skips no date before it knows what it booked the first time.
        return _book(deps, replace(request, skips=False) if deps.replay else request)
    except (errors.Conflict, errors.Invalid) as refusal:
        found = _made_before(deps, request)
        if isinstance(refusal, errors.AlreadyExists) and not found:
            return book(deps.with_other_ids(), actor, order, source=source)
        if deps.replay is None:
            raise
        return _replayed(deps, request, found, refusal)


def _request_for(deps: Deps, actor: Actor, order: Order, source: Source) -> GroupRequest:
    zone = deps.catalogue.zone(order.zone_id)
    customer = decide.customer_of(deps, actor, order, zone)
    details = guest_name.with_default(deps, customer.user_id, zone, order.details)
    return GroupRequest(
        order=replace(local_times.resolve(deps, zone, order), details=details),
        actor=actor,
        source=source,
        site=deps.catalogue.site(zone.site),
        zone=zone,
        customer=customer,
        group_id=deps.new_group_id(customer.locator),
        skips=order.repeat is not None and order.repeat.on_conflict == "skip",
    )


def _made_before(deps: Deps, request: GroupRequest) -> tuple[Booking, ...]:
    """The bookings and holds that an earlier run of a replayed request has made."""
    if deps.replay is None:
        return ()
    found = settle.each(deps, deps.bookings.of_group(request.group_id))
    customer, actor = request.customer, request.actor
    return tuple(each for each in found if decide.is_made_for(deps, customer, actor, each))


def _replayed(
    deps: Deps, request: GroupRequest, found: tuple[Booking, ...], refusal: errors.Refusal
) -> Group:
    """The group that an earlier run of a replayed request booked; its own bookings may be what is
    refused now. Holds of a run that crashed are deleted, and the group is booked again. Raises
    `refusal` where there is neither."""
    holds = [booking for booking in found if booking.status is Status.PENDING]
    if any(booking.was_made for booking in found):
        return Group(request.group_id, found, tuple(_unbooked(deps, request, found)))
    if len(holds) < len(found) or not (holds or request.skips):
        raise refusal
    _delete(deps, holds)
    return _book(deps, request)


def _unbooked(deps: Deps, request: GroupRequest, made: tuple[Booking, ...]) -> Iterator[Date]:
    """The dates that were skipped when the group was made."""
    now, booked = made[0].created_at, {booking.booked.start for booking in made}
    dates = group_dates.of(_first(request, now), request.order.repeat, request.site.tz)
    for each in group_dates.admitted(dates, site=request.site, zone=request.zone, now=now):
        if each.interval is None or each.interval.start not in booked:
            yield each if each.refusal else each.refused(_full(request.order))


def _first(request: GroupRequest, now: datetime) -> Interval:
    order = request.order
    return admission.requested_interval(
        request.zone.policy, now=now, start=order.start, end=order.end, minutes=order.minutes
    )


def _book(deps: Deps, request: GroupRequest) -> Group:
    user_id, method = request.customer.user_id, request.order.payment_method
    decide.require_paid_later(method)
    decide.require_no_code(request.order)
    decide.require_payable(deps, user_id, request.zone, method)

    def once() -> Group:
        with settle.before_quota_refusal(deps, user_id):
            return _book_once(deps, request)

    return deps.retry_on_conflict(once)


def _book_once(deps: Deps, request: GroupRequest) -> Group:
    decided = _decided(deps, request)
    made = tuple(_made(deps, request, decided))
    if decided.moves.saves and group.overflow(made, group.writes([decided.moves])):
        decided = _decided(deps, request, may_move=False)
        made = tuple(_made(deps, request, decided))
    missed = tuple(each for each in decided.dates if each.refusal)
    _require_enough(deps, request, decided, missed)
    tariffs = [(each.booking.tariff, each.booking.booked) for each in made]
    terms.require_price(tariffs, request.order.max_total, request.site.tz)
    limits = unproved.tallies(deps, request.customer.user_id, count=len(made))
    taken = [each.booking.booked for each in made]
    if offering.waitlist_comes_first(deps, request.zone, taken, decided.inventory):
        raise errors.StaleVersion()
    return Group(request.group_id, _commit(deps, request, made, limits, decided.moves), missed)


def _decided(deps: Deps, request: GroupRequest, *, may_move: bool = True) -> Decided:
    """The decision on each date. Others move (`may_move`) only where everything fits into one
    transaction."""
    now, zone, order = deps.now(), request.zone, request.order
    dates = group_dates.of(_first(request, now), order.repeat, request.site.tz)
    group.require_possible(order.quantity, len(dates), named=order.number is not None)
    allowed = group_dates.admitted(dates, site=request.site, zone=zone, now=now)
    choice, inventory = _choice(deps, request), group_places.inventory_of(deps, zone, allowed)
    decided = Decided(group_dates.placed(allowed, inventory, choice), inventory)
    if group_places.refused(decided.dates) > group_places.refused(allowed):
        settle.retry_if_freed(deps, zone, inventory.sheets, choice.numbers)
        if may_move:
            decided = group_places.by_moving(deps, zone, allowed, decided, choice)
    within = _within_allowances(deps, request, decided.dates)
    return replace(decided, dates=_within_quota(deps, request, within))


def _choice(deps: Deps, request: GroupRequest) -> Choice:
    order, zone = request.order, request.zone
    return Choice(
        decide.numbers_of(deps, order),
        order.quantity,
        deps.random_bits(30),
        _full(order),
        deadline.lookback(kind=zone.kind, policy=zone.policy),
        provisional=order.number is None,
    )


def _full(order: Order) -> errors.Conflict:
    """The refusal of a date on which too few spaces are free."""
    if order.number is not None:
        return errors.SpaceTaken()
    if order.quantity == 1:
        return errors.ZoneFull()
    return errors.ZoneFull(say("fewer_spaces_free", wanted=order.quantity))


def _within_quota(deps: Deps, request: GroupRequest, dates: Dates) -> Dates:
    """The dates of a series, refused beyond the quota of the customer: one read, in zones with a
    quota, and one query before a refusal. For a single date the transaction itself holds the quota.
    Raises StaleVersion where a booking that counted has ended."""
    quota, user_id = request.zone.policy.quota_per_user, request.customer.user_id
    if quota is None or user_id is None or request.order.repeat is None:
        return dates
    name = group.quota_of(request.zone.zone_id)
    room = quota - deps.tallies.get(request.customer.locator, name)
    allowed = group_dates.within(dates, room, quantity=request.order.quantity)
    if group_places.refused(allowed) > group_places.refused(dates):
        settle.retry_if_newest_ended(deps, user_id)
    return allowed


def _within_allowances(deps: Deps, request: GroupRequest, dates: Dates) -> Dates:
    """The dates of a series, refused beyond the allowances of the customer: a batch read for each
    hundred days and weeks, in zones with allowances."""
    user_id, locator, zone = request.customer.user_id, request.customer.locator, request.zone
    if user_id is None or request.order.repeat is None:
        return dates
    steps = partial(allowance.tallies, locator, zone.zone_id, zone.policy, tz=request.site.tz)
    names = [s.name for d in dates if d.interval and not d.refusal for s in steps(d.interval)]
    taken = deps.tallies.many(locator, names)
    return group_dates.within_allowances(dates, steps, taken, quantity=request.order.quantity)


def _require_enough(deps: Deps, request: GroupRequest, decided: Decided, missed: Dates) -> None:
    way_on = partial(group_places.with_way_on, deps, request.actor, request.order, decided)
    if missed and request.order.repeat is None:
        refusal = way_on(missed[0]).refusal
        assert refusal is not None
        raise refusal
    refused = any(not each.is_missing for each in missed)
    if (refused and not request.skips) or len(missed) == len(decided.dates):
        raise errors.DatesUnavailable([way_on(each).as_json for each in missed])


def _made(deps: Deps, request: GroupRequest, decided: Decided) -> Iterator[BookingChange]:
    """A booking for every date and space; its id carries its position in the group."""
    for each in decided.dates:
        for nth, number in enumerate(each.numbers):
            position = each.nth * request.order.quantity + nth
            yield _booking(deps, request, each, number, position, decided.inventory)


def _booking(
    deps: Deps, request: GroupRequest, date: Date, number: str, position: int, seen: Inventory
) -> BookingChange:
    assert date.interval is not None
    order, zone = request.order, request.zone
    agreed = terms.agree(zone.tariff, seen, date.interval, request.site.tz)
    return create.book(
        booking_id=ids.member_id(request.group_id, position),
        user_id=request.customer.user_id,
        zone=replace(zone, tariff=agreed),
        number=number,
        interval=date.interval,
        sheets=seen.sheets,
        by=request.actor,
        source=request.source,
        tz=request.site.tz,
        now=deps.now(),
        details=order.details,
        group_id=request.group_id,
        provisional=order.number is None,
    )


def _commit(
    deps: Deps,
    request: GroupRequest,
    made: tuple[BookingChange, ...],
    limits: tuple[Tally, ...],
    moves: Change,
) -> tuple[Booking, ...]:
    """Book all of `made` in one transaction, after holds for those that do not fit into it. With
    `moves` of others all fit."""
    later: tuple[BookingChange, ...] = ()
    held: tuple[Booking, ...] = ()
    try:
        while last := group.overflow(made, len(later)):
            hold = group.hold(made[-last:], now=deps.now())
            deps.commit(hold)
            later, held = (*made[-last:], *later), (*held, *hold.bookings)
            made = group.with_raised_versions(hold, made[:-last])
        change = group.book(request.group_id, made, later).counting(*limits)
        deps.commit(change.joined_with(moves))
    except errors.Conflict:
        _delete(deps, held)
        raise
    return tuple(sorted(change.bookings, key=lambda booking: booking.booking_id))


def _delete(deps: Deps, holds: Iterable[Booking]) -> None:
    """Delete the holds that are still there."""
    for part in group.parts(map(group.deleted, holds), group.MOST_FREED):
        with contextlib.suppress(errors.Conflict):
            deps.commit(group.joined(part))


def members(deps: Deps, actor: Actor, group_id: str) -> tuple[Booking, ...]:
    """The bookings of a group, earliest first, for their owner and the staff of their site: one
    query. Raises BookingNotFound."""
    found = settle.each(deps, deps.bookings.of_group(group_id))
    if not found:
        raise errors.BookingNotFound()
    access.require_party(actor, user_id=found[0].user_id, site=found[0].site)
    return found
