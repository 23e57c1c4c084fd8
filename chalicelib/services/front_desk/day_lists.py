"""The day lists of a front desk. The sheets of a site's rooms name the bookings that hold them, so
a list costs one query a zone and one batch read, however many bookings the site has had."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.bookings import deadline
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import access, localtime
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.front_desk import day_lists as rules
from chalicelib.domain.front_desk.day_lists import DayList, SiteDay
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.services.bookings import settle
from chalicelib.services.core.deps import Deps


@dataclass(frozen=True)
class DayBookings:
    """The bookings of a day list, by room. `overstays` are the stays that outlast their booked end,
    by the space they are in."""

    site: Site
    day: SiteDay
    bookings: tuple[Booking, ...]
    overstays: Mapping[str, Booking]

    def late_guest_of(self, booking: Booking) -> Booking | None:
        """The overstay in the space of a guest who is still expected."""
        return self.overstays.get(booking.space_id) if booking.status is Status.BOOKED else None


@dataclass(frozen=True)
class TakenRoom:
    """One taken interval in the sheets of a zone: the number of the space, the holder, the time."""

    number: str
    holder: str
    interval: Interval


def of_day(
    deps: Deps, actor: Actor, slug: str, day_list: DayList, on: date | None = None
) -> DayBookings:
    """The list of a local date (default: today), by room: a query a zone and one batch read. For
    staff of the site. Raises Forbidden, SiteNotFound, Invalid for a date that does not exist."""
    site, day = site_day(deps, actor, slug, on)
    taken = taken_rooms(deps, site, localtime.day(_date_of_sheets(day_list, day), site.tz))
    holders = [each.holder for each in taken if _is_needed(each, day_list, day)]
    read = settle.each(deps, deps.bookings.many(holders))
    listed = _by_room(b for b in read if rules.belongs(b, day_list, day))
    late = {b.space_id: b for b in read if b.overstays(day.now)}
    return DayBookings(site, day, listed, late)


def _is_needed(taken: TakenRoom, day_list: DayList, day: SiteDay) -> bool:
    """Whether its booking may belong in the list, or be in the way of one that does."""
    late = day_list == "arrivals" and taken.interval.end <= day.now
    return late or rules.may_belong(taken.interval, day_list, day)


def _date_of_sheets(day_list: DayList, day: SiteDay) -> date:
    """The date whose sheets have the bookings of the list: the date itself, but for overstays not
    later than today."""
    return min(day.on, day.date_of(day.now)) if day_list == "overstays" else day.on


def site_day(deps: Deps, actor: Actor, slug: str, on: date | None = None) -> tuple[Site, SiteDay]:
    """A site and a local date (default: today), for staff of the site. Raises Forbidden,
    SiteNotFound."""
    access.require_works_at(actor, slug)
    site, now = deps.catalogue.site(slug), deps.now()
    return site, SiteDay(on or localtime.local_date(now, site.tz), site.tz, now)


def taken_rooms(deps: Deps, site: Site, interval: Interval) -> list[TakenRoom]:
    """The taken intervals in the rooms of a site (in its spaces, if it has no rooms) that overlap
    `interval` or are overdue."""
    zones = deps.catalogue.zones_of(site.slug)
    rooms = [zone for zone in zones if zone.kind == "room"]
    return [taken for zone in rooms or zones for taken in _of_zone(deps, zone, interval)]


def _of_zone(deps: Deps, zone: Zone, interval: Interval) -> Iterator[TakenRoom]:
    now = deps.now()
    lookback = deadline.lookback(kind=zone.kind, policy=zone.policy)
    window = occupancy.window(interval, zone.paging, now=now, lookback=lookback)
    held = occupancy.held(deps.sheets.of_zone(zone.zone_id, *window))
    for number, taken in held.items():
        for holder, taken_for in taken.items():
            if taken_for.overlaps(interval) or taken_for.end <= now:
                yield TakenRoom(number, holder, taken_for)


def _by_room(bookings: Iterable[Booking]) -> tuple[Booking, ...]:
    return tuple(sorted(bookings, key=lambda each: (each.zone_id, each.number, each.booked)))
