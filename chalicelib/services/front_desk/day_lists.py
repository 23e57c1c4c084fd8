"""The front desk's reads. The sheets of a site's rooms name whoever holds them, so a list is one
query a zone and one batch read, however many bookings the site has had."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date

from chalicelib.domain.bookings import deadline
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import access, localtime
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.front_desk import day_lists
from chalicelib.domain.front_desk.day_lists import Question, SiteDay
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.services.bookings import settle
from chalicelib.services.core.deps import Deps


@dataclass(frozen=True)
class DayBookings:
    """Bookings of a site, by room, and the day they were asked for."""

    site: Site
    day: SiteDay
    bookings: tuple[Booking, ...]


@dataclass(frozen=True)
class Hold:
    """What the sheets of a zone say of one holder."""

    number: str
    holder: str
    interval: Interval


def of_day(
    deps: Deps, actor: Actor, slug: str, question: Question, on: date | None = None
) -> DayBookings:
    """Who answers a question about a local date (today, where absent), by room: a query a zone and
    one batch read. For those who work there. Raises Forbidden, SiteNotFound, Invalid for a date
    there is not."""
    site, day = asked(deps, actor, slug, on)
    holds = holding(deps, site, localtime.day(_looked_at(question, day), site.tz))
    wanted = [hold.holder for hold in holds if day_lists.may_concern(hold.interval, question, day)]
    read = settle.each(deps, deps.bookings.many(wanted))
    return DayBookings(site, day, _by_room(b for b in read if day_lists.concerns(b, question, day)))


def _looked_at(question: Question, day: SiteDay) -> date:
    """The date whose sheets name who may answer: whoever outstays stands in today's."""
    return min(day.on, day.date_of(day.now)) if question == "overstays" else day.on


def asked(deps: Deps, actor: Actor, slug: str, on: date | None = None) -> tuple[Site, SiteDay]:
    """The site and the local date (today, where absent) that somebody who works there asks about.
    Raises Forbidden, SiteNotFound."""
    access.require_works_at(actor, slug)
    site, now = deps.catalogue.site(slug), deps.now()
    return site, SiteDay(on or localtime.local_date(now, site.tz), site.tz, now)


def holding(deps: Deps, site: Site, interval: Interval) -> list[Hold]:
    """Who holds the rooms of a site (its spaces, where it has no rooms) during `interval`, or
    still stands there."""
    zones = deps.catalogue.zones_of(site.slug)
    rooms = [zone for zone in zones if zone.kind == "room"]
    return [hold for zone in rooms or zones for hold in _of_zone(deps, zone, interval)]


def _of_zone(deps: Deps, zone: Zone, interval: Interval) -> Iterator[Hold]:
    now = deps.now()
    lookback = deadline.longest_overstay(kind=zone.kind, policy=zone.policy)
    window = occupancy.window(interval, zone.paging, now=now, lookback=lookback)
    held = occupancy.held(deps.sheets.of_zone(zone.zone_id, *window))
    for number, taken in held.items():
        for holder, taken_for in taken.items():
            if taken_for.overlaps(interval) or taken_for.end <= now:
                yield Hold(number, holder, taken_for)


def _by_room(bookings: Iterable[Booking]) -> tuple[Booking, ...]:
    return tuple(sorted(bookings, key=lambda each: (each.zone_id, each.number, each.booked)))
