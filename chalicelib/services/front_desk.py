"""The front desk's reads. The sheets of a site's rooms name whoever holds them, so a list is one
query a zone and one batch read, however many bookings the site has had."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Final

from chalicelib.domain import access, deadline, desk, errors, ids, localtime, occupancy
from chalicelib.domain.access import Actor
from chalicelib.domain.booking import Booking
from chalicelib.domain.desk import Day, Question
from chalicelib.domain.interval import Interval
from chalicelib.domain.site import Site, Zone
from chalicelib.services import settle
from chalicelib.services.deps import Deps

SEARCHED: Final = timedelta(days=31)
"""A search looks at whoever is inside or arrives within this."""

MOST_SEARCHED: Final = 500
"""Bookings read for a search by name, earliest first: five batch reads."""


@dataclass(frozen=True)
class Found:
    """Bookings of a site, by room, and the day they were asked for."""

    site: Site
    day: Day
    bookings: tuple[Booking, ...]


@dataclass(frozen=True)
class Hold:
    """What the sheets of a zone say of one holder."""

    number: str
    holder: str
    interval: Interval


def of_day(
    deps: Deps, actor: Actor, slug: str, question: Question, on: date | None = None
) -> Found:
    """Who answers a question about a local date (today, where absent), by room: a query a zone and
    one batch read. For those who work there. Raises Forbidden, SiteNotFound, Invalid for a date
    there is not."""
    site, day = _asked(deps, actor, slug, on)
    holds = _holds(deps, site, localtime.day(day.on, site.tz))
    wanted = [hold.holder for hold in holds if desk.may_concern(hold.interval, question, day)]
    read = settle.each(deps, deps.bookings.many(wanted))
    return Found(site, day, _by_room(b for b in read if desk.concerns(b, question, day)))


def search(deps: Deps, actor: Actor, slug: str, wanted: str) -> Found:
    """The booking of that id; otherwise the live ones of that room, guest or plate, of those who
    are inside or come within `SEARCHED`: a query a zone and a batch read for each hundred. For
    those who work there. Raises Forbidden, SiteNotFound, Invalid for blanks."""
    site, day = _asked(deps, actor, slug, None)
    if not wanted.strip():
        raise errors.Invalid({"q": "must say whom to look for"})
    if ids.booking_key(wanted) is not None:
        return Found(site, day, _one(deps, site, wanted))
    holds = _holds(deps, site, Interval(day.now, day.now + SEARCHED))
    in_room = [hold for hold in holds if hold.number.casefold() == wanted.casefold()]
    first = sorted(in_room or holds, key=lambda hold: hold.interval)[:MOST_SEARCHED]
    read = settle.each(deps, deps.bookings.many(hold.holder for hold in first))
    return Found(site, day, _by_room(b for b in read if b.is_live and desk.is_about(b, wanted)))


def _asked(deps: Deps, actor: Actor, slug: str, on: date | None) -> tuple[Site, Day]:
    access.require_works_at(actor, slug)
    site, now = deps.catalogue.site(slug), deps.now()
    return site, Day(on or localtime.local_date(now, site.tz), site.tz, now)


def _holds(deps: Deps, site: Site, interval: Interval) -> list[Hold]:
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


def _one(deps: Deps, site: Site, booking_id: str) -> tuple[Booking, ...]:
    try:
        booking = settle.read(deps, booking_id)
    except errors.BookingNotFound:
        return ()
    return (booking,) if booking.site == site.slug else ()


def _by_room(bookings: Iterable[Booking]) -> tuple[Booking, ...]:
    return tuple(sorted(bookings, key=lambda each: (each.zone_id, each.number, each.booked)))
