"""Refusals for want of space with a way on: the time in the way, the next free one, the waitlist.
Computed only where a request is refused, from the sheets that were read for it; a time for which
others would move is looked up as a booking would be."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from functools import partial
from itertools import takewhile
from typing import Final

from chalicelib.domain.bookings import admission
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors, ids, localtime
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.interval import Interval, gaps
from chalicelib.domain.core.sentence import At, Sentence, joined, say
from chalicelib.domain.occupancy import shortage
from chalicelib.domain.occupancy.inventory import Inventory
from chalicelib.domain.occupancy.periods import Paging
from chalicelib.domain.occupancy.shortage import Want
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.services.bookings import free_space, room_choice
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps

NIGHTS_TRIED: Final = 31
"""Later arrivals that are tried for a room."""


def explained(
    deps: Deps,
    actor: Actor,
    zone: Zone,
    want: Want,
    inventory: Inventory,
    refusal: errors.NoRoom,
    *,
    leaving: str | None = None,
    names_next: bool = True,
    others: Sequence[str] = (),
) -> errors.NoRoom:
    """The refusal of `want` in `zone` with the way on; `leaving` is a holder that gives up what it
    has, `others` are spaces to have instead. Staff of the site read which bookings are in the way,
    never customers."""
    now, site = deps.now(), deps.catalogue.site(zone.site)
    sheets = free_space.without(inventory, leaving).sheets
    full = shortage.full_during(want, sheets, now=now)
    free = next_free(deps, zone, want, inventory, leaving=leaving) if names_next else None
    waitlist = zone.policy.waitlist and want.interval.start > now
    way = errors.WayOn(
        taken=_shown(full),
        next_free=_shown(free),
        waitlist=waitlist,
        text=joined(*_sentences(site, full, free, waitlist=waitlist, now=now, others=others)),
        free_spaces=others,
    )
    found = [each for each in shortage.holders(want, sheets, now=now) if ids.booking_key(each)]
    return refusal.with_way(way, in_the_way=found if actor.works_at(zone.site) else None)


def other_spaces(
    deps: Deps, zone: Zone, booking: Booking, interval: Interval, inventory: Inventory
) -> tuple[str, ...]:
    """The spaces that a booking could have instead for `interval` as things stand, for a guest who
    is inside only ready ones: at most MOST_NAMED. For today one query, in a zone with turnover."""
    if room_choice.matters(deps, zone, interval.start):
        inventory = free_space.with_condition(deps, zone, inventory)
    free = inventory.without(booking.holder).free(interval, inventory.numbers)
    is_inside = booking.status is Status.ACTIVE
    fitting = (n for n in free if not (is_inside and n in inventory.unready))
    return tuple(n for n in fitting if n != booking.number)[: errors.MOST_NAMED]


def instead(deps: Deps, booking: Booking, refusal: errors.AlreadyEnded) -> errors.AlreadyEnded:
    """The refusal of a step on a booking that was cancelled, with the way to its time or another
    one: one query. Without a way on where that time has begun or the zone is gone."""
    zone, now, wanted = places.zone_of(deps, booking), deps.now(), booking.booked
    if wanted.start <= now or not admission.is_open(
        wanted, site=places.site_of(deps, booking), zone=zone
    ):
        return refusal
    inventory = free_space.read(deps, zone, wanted)
    want = Want(wanted, inventory.numbers)
    if free_space.find(deps, zone, inventory, wanted, want.numbers):
        return refusal.with_way(_shown(wanted), say("time_still_free"))
    free = next_free(deps, zone, want, inventory)
    site = places.site_of(deps, booking)
    further = joined(*_sentences(site, None, free, waitlist=zone.policy.waitlist, now=now))
    return refusal.with_way(_shown(free), further, waitlist=zone.policy.waitlist)


def next_free(
    deps: Deps, zone: Zone, want: Want, inventory: Inventory, *, leaving: str | None = None
) -> Interval | None:
    """The next time of the same length, later than the wanted one, for which a booking would find
    space, open and within the periods of the sheets; in a zone of rooms of as many nights. None
    where there is none. Reads only where others have to move: what `first_by_moving` does."""
    later = list(_later(deps, zone, want, free_space.without(inventory, leaving)))
    is_free = partial(_is_free, want, free_space.without(inventory, leaving))
    free = next(filter(is_free, later), None)
    earlier = takewhile(lambda each: each != free, later)
    by_moving = free_space.first_by_moving(
        deps, zone, inventory, earlier, want.numbers, quantity=want.quantity, leaving=leaving
    )
    return by_moving or free


def _is_free(want: Want, inventory: Inventory, interval: Interval) -> bool:
    return len(inventory.free(interval, want.numbers)) >= want.quantity


def _later(deps: Deps, zone: Zone, want: Want, inventory: Inventory) -> Iterator[Interval]:
    """The wanted time at later starts at which the zone is open, the earliest first."""
    site = deps.catalogue.site(zone.site)
    until = _end_of_page(zone.paging, want.interval)
    if zone.kind == "room":
        starts = _later_arrivals(want, site, until)
    else:
        parts = _open_parts(site, zone, want.interval.start, until)
        starts = iter(shortage.later_starts(want, inventory, parts))
    for interval in _intervals(want, site, starts, zone):
        if admission.is_open(interval, site=site, zone=zone):
            yield interval


def _intervals(
    want: Want, site: Site, starts: Iterator[datetime], zone: Zone
) -> Iterator[Interval]:
    """The wanted time at later starts; a room keeps the hours of its arrival and departure."""
    first = localtime.local_date(want.interval.start, site.tz)
    for start in starts:
        if zone.kind != "room":
            yield Interval(start, start + want.interval.duration)
            continue
        days = localtime.local_date(start, site.tz) - first
        yield Interval(start, _days_later(want.interval.end, days, site))


def _later_arrivals(want: Want, site: Site, until: datetime) -> Iterator[datetime]:
    for days in range(1, NIGHTS_TRIED + 1):
        start = _days_later(want.interval.start, timedelta(days=days), site)
        if _days_later(want.interval.end, timedelta(days=days), site) > until:
            return
        yield start


def _days_later(instant: datetime, days: timedelta, site: Site) -> datetime:
    """The same hour on the clock of the site, some days later; where a clock change skips it, the
    moment of that change."""
    minute = localtime.minute_of_day(instant, site.tz)
    on = localtime.local_date(instant, site.tz) + days
    return localtime.from_minute(on, minute, site.tz) + timedelta(seconds=instant.second)


def _open_parts(site: Site, zone: Zone, since: datetime, until: datetime) -> Iterator[Interval]:
    if since >= until:
        return
    within = Interval(since, until)
    closed = [each.interval for each in admission.blackouts_in(within, site=site, zone=zone)]
    for part in admission.hours_of(site, zone).open_within(within, site.tz):
        yield from gaps(part, closed)


def _end_of_page(paging: Paging, interval: Interval) -> datetime:
    """The end of the last page of the sheets of `interval`."""
    first = date.fromisoformat(f"{paging.pages(interval)[-1]}-01"[:10])
    later = first + timedelta(days=1 if paging is Paging.DAY else 32)
    last = later if paging is Paging.DAY else later.replace(day=1)
    return datetime.combine(last, time.min, UTC)


def _shown(interval: Interval | None) -> dict[str, str] | None:
    if interval is None:
        return None
    return {"start": localtime.iso(interval.start), "end": localtime.iso(interval.end)}


def _sentences(
    site: Site,
    full: Interval | None,
    free: Interval | None,
    *,
    waitlist: bool,
    now: datetime,
    others: Sequence[str] = (),
) -> Iterator[Sentence]:
    if full is not None:
        start, end = _ends(full, site, now)
        yield say("taken_from", start=start, end=end)
    if free is not None:
        start, end = _ends(free, site, now)
        yield say("next_free_time", start=start, end=end)
    if waitlist:
        yield say("can_join_waitlist")
    if others:
        yield say("free_instead", numbers=tuple(others))


def _ends(interval: Interval, site: Site, now: datetime) -> tuple[At, At]:
    return At(interval.start, site.tz, now), At(interval.end, site.tz, interval.start)
