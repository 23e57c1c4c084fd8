"""Refusals for want of space with a way on: the time in the way, the next free one, the waitlist.
Computed only where a request is refused, from the sheets that were read for it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Final

from chalicelib.domain.bookings import admission
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors, ids, localtime
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.interval import Interval, gaps
from chalicelib.domain.core.sentence import At, Sentence, joined, say
from chalicelib.domain.occupancy import occupancy, way_on
from chalicelib.domain.occupancy.occupancy import Sheets
from chalicelib.domain.occupancy.periods import Paging
from chalicelib.domain.occupancy.way_on import Want
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.services.bookings import free_space
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps

NIGHTS_TRIED: Final = 31
"""Later arrivals that are tried for a room."""


def explained(
    deps: Deps, actor: Actor, zone: Zone, want: Want, sheets: Sheets, refusal: errors.NoRoom
) -> errors.NoRoom:
    """The refusal of `want` in `zone` with the way on. Staff of the site read which bookings are in
    the way, never customers."""
    now, site = deps.now(), deps.catalogue.site(zone.site)
    full = way_on.full_during(want, sheets, now=now)
    free = next_free(deps, zone, want, sheets)
    waitlist = zone.policy.waitlist and want.interval.start > now
    way = errors.WayOn(
        taken=_shown(full),
        next_free=_shown(free),
        waitlist=waitlist,
        text=joined(*_sentences(site, full, free, waitlist=waitlist, now=now)),
    )
    found = [each for each in way_on.holders(want, sheets, now=now) if ids.booking_key(each)]
    return refusal.with_way(way, in_the_way=found if actor.works_at(zone.site) else None)


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
    free = next_free(deps, zone, want, inventory.sheets)
    site = places.site_of(deps, booking)
    further = joined(*_sentences(site, None, free, waitlist=zone.policy.waitlist, now=now))
    return refusal.with_way(_shown(free), further, waitlist=zone.policy.waitlist)


def next_free(deps: Deps, zone: Zone, want: Want, sheets: Sheets) -> Interval | None:
    """The next time of the same length, later than the wanted one, that is free and open and within
    the periods of `sheets`; in a zone of rooms of as many nights. None where there is none."""
    site = deps.catalogue.site(zone.site)
    until = _end_of_page(zone.paging, want.interval)
    starts = (
        _later_arrivals(want, site, until)
        if zone.kind == "room"
        else iter(
            way_on.free_starts(
                want, sheets, _open_parts(site, zone, want.interval.start, until), now=deps.now()
            )
        )
    )
    for interval in _intervals(want, site, starts, zone):
        if _fits(deps, zone, site, want, sheets, interval):
            return interval
    return None


def _fits(
    deps: Deps, zone: Zone, site: Site, want: Want, sheets: Sheets, interval: Interval
) -> bool:
    free = occupancy.free(want.numbers, sheets, interval, now=deps.now())
    return bool(free) and admission.is_open(interval, site=site, zone=zone)


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
    site: Site, full: Interval | None, free: Interval | None, *, waitlist: bool, now: datetime
) -> Iterator[Sentence]:
    if full is not None:
        start, end = _ends(full, site, now)
        yield say("taken_from", start=start, end=end)
    if free is not None:
        start, end = _ends(free, site, now)
        yield say("next_free_time", start=start, end=end)
    if waitlist:
        yield say("can_join_waitlist")


def _ends(interval: Interval, site: Site, now: datetime) -> tuple[At, At]:
    return At(interval.start, site.tz, now), At(interval.end, site.tz, interval.start)
