"""Availability: the free spaces of a zone now, for an interval, or over a local day.

Overdue stays are settled first, so the answer is right to the second even if no sweep has run
(docs/rules/lifecycle.md, One deadline).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from chalicelib.domain.bookings import admission, terms
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.core import errors, listing, localtime
from chalicelib.domain.core.interval import Interval, gaps
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.core.sentence import say
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.inventory import Inventory
from chalicelib.domain.pricing.demand import PLAIN
from chalicelib.domain.sites.blackout import Blackout
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.services.bookings import free_space, settle
from chalicelib.services.core import local_times
from chalicelib.services.core.deps import Deps

LONGEST = timedelta(days=366)
"""The longest interval of a request."""


MOST_ZONES: Final = 100
"""Zones that a form offers."""


@dataclass(frozen=True)
class Vacancy:
    """The numbers of the spaces of a zone that can be had for `interval`, of `total` spaces. Each
    can be booked by its number; where one alone is left, others may have to move for it. Prices
    count at `demand_percent`."""

    site: Site
    zone: Zone
    interval: Interval
    total: int
    free: tuple[str, ...]
    demand_percent: int = PLAIN

    @property
    def blackouts(self) -> tuple[Blackout, ...]:
        """The blackouts that overlap the interval."""
        return admission.blackouts_in(self.interval, site=self.site, zone=self.zone)


@dataclass(frozen=True)
class FreeDay:
    """The free intervals of each space of a zone, by number, over a local day."""

    site: Site
    zone: Zone
    on: date
    day: Interval
    free: dict[str, tuple[Interval, ...]]

    @property
    def blackouts(self) -> tuple[Blackout, ...]:
        """The blackouts that overlap the day."""
        return admission.blackouts_in(self.day, site=self.site, zone=self.zone)


def of_interval(
    deps: Deps, zone_id: str, *, start: datetime | None, end: datetime | None
) -> Vacancy:
    """The free spaces of a zone from `start` (default: now) to `end` (default: after the default
    duration of the zone). Naive times and dates are those of the site. One query, for rooms today
    one more; where nothing is free, what `free_space.by_moving` reads. Raises ZoneNotFound,
    Invalid."""
    zone = open_zone(deps, zone_id)
    order = local_times.resolve(deps, zone, Order(zone_id, start=start, end=end))
    interval = admission.requested_interval(
        zone.policy, now=deps.now(), start=order.start, end=order.end
    )
    if interval.duration > LONGEST:
        raise errors.Invalid({"end": say("must_be_days_after_start", most=LONGEST.days)})
    return _vacancy(deps, zone, interval)


def now_in(deps: Deps, zone: Zone) -> Vacancy:
    """The free spaces of a zone from now on for its default duration: one query."""
    return _vacancy(deps, zone, _from_now(deps, zone))


def without_settling(deps: Deps, zone: Zone) -> Vacancy:
    """The free spaces of a zone from now on, for events: it only reads and settles nothing."""
    return _vacancy(deps, zone, _from_now(deps, zone), settles=False)


def _from_now(deps: Deps, zone: Zone) -> Interval:
    now = deps.now()
    return Interval(now, now + timedelta(minutes=zone.policy.default_duration))


def of_day(deps: Deps, zone_id: str, on: date) -> FreeDay:
    """The free intervals of the spaces of a zone on a local day (23, 24 or 25 hours), within its
    opening hours and from now on: one query, and for rooms today one more. Rooms out of service or
    with an overstay have none, other spaces with an overstay nothing that begins now. Raises
    ZoneNotFound, Invalid."""
    zone = open_zone(deps, zone_id)
    site = deps.catalogue.site(zone.site)
    day = localtime.day(on, site.tz)
    rest = _rest_of(day, deps.now())
    if rest is None:
        return FreeDay(site, zone, on, day, dict.fromkeys(deps.catalogue.numbers(zone.zone_id), ()))
    inventory = _settled(deps, zone, rest)
    taken, numbers = occupancy.held(inventory.sheets), inventory.numbers
    usable = frozenset(inventory.in_service(rest.start, numbers))
    open_parts = list(_open_parts(site, zone, rest))
    free = {
        number: tuple(_free_parts(open_parts, taken.get(number, {}).values(), deps.now()))
        for number in numbers
        if number in usable
    }
    return FreeDay(site, zone, on, day, {number: free.get(number, ()) for number in numbers})


def open_sites(deps: Deps, *, limit: int, after: str | None) -> Listing[Site]:
    """The sites that take bookings, by slug: one query."""
    found = deps.catalogue.sites(limit=limit, after=after)
    return Listing(tuple(site for site in found.records if site.active), found.after)


def open_site(deps: Deps, slug: str) -> Site:
    """A site that takes bookings. Raises SiteNotFound."""
    site = deps.catalogue.site(slug)
    if not site.active:
        raise errors.SiteNotFound()
    return site


def parking_zones(deps: Deps) -> tuple[Zone, ...]:
    """The first zones to park in, by id: one query."""
    zones = deps.catalogue.zones(limit=MOST_ZONES).records
    return tuple(z for z in zones if z.kind == "parking" and _takes_bookings(deps, z))


def open_zone(deps: Deps, zone_id: str) -> Zone:
    """A zone that takes bookings, at a site that does. Raises ZoneNotFound."""
    zone = deps.catalogue.zone(zone_id)
    if not _takes_bookings(deps, zone):
        raise errors.ZoneNotFound()
    return zone


def of_site(deps: Deps, slug: str) -> tuple[Vacancy, ...]:
    """The free spaces now in each zone of a site that takes bookings: a query a zone. Raises
    SiteNotFound."""
    zones = deps.catalogue.zones_of(open_site(deps, slug).slug)
    return tuple(now_in(deps, zone) for zone in zones if zone.active)


def of_zones(deps: Deps, site: str | None, *, limit: int, after: str | None) -> Listing[Vacancy]:
    """The free spaces now in the zones that take bookings, of one site or of all: one query for the
    page and one a zone. Raises SiteNotFound."""
    if site is None:
        found = deps.catalogue.zones(limit=limit, after=after)
    else:
        zones = deps.catalogue.zones_of(open_site(deps, site).slug)
        found = listing.page(zones, lambda zone: zone.zone_id, limit=limit, after=after)
    return Listing(
        tuple(now_in(deps, zone) for zone in found.records if _takes_bookings(deps, zone)),
        found.after,
    )


def _takes_bookings(deps: Deps, zone: Zone) -> bool:
    return zone.active and deps.catalogue.site(zone.site).active


def _vacancy(deps: Deps, zone: Zone, interval: Interval, *, settles: bool = True) -> Vacancy:
    site = deps.catalogue.site(zone.site)
    numbers = deps.catalogue.numbers(zone.zone_id)
    if not admission.is_open(interval, site=site, zone=zone):
        return Vacancy(site, zone, interval, len(numbers), ())
    inventory = (_settled if settles else free_space.read)(deps, zone, interval)
    percent = terms.demand_percent(zone.tariff, inventory, interval)
    free = _free(deps, zone, inventory, interval)
    return Vacancy(site, zone, interval, len(numbers), free, percent)


def _free(deps: Deps, zone: Zone, inventory: Inventory, interval: Interval) -> tuple[str, ...]:
    """The free spaces; where there is none, the one that others would make free by moving."""
    if free := inventory.free(interval, inventory.numbers):
        return free
    found = free_space.by_moving(deps, zone, inventory, interval, inventory.numbers)
    return () if found is None else (found.number,)


def _settled(deps: Deps, zone: Zone, interval: Interval) -> Inventory:
    inventory = free_space.read(deps, zone, interval)
    freed = settle.obstacles(deps, inventory.sheets, zone)
    return free_space.read(deps, zone, interval) if freed else inventory


def _rest_of(day: Interval, now: datetime) -> Interval | None:
    return day.starting(max(day.start, now)) if now < day.end else None


def _open_parts(site: Site, zone: Zone, within: Interval) -> Iterator[Interval]:
    blackouts = admission.blackouts_in(within, site=site, zone=zone)
    closed = [blackout.interval for blackout in blackouts]
    for part in admission.hours_of(site, zone).open_within(within, site.tz):
        yield from gaps(part, closed)


def _free_parts(
    parts: Iterable[Interval], taken: Iterable[Interval], now: datetime
) -> Iterator[Interval]:
    """What is free of `parts` beside what is taken. Where a stay is overdue, a booking that begins
    now is refused and a later one is not: the space is free from the next minute on."""
    busy = tuple(taken)
    overdue = any(each.end <= now for each in busy)
    since = now.replace(second=0) + timedelta(minutes=1) if overdue else now
    for part in parts:
        if since < part.end:
            yield from gaps(part.starting(max(part.start, since)), busy)
