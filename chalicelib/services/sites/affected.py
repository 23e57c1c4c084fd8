"""The live bookings that the rules of their zone would not allow any more: after an edit of opening
hours, blackouts or the limits of a length (docs/rules/opening.md). They stand, and the edit lists
them."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from itertools import islice
from typing import Final

from chalicelib.domain.bookings import admission
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import access, ids
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.occupancy.occupancy import Sheet
from chalicelib.domain.sites.closing import MOST_COUNTED
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.services.bookings import settle
from chalicelib.services.core.deps import Deps
from chalicelib.services.sites import holders

FIRST_PAGE: Final = 20

_Cursor = tuple[str, str, str]
"""A booking in the order of the list: zone, sheet (`<page>#<number>`), booking."""


@dataclass(frozen=True)
class Affected:
    """The number of bookings, at most `MOST_COUNTED`, and the first page."""

    count: int
    first: Listing[Booking]


def of_edit(deps: Deps, site: Site, zones: Iterable[Zone]) -> Affected:
    """The bookings that `site` and its `zones`, as edited, would not allow: one query for each
    megabyte of sheets, and one batch read. What is over is settled first."""
    found = list(islice(_outside(deps, site, zones, settles=True), MOST_COUNTED))
    return Affected(len(found), _read(deps, found, FIRST_PAGE))


def at_site(
    deps: Deps, actor: Actor, slug: str, *, limit: int, after: str | None
) -> Listing[Booking]:
    """The bookings of a site that its present rules would not allow, by zone, day and space. For
    its owners. Raises Forbidden, SiteNotFound."""
    access.require_runs(actor, slug)
    site = deps.catalogue.fresh_site(slug)
    return _read(deps, _later(_outside(deps, site, deps.catalogue.zones_of(slug)), after), limit)


def in_zone(
    deps: Deps, actor: Actor, zone_id: str, *, limit: int, after: str | None
) -> Listing[Booking]:
    """The bookings of a zone that its present rules would not allow, by day and space. For owners
    of its site. Raises ZoneNotFound, Forbidden."""
    zone = deps.catalogue.fresh_zone(zone_id)
    access.require_runs(actor, zone.site)
    return _read(deps, _later(_outside(deps, deps.catalogue.site(zone.site), [zone]), after), limit)


def _outside(
    deps: Deps, site: Site, zones: Iterable[Zone], *, settles: bool = False
) -> Iterator[_Cursor]:
    """The holders that are not allowed; where it `settles`, without those that are over."""
    for zone in sorted(zones, key=lambda zone: zone.zone_id):
        seen: set[str] = set()
        read = partial(holders.ahead, deps, zone)
        for sheet in settle.sheets_of(deps, zone, read) if settles else read():
            for holder in _not_allowed(deps, sheet, site, zone, seen):
                yield zone.zone_id, f"{sheet.day}#{sheet.number}", holder


def _not_allowed(deps: Deps, sheet: Sheet, site: Site, zone: Zone, seen: set[str]) -> Iterator[str]:
    """The bookings of a sheet that are new in `seen`, not over, and not allowed."""
    now = deps.now()
    is_allowed = partial(admission.is_allowed_now, site=site, zone=zone)
    for holder, interval in sorted(sheet.taken.items()):
        is_new = holder not in seen and ids.booking_key(holder) is not None
        seen.add(holder)
        if is_new and interval.end > now and not is_allowed(interval):
            yield holder


def _later(cursors: Iterator[_Cursor], after: str | None) -> Iterator[_Cursor]:
    last = tuple((after or "//").split("/"))
    return (cursor for cursor in cursors if cursor > last)


def _read(deps: Deps, cursors: Iterable[_Cursor], limit: int) -> Listing[Booking]:
    found = list(islice(cursors, limit + 1))
    wanted = [holder for _, _, holder in found[:limit]]
    read = {each.booking_id: each for each in settle.each(deps, deps.bookings.many(wanted))}
    live = tuple(read[each] for each in wanted if each in read and read[each].is_live)
    return Listing(live, "/".join(found[limit - 1]) if len(found) > limit else None)
