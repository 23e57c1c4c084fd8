"""Booking several spaces or dates at once (docs/rules/groups.md).

One query reads the sheets of all dates, because the sheets between two dates cost less to read
along than calls of their own (docs/decisions/groups.md).
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from datetime import datetime

from chalicelib.domain.bookings import admission, create, deadline, group, group_dates
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.group_dates import Choice, Date, Dates
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import access, errors, ids
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.occupancy.occupancy import Sheets
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.services.bookings import bookings, room_choice, settle
from chalicelib.services.bookings.bookings import Customer
from chalicelib.services.core import guest_name, local_times
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import offering


@dataclass(frozen=True)
class Group:
    """Bookings made together, earliest first, and the dates that could not be had."""

    group_id: str
    bookings: tuple[Booking, ...]
    missed: Dates = ()


@dataclass(frozen=True)
class GroupRequest:
    """An order with what it is about. Where it `skips`, dates that cannot be had are left out."""

    order: Order
    actor: Actor
    source: Source
    site: Site
    zone: Zone
    customer: Customer
    group_id: str
    skips: bool


def book(deps: Deps, actor: Actor, order: Order, *, source: Source = "api") -> Group:
    """Book all that is ordered or nothing: one query, and one transaction for up to 98 items.
    Raises DatesUnavailable where dates of a series cannot be had (all of them, if these may be
    skipped), QuotaReached, and what `bookings.book` refuses."""
    asked = _asked(deps, actor, order, source)
    try:
        # A repeated request skips nothing before it knows what it made the first time.
        return _book(deps, replace(asked, skips=False) if deps.replay else asked)
    except (errors.Conflict, errors.Invalid) as refusal:
        if deps.replay is not None:
            return _again(deps, asked, refusal)
        if isinstance(refusal, errors.AlreadyExists):
            return book(deps, actor, order, source=source)
        raise


def _asked(deps: Deps, actor: Actor, order: Order, source: Source) -> GroupRequest:
    zone = deps.catalogue.zone(order.zone_id)
    customer = bookings.customer_of(deps, actor, order, zone)
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


def _again(deps: Deps, asked: GroupRequest, refusal: errors.Refusal) -> Group:
    """What a repeated request made the first time, which may be what is in the way now. What a run
    that died has left behind is given up. Raises `refusal` where nothing speaks against it."""
    found = settle.each(deps, deps.bookings.of_group(asked.group_id))
    left = [booking for booking in found if booking.status is Status.PENDING]
    if any(booking.was_made for booking in found):
        return Group(asked.group_id, found, tuple(_unbooked(deps, asked, found)))
    if len(left) < len(found) or not (left or asked.skips):
        raise refusal
    _give_up(deps, left)
    return _book(deps, asked)


def _unbooked(deps: Deps, asked: GroupRequest, made: tuple[Booking, ...]) -> Iterator[Date]:
    """The dates that were skipped when the group was made."""
    now, had = made[0].created_at, {booking.booked.start for booking in made}
    dates = group_dates.of(_first(asked, now), asked.order.repeat, asked.site.tz)
    for each in group_dates.admitted(dates, site=asked.site, zone=asked.zone, now=now):
        if each.interval is None or each.interval.start not in had:
            yield each if each.refusal else each.refused(_full(asked.order))


def _first(asked: GroupRequest, now: datetime) -> Interval:
    order = asked.order
    return admission.requested_interval(
        asked.zone.policy, now=now, start=order.start, end=order.end, minutes=order.minutes
    )


def _book(deps: Deps, asked: GroupRequest) -> Group:
    if asked.customer.user_id is not None:
        bookings.require_nothing_owed(deps, asked.customer.user_id)
    bookings.require_payable(asked.zone, asked.order.payment_method)
    return deps.retry_on_conflict(lambda: _book_once(deps, asked))


def _book_once(deps: Deps, asked: GroupRequest) -> Group:
    dates, sheets = _decided(deps, asked)
    missed = tuple(each for each in dates if each.refusal)
    _require_enough(asked, dates, missed)
    made = tuple(_made(deps, asked, dates, sheets))
    if any(_is_waited_for(deps, asked.zone, each.booking, sheets) for each in made):
        raise errors.StaleVersion()
    return Group(asked.group_id, _commit(deps, asked, made), missed)


def _is_waited_for(deps: Deps, zone: Zone, made: Booking, sheets: Sheets) -> bool:
    return offering.waitlist_comes_first(deps, zone, made.number, made.booked, sheets)


def _decided(deps: Deps, asked: GroupRequest) -> tuple[Dates, Sheets]:
    """Every date with its spaces or with why not, and the sheets that said so."""
    now, zone, order = deps.now(), asked.zone, asked.order
    wanted = group_dates.of(_first(asked, now), order.repeat, asked.site.tz)
    group.require_possible(order.quantity, len(wanted), named=order.number is not None)
    allowed = group_dates.admitted(wanted, site=asked.site, zone=zone, now=now)
    choice, sheets = _choice(deps, asked), _sheets(deps, zone, allowed)
    placed = group_dates.placed(allowed, sheets, choice, now=now)
    if sum(bool(each.refusal) for each in placed) > sum(bool(each.refusal) for each in allowed):
        settle.retry_if_freed(deps, zone, sheets, choice.numbers)
    return _within_quota(deps, asked, placed), sheets


def _choice(deps: Deps, asked: GroupRequest) -> Choice:
    order, zone = asked.order, asked.zone
    numbers = bookings.numbers_of(deps, order)
    numbers = room_choice.in_service(deps, zone, order.start or deps.now(), numbers)
    lookback = deadline.longest_overstay(kind=zone.kind, policy=zone.policy)
    return Choice(
        numbers, order.quantity, deps.random_bits(30), _full(order), lookback, zone.paging
    )


def _full(order: Order) -> errors.Conflict:
    """What to say of a date on which there is no room."""
    if order.number is not None:
        return errors.SpaceTaken()
    if order.quantity == 1:
        return errors.ZoneFull()
    return errors.ZoneFull(f"Fewer than {order.quantity} spaces are free for that time.")


def _sheets(deps: Deps, zone: Zone, dates: Dates) -> Sheets:
    """The sheets from the first to the last of the dates that may be booked: one query."""
    intervals = [each.interval for each in dates if each.interval and not each.refusal]
    if not intervals:
        return ()
    return bookings.read_sheets(deps, zone, Interval(intervals[0].start, intervals[-1].end))


def _within_quota(deps: Deps, asked: GroupRequest, dates: Dates) -> Dates:
    """Those dates of a series refused that a quota has no room for: one read, where there is one.
    Without dates to choose from the transaction itself refuses."""
    quota = asked.zone.policy.quota_per_user
    if quota is None or asked.customer.user_id is None or asked.order.repeat is None:
        return dates
    name = group.quota_of(asked.zone.zone_id)
    room = quota - deps.tallies.get(asked.customer.locator, name)
    return group_dates.within(dates, room, quantity=asked.order.quantity)


def _require_enough(asked: GroupRequest, dates: Dates, missed: Dates) -> None:
    if missed and asked.order.repeat is None:
        assert missed[0].refusal is not None
        raise missed[0].refusal
    if missed and (not asked.skips or len(missed) == len(dates)):
        raise errors.DatesUnavailable([each.as_json for each in missed])


def _made(deps: Deps, asked: GroupRequest, dates: Dates, sheets: Sheets) -> Iterator[BookingChange]:
    """A booking for every date and space, under the id of its place in the group."""
    for each in dates:
        for nth, number in enumerate(each.numbers):
            position = each.nth * asked.order.quantity + nth
            yield _booking(deps, asked, each, number, position, sheets)


def _booking(
    deps: Deps, asked: GroupRequest, date: Date, number: str, position: int, sheets: Sheets
) -> BookingChange:
    assert date.interval is not None
    order = asked.order
    return create.book(
        booking_id=ids.member_id(asked.group_id, position),
        user_id=asked.customer.user_id,
        zone=asked.zone,
        number=number,
        interval=date.interval,
        sheets=sheets,
        by=asked.actor,
        source=asked.source,
        now=deps.now(),
        details=order.details,
        group_id=asked.group_id,
    )


def _commit(
    deps: Deps, asked: GroupRequest, made: tuple[BookingChange, ...]
) -> tuple[Booking, ...]:
    """Book all of `made` in one transaction, after holding in others what it has no room for."""
    later: tuple[BookingChange, ...] = ()
    held: tuple[Booking, ...] = ()
    try:
        while last := group.overflow(made, len(later)):
            hold = group.hold(made[-last:], now=deps.now())
            deps.commit(hold)
            later, held = (*made[-last:], *later), (*held, *hold.bookings)
            made = group.with_raised_versions(hold, made[:-last])
        change = group.book(asked.group_id, made, later)
        deps.commit(change)
    except errors.Conflict:
        _give_up(deps, held)
        raise
    return tuple(sorted(change.bookings, key=lambda booking: booking.booking_id))


def _give_up(deps: Deps, held: Iterable[Booking]) -> None:
    """Let go of what was held, as far as nobody else has seen to it."""
    for part in group.parts(map(group.given_up, held), group.MOST_FREED):
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
