"""Lists of bookings: a customer's own, a site's, and what is going on right now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.bookings import deadline
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import access, errors
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.services.bookings import book_group, settle
from chalicelib.services.core import current_site
from chalicelib.services.core.deps import Deps
from chalicelib.store import bookings

LOOK_AHEAD = 100
"""Bookings read for one page when filters apply, so that a page is still one query. A filtered
page may hold fewer than asked for, and a cursor all the same."""

LONGEST_LIST = timedelta(days=366)
CURRENT_PAGE = 100
CURRENT_PAGES = 10
"""The newest bookings in which a customer's live ones are looked for: a thousand, one query a
hundred."""


@dataclass(frozen=True)
class Filters:
    """Which bookings are wanted; the span is about their booked start."""

    status: Status | None = None
    since: datetime | None = None
    until: datetime | None = None
    zone_id: str | None = None
    group_id: str | None = None

    @property
    def any(self) -> bool:
        return (self.status, self.since, self.until, self.zone_id) != (None, None, None, None)

    def pass_(self, booking: Booking) -> bool:
        """Whether the booking is wanted."""
        return (
            (self.status is None or booking.status is self.status)
            and (self.zone_id is None or booking.zone_id == self.zone_id)
            and (self.since is None or booking.booked.start >= self.since)
            and (self.until is None or booking.booked.start < self.until)
        )


def own(
    deps: Deps, actor: Actor, filters: Filters, *, limit: int, after: str | None
) -> Listing[Booking]:
    """The actor's own bookings, newest first: one query, and a transaction for each that time has
    overtaken."""
    page = deps.bookings.of_owner(
        actor.locator, limit=LOOK_AHEAD if filters.any else limit, after=after
    )
    return _wanted(deps, page, filters, limit)


def listed(
    deps: Deps, actor: Actor, site: str | None, filters: Filters, *, limit: int, after: str | None
) -> Listing[Booking]:
    """Those of a group, to whom they concern. Otherwise customers and admins get their own
    bookings, or those of `site`; staff those of `site`, of the zone they filter by, or of their one
    site. Raises Invalid where that is not clear, BookingNotFound for a group."""
    if filters.group_id is not None:
        return _of_group(deps, actor, filters.group_id, filters, limit=limit, after=after)
    named = site or _site_meant(deps, actor, filters)
    if named is None:
        return own(deps, actor, filters, limit=limit, after=after)
    return at_site(deps, actor, named, filters, limit=limit, after=after)


def _site_meant(deps: Deps, actor: Actor, filters: Filters) -> str | None:
    if actor.role in (Role.USER, Role.ADMIN):
        return None
    if filters.zone_id is not None:
        return deps.catalogue.zone(filters.zone_id).site
    if len(actor.sites) != 1:
        raise errors.Invalid({"site": "name the site whose bookings you want"})
    return next(iter(actor.sites))


def _of_group(
    deps: Deps, actor: Actor, group_id: str, filters: Filters, *, limit: int, after: str | None
) -> Listing[Booking]:
    """Of the bookings of a group those that are wanted, earliest first: one query."""
    wanted = [
        booking for booking in book_group.members(deps, actor, group_id) if filters.pass_(booking)
    ]
    places = [bookings.cursor(booking) for booking in wanted]
    first = places.index(after) + 1 if after in places else 0
    shown = tuple(wanted[first : first + limit])
    more = first + limit < len(wanted)
    return Listing(shown, places[first + limit - 1] if more else None)


def at_site(
    deps: Deps, actor: Actor, site: str, filters: Filters, *, limit: int, after: str | None
) -> Listing[Booking]:
    """A site's bookings by their start, latest first, for those who work there: one query and one
    batch read. Raises Forbidden."""
    access.require_works_at(actor, site)
    now = deps.now()
    page = deps.bookings.at_site(
        site,
        since=filters.since or now - LONGEST_LIST,
        until=filters.until or now + LONGEST_LIST,
        limit=LOOK_AHEAD if filters.any else limit,
        after=after,
    )
    return _wanted(deps, page, filters, limit)


def _wanted(deps: Deps, page: Listing[Booking], filters: Filters, limit: int) -> Listing[Booking]:
    settled = settle.each(deps, page.records)
    wanted = tuple(booking for booking in settled if filters.pass_(booking))
    if len(wanted) > limit:
        return Listing(wanted[:limit], bookings.cursor(wanted[limit - 1]))
    return Listing(wanted, page.after)


def current(deps: Deps, actor: Actor) -> tuple[Booking, ...]:
    """The actor's live bookings, newest first: one query for each hundred they ever made."""
    live: list[Booking] = []
    after: str | None = None
    for _ in range(CURRENT_PAGES):
        page = deps.bookings.of_owner(actor.locator, limit=CURRENT_PAGE, after=after)
        live += (booking for booking in settle.each(deps, page.records) if booking.is_live)
        after = page.after
        if after is None:
            break
    return tuple(live)


@dataclass(frozen=True)
class ZoneNow:
    """A zone at this moment: its spaces and the live bookings that hold them."""

    site: Site
    zone: Zone
    numbers: tuple[str, ...]
    present: tuple[Booking, ...]

    @property
    def active(self) -> tuple[Booking, ...]:
        return tuple(booking for booking in self.present if booking.status is Status.ACTIVE)

    @property
    def occupied(self) -> int:
        """Spaces somebody is in or has a right to at this moment."""
        return len({booking.number for booking in self.present} & set(self.numbers))


def at_work(deps: Deps, actor: Actor, slug: str | None) -> tuple[ZoneNow, ...]:
    """Every zone of a site, or of all sites where `actor` works, at this moment: a query and a
    batch read a zone, however many bookings it has had. Raises SiteNotFound, Forbidden, Invalid
    where there are too many sites."""
    if slug is not None:
        access.require_works_at(actor, slug)
        sites = [deps.catalogue.site(slug)]
    else:
        sites = current_site.sites_of(deps, actor)
    return tuple(
        zone_now(deps, site, zone) for site in sites for zone in deps.catalogue.zones_of(site.slug)
    )


def zone_status(deps: Deps, zone_id: str) -> ZoneNow:
    """One zone at this moment, for anybody. Raises ZoneNotFound."""
    zone = deps.catalogue.zone(zone_id)
    return zone_now(deps, deps.catalogue.site(zone.site), zone)


def zone_now(deps: Deps, site: Site, zone: Zone) -> ZoneNow:
    """One zone at this moment. Whoever stands in its sheets is looked up and settled first."""
    now = deps.now()
    moment = Interval.of_stay(now, now)
    lookback = deadline.longest_overstay(kind=zone.kind, policy=zone.policy)
    sheets = deps.sheets.of_zone(
        zone.zone_id, *occupancy.window(moment, zone.paging, now=now, lookback=lookback)
    )
    holders = [
        holder
        for taken in occupancy.held(sheets).values()
        for holder in occupancy.obstacles(taken, moment, now=now)
    ]
    live = [b for b in settle.each(deps, deps.bookings.many(holders)) if b.is_live]
    numbers = deps.catalogue.numbers(zone.zone_id)
    return ZoneNow(site, zone, numbers, tuple(sorted(live, key=lambda b: b.number)))
