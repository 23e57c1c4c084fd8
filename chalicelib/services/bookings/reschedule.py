"""Changing a booking that has been made: its details, or its time (docs/rules/lifecycle.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.bookings import admission
from chalicelib.domain.bookings import reschedule as rules
from chalicelib.domain.bookings.booking import Booking, BookingChange, Guest
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.sites.site import Zone
from chalicelib.services.bookings import bookings, settle
from chalicelib.services.core import local_times
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import offering


@dataclass(frozen=True)
class Details:
    """What of a booking may be changed; None leaves it. Naive times are the site's."""

    vehicle_number: str | None = None
    owner_name: str | None = None
    purpose: str | None = None
    guests: tuple[Guest, ...] | None = None
    auto_renew: bool | None = None
    start: datetime | None = None
    end: datetime | None = None
    minutes: int | None = None
    nights: int | None = None

    @property
    def moves(self) -> bool:
        return any((self.start, self.end, self.minutes, self.nights))


def modify(
    deps: Deps, actor: Actor, booking_id: str, details: Details, *, source: Source = "api"
) -> Booking:
    """Change the details of a live booking, or move it where there is room. Raises AlreadyEnded,
    IllegalTransition, SpaceTaken and what `admission.check` refuses."""
    return deps.retry_on_conflict(lambda: _modify_once(deps, actor, booking_id, details, source))


def _modify_once(
    deps: Deps, actor: Actor, booking_id: str, details: Details, source: Source
) -> Booking:
    before = bookings.get(deps, actor, booking_id)
    booking = before.noting(_changed(details))
    if details.moves:
        change = _move(deps, actor, booking, details, source)
    else:
        change = booking.modified(by=actor, source=source, now=deps.now())
    if booking == before and change.booking.booked == before.booked:
        return before
    deps.commit(change)
    return change.booking


def _changed(details: Details) -> dict[str, object]:
    named = ("vehicle_number", "owner_name", "purpose", "guests", "auto_renew")
    return {name: getattr(details, name) for name in named if getattr(details, name) is not None}


def _move(
    deps: Deps, actor: Actor, booking: Booking, details: Details, source: Source
) -> BookingChange:
    now = deps.now()
    zone = deps.catalogue.zone(booking.zone_id)
    details = local_times.resolve(deps, zone, details, before=booking.booked)
    interval = _moved_interval(booking, details, zone, now)
    begun = booking.status is Status.ACTIVE
    admission.check(
        Interval(max(now, interval.start), interval.end) if begun else interval,
        site=deps.catalogue.site(booking.site),
        zone=zone,
        now=now,
    )
    sheets = bookings.read_sheets(deps, zone, _hull(interval, booking.occupied))
    if offering.waitlist_comes_first(deps, zone, booking.number, interval, sheets):
        raise errors.StaleVersion()
    try:
        return rules.move(
            booking, interval, by=actor, source=source, policy=zone.policy, sheets=sheets, now=now
        )
    except errors.SpaceTaken:
        if settle.in_the_way(deps, [s for s in sheets if s.number == booking.number], zone):
            raise errors.StaleVersion() from None
        raise


def _moved_interval(booking: Booking, details: Details, zone: Zone, now: datetime) -> Interval:
    if details.start is not None and booking.status is not Status.ACTIVE:
        length = None if details.end or details.minutes else booking.booked.minutes
        return admission.wanted(
            zone.policy,
            now=now,
            start=details.start,
            end=details.end,
            minutes=details.minutes or length,
        )
    start = details.start or booking.booked.start
    if details.end is not None and details.minutes is not None:
        raise errors.Invalid({"minutes": "give either minutes or end, not both"})
    end = details.end or start + timedelta(minutes=details.minutes or booking.booked.minutes)
    if end <= max(start, now):
        raise errors.Invalid({"end": "must be after start and in the future"})
    return Interval(start, end)


def _hull(one: Interval, other: Interval) -> Interval:
    return Interval(min(one.start, other.start), max(one.end, other.end))
