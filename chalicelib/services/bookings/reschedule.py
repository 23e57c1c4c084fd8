"""Changes of a booking: its details, or its time (docs/rules/lifecycle.md)."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from chalicelib.domain.bookings import admission, confirmation_steps, terms
from chalicelib.domain.bookings import reschedule as rules
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.details import UNCHANGED, DetailsEdit
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.sentence import say
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.occupancy.shortage import Want
from chalicelib.domain.sites.site import Zone
from chalicelib.services.bookings import bookings, free_space, settle, way_on
from chalicelib.services.bookings.free_space import Placement
from chalicelib.services.core import local_times, places
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import offering


@dataclass(frozen=True)
class BookingEdit:
    """What to change in a booking: its details, its time. None leaves a time as it is; naive times
    are the site's."""

    details: DetailsEdit = UNCHANGED
    start: datetime | None = None
    end: datetime | None = None
    minutes: int | None = None
    nights: int | None = None

    @property
    def moves(self) -> bool:
        """Whether it changes the time."""
        return any((self.start, self.end, self.minutes, self.nights))


def modify(
    deps: Deps, actor: Actor, booking_id: str, edit: BookingEdit, *, source: Source = "api"
) -> Booking:
    """Change the details of a live booking, or move it where there is room. Raises AlreadyEnded,
    IllegalTransition, SpaceTaken, QuotaReached and what `admission.check` refuses."""
    return deps.retry_on_conflict(lambda: _modify_once(deps, actor, booking_id, edit, source))


def _modify_once(
    deps: Deps, actor: Actor, booking_id: str, edit: BookingEdit, source: Source
) -> Booking:
    before = deps.as_expected(bookings.get(deps, actor, booking_id))
    booking = replace(before, details=edit.details.of(before.details))
    if edit.moves:
        change = _move(deps, actor, booking, edit, source)
    else:
        change = _with_renewal(deps, before, booking).modified(
            by=actor, source=source, now=deps.now()
        )
    if booking == before and change.booking.booked == before.booked:
        return before
    if confirmation_steps.has_new_reader(change.booking, deps.now()):
        policy = places.zone_of(deps, booking).policy
        change = confirmation_steps.remind_new_reader(
            change, policy=policy, source=source, now=deps.now()
        )
    deps.commit(change)
    return change.booking


def _with_renewal(deps: Deps, before: Booking, booking: Booking) -> Booking:
    """The booking with the next deadline of its stay, where its auto-renewal is turned on or
    off."""
    is_same = booking.details.auto_renew == before.details.auto_renew
    if is_same or booking.status is not Status.ACTIVE:
        return booking
    policy = places.zone_of(deps, booking).policy
    return replace(booking, deadline=booking.next_deadline(policy))


def _move(
    deps: Deps, actor: Actor, booking: Booking, edit: BookingEdit, source: Source
) -> BookingChange:
    now = deps.now()
    zone = deps.catalogue.zone(booking.zone_id)
    edit = local_times.resolve(deps, zone, edit, before=booking.booked)
    interval = _moved_interval(booking, edit, zone, now)
    if interval == booking.booked:
        return booking.modified(by=actor, source=source, now=now)
    begun, site = booking.status is Status.ACTIVE, deps.catalogue.site(booking.site)
    admission.check_move(booking.booked, interval, begun=begun, site=site, zone=zone, now=now)
    rules.require_may_move(booking, interval)
    place = _place(deps, actor, zone, booking, interval)
    if offering.waitlist_comes_first(deps, zone, [interval], place.inventory):
        raise errors.StaleVersion()
    tariff = booking.tariff
    if interval.start != booking.booked.start:
        others = place.inventory.without(booking.holder)
        tariff = terms.agree(tariff, others, interval, site.tz)
    tracked = begun and zone.policy.tracks_turnover
    change = rules.move(
        booking,
        interval,
        by=actor,
        source=source,
        policy=zone.policy,
        tz=site.tz,
        sheets=place.sheets,
        now=now,
        room=deps.rooms.get(booking.zone_id, booking.number) if tracked else None,
        number=None if place.number == booking.number else place.number,
        tariff=tariff,
    )
    return change.joined_with(place.moves)


def _place(deps: Deps, actor: Actor, zone: Zone, booking: Booking, interval: Interval) -> Placement:
    """The space for a booking at another time: its own if it is free, or can be made free by moving
    others; for a booking that has named none any other. Raises SpaceTaken, and StaleVersion where
    settling overdue bookings freed time."""
    own, number = booking.holder, booking.number
    hull = _hull(interval, booking.occupied)
    inventory = free_space.read(deps, zone, hull, by_condition=False)
    if inventory.without(own).free(interval, (number,)):
        return Placement.direct(number, inventory)
    settle.retry_if_freed(deps, zone, inventory.sheets, inventory.numbers)
    among: tuple[str, ...] = (number,)
    if booking.is_space_provisional:
        among, inventory = inventory.numbers, free_space.with_condition(deps, zone, inventory)
        if others := inventory.without(own).free(interval, among):
            number = free_space.choose(deps, inventory, interval, others)
            return Placement.direct(number, inventory)
    found = free_space.by_moving(deps, zone, inventory, interval, among, leaving=own)
    if found is None:
        free_space.require_current(booking, inventory.sheets)
        want = Want(interval, among)
        raise way_on.explained(deps, actor, zone, want, inventory, errors.SpaceTaken(), leaving=own)
    return found


def _moved_interval(booking: Booking, edit: BookingEdit, zone: Zone, now: datetime) -> Interval:
    """The time an edit asks for. A start that stays is not judged anew, even where it is past."""
    before = booking.booked
    if edit.start not in (None, before.start) and booking.status is not Status.ACTIVE:
        length = None if edit.end or edit.minutes else before.minutes
        return admission.requested_interval(
            zone.policy,
            now=now,
            start=edit.start,
            end=edit.end,
            minutes=edit.minutes or length,
        )
    start = edit.start or before.start
    if edit.end is not None and edit.minutes is not None:
        raise errors.Invalid({"minutes": say("give_minutes_or_end")})
    end = edit.end or start + timedelta(minutes=edit.minutes or before.minutes)
    if end <= max(start, now):
        raise errors.Invalid({"end": say("must_be_after_start_and_now")})
    return Interval(start, end)


def _hull(one: Interval, other: Interval) -> Interval:
    return Interval(min(one.start, other.start), max(one.end, other.end))
