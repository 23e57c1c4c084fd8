"""Lists of bookings: of a customer, of a site, and of a zone at this moment."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain.bookings import deadline
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import access, errors
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.core.sentence import say
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.services.bookings import availability, book_group, settle, short_codes
from chalicelib.services.core import current_site
from chalicelib.services.core.deps import Deps
from chalicelib.store import bookings

LOOK_AHEAD = 100
"""Bookings read for one page when filters apply, so that a page is still one query. A filtered
page may hold fewer than `limit`, and still have a cursor."""

LONGEST_LIST = timedelta(days=366)
CURRENT_PAGE = 100
CURRENT_PAGES = 10
"""Live bookings of a customer are looked for in their newest thousand: a query for each
hundred."""


@dataclass(frozen=True)
class Filters:
    """Which bookings to list; `since` and `until` bound their booked start."""

    status: Status | None = None
    since: datetime | None = None
    until: datetime | None = None
    zone_id: str | None = None
    group_id: str | None = None
    auto_checkout: bool | None = None
    code: str | None = None

    @property
    def any(self) -> bool:
        chosen = (self.status, self.since, self.until, self.zone_id, self.auto_checkout, self.code)
        return any(each is not None for each in chosen)

    def pass_(self, booking: Booking) -> bool:
        """Whether the booking passes all filters."""
        return (
            (self.status is None or booking.status is self.status)
            and self.auto_checkout in (None, booking.auto_checkout)
            and self.code in (None, booking.code)
            and (self.zone_id is None or booking.zone_id == self.zone_id)
            and (self.since is None or booking.booked.start >= self.since)
            and (self.until is None or booking.booked.start < self.until)
        )


def own(
    deps: Deps, actor: Actor, filters: Filters, *, limit: int, after: str | None
) -> Listing[Booking]:
    """The actor's own bookings, newest first: one query, and a transaction for each overdue
    deadline."""
    page = deps.bookings.of_owner(
        actor.account_id, limit=LOOK_AHEAD if filters.any else limit, after=after
    )
    return _filtered(deps, page, filters, limit)


def listed(
    deps: Deps, actor: Actor, site: str | None, filters: Filters, *, limit: int, after: str | None
) -> Listing[Booking]:
    """The bookings of a group, for its customer and the staff of its site. Otherwise the bookings
    of `site`; without one those of the actor, for staff and admins those of the site of the zone in
    `filters`, and for staff those of their only site. Raises Invalid where staff have to name a
    site, or name one that has not the zone; BookingNotFound for a group, ZoneNotFound."""
    if filters.group_id is not None:
        return _of_group(deps, actor, filters.group_id, filters, limit=limit, after=after)
    named = site or _default_site(deps, actor, filters)
    if named is None:
        return own(deps, actor, filters, limit=limit, after=after)
    return at_site(deps, actor, named, filters, limit=limit, after=after)


def _default_site(deps: Deps, actor: Actor, filters: Filters) -> str | None:
    if actor.role is Role.USER:
        return None
    if filters.zone_id is not None:
        return deps.catalogue.zone(filters.zone_id).site
    if actor.role is Role.ADMIN:
        return None
    slug = current_site.only(deps, actor)
    if slug is None:
        raise errors.Invalid({"site": say("name_site_to_list")})
    return slug


def _of_group(
    deps: Deps, actor: Actor, group_id: str, filters: Filters, *, limit: int, after: str | None
) -> Listing[Booking]:
    """The bookings of a group that pass the filters, earliest first: one query."""
    passing = [
        booking for booking in book_group.members(deps, actor, group_id) if filters.pass_(booking)
    ]
    return _page(passing, limit=limit, after=after)


def _page(passing: Sequence[Booking], *, limit: int, after: str | None) -> Listing[Booking]:
    """A page of bookings that are all read."""
    places = [bookings.cursor(booking) for booking in passing]
    first = places.index(after) + 1 if after in places else 0
    shown = tuple(passing[first : first + limit])
    more = first + limit < len(passing)
    return Listing(shown, places[first + limit - 1] if more else None)


def at_site(
    deps: Deps, actor: Actor, site: str, filters: Filters, *, limit: int, after: str | None
) -> Listing[Booking]:
    """A site's bookings by their start, latest first, for its staff: one query and one batch read;
    those with a short code as `short_codes.find` does. Raises Forbidden, Invalid for a zone of
    another site."""
    access.require_works_at(actor, site)
    if filters.zone_id is not None:
        current_site.refuse_zone_elsewhere(deps, site, filters.zone_id)
    if filters.code is not None:
        coded = short_codes.find(deps, site, filters.code)
        passing = [each for each in reversed(coded) if filters.pass_(each)]
        return _page(passing, limit=limit, after=after)
    now = deps.now()
    page = deps.bookings.at_site(
        site,
        since=filters.since or now - LONGEST_LIST,
        until=filters.until or now + LONGEST_LIST,
        limit=LOOK_AHEAD if filters.any else limit,
        after=after,
    )
    return _filtered(deps, page, filters, limit)


def own_or_at_work(
    deps: Deps, actor: Actor, site: str | None, *, limit: int, after: str | None
) -> Listing[Booking]:
    """The bookings of `site`. Without one a customer's own, newest first; for staff, owners and
    admins those of all sites where they work, site by site, latest start first. Raises Forbidden,
    Invalid for too many sites."""
    if site is not None:
        return at_site(deps, actor, site, Filters(), limit=limit, after=after)
    if actor.role is Role.USER:
        return own(deps, actor, Filters(), limit=limit, after=after)

    def page_of(slug: str, size: int, since: str | None) -> Listing[Booking]:
        return at_site(deps, actor, slug, Filters(), limit=size, after=since)

    return current_site.in_turn(deps, actor, page_of, limit=limit, after=after)


def _filtered(deps: Deps, page: Listing[Booking], filters: Filters, limit: int) -> Listing[Booking]:
    settled = settle.each(deps, page.records)
    passing = tuple(booking for booking in settled if filters.pass_(booking))
    if len(passing) > limit:
        return Listing(passing[:limit], bookings.cursor(passing[limit - 1]))
    return Listing(passing, page.after)


def current(deps: Deps, actor: Actor) -> tuple[Booking, ...]:
    """The actor's live bookings, newest first: one query for each 100 bookings ever made."""
    live: list[Booking] = []
    after: str | None = None
    for _ in range(CURRENT_PAGES):
        page = deps.bookings.of_owner(actor.account_id, limit=CURRENT_PAGE, after=after)
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
        """How many spaces are taken by a live booking."""
        return len({booking.number for booking in self.present} & set(self.numbers))


def at_work(deps: Deps, actor: Actor, slug: str | None) -> tuple[ZoneNow, ...]:
    """Every zone of a site, or of all sites where `actor` works, at this moment: a query and a
    batch read for each zone, independent of its number of bookings. Raises SiteNotFound, Forbidden,
    and Invalid for too many sites."""
    if slug is not None:
        access.require_works_at(actor, slug)
        sites = [deps.catalogue.site(slug)]
    else:
        sites = current_site.sites_of(deps, actor)
    return tuple(
        zone_now(deps, site, zone) for site in sites for zone in deps.catalogue.zones_of(site.slug)
    )


def zone_status(deps: Deps, zone_id: str) -> ZoneNow:
    """One zone at this moment. Public. Raises ZoneNotFound."""
    zone = availability.open_zone(deps, zone_id)
    return zone_now(deps, deps.catalogue.site(zone.site), zone)


def zone_now(deps: Deps, site: Site, zone: Zone) -> ZoneNow:
    """One zone at this moment, after the bookings on its sheets are settled."""
    now = deps.now()
    moment = Interval.of_stay(now, now)
    lookback = deadline.lookback(kind=zone.kind, policy=zone.policy)
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
