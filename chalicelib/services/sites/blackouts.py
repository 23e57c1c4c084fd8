"""Blackouts, for those who run a site: times in which a zone, or all zones of a site, take no
bookings (docs/rules/opening.md, Blackouts).

Each step is one transaction that saves the zone or the site and carries its audit event. Every
other instance sees it after `CATALOGUE_SECONDS` at the latest; a booking made there meanwhile
stands, and is among those that `blackout_bookings` lists.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.domain.core import access, effect, errors, listing, localtime
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import Change, saving
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.sites import blackout as rules
from chalicelib.domain.sites.blackout import Blackout
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.services.core.current_site import sites_of
from chalicelib.services.core.deps import Deps
from chalicelib.services.sites.catalogue import event, get_site, get_zone, named


@dataclass(frozen=True)
class Closure:
    """A blackout and where it counts: in one zone, or, where that is None, in all of the site."""

    site: Site
    zone: Zone | None
    blackout: Blackout

    @property
    def place(self) -> Site | Zone:
        """The record it is kept in."""
        return self.zone or self.site

    @property
    def blackout_id(self) -> str:
        """`zone.<zone>.<key>` or `site.<slug>.<key>`: it says where to look."""
        where = f"zone.{self.zone.zone_id}" if self.zone else f"site.{self.site.slug}"
        return f"{where}.{self.blackout.key}"

    def counts_in(self, zone_id: str) -> bool:
        """Whether it closes that zone of its site."""
        return self.zone is None or self.zone.zone_id == zone_id


@dataclass(frozen=True)
class Closing:
    """What is to be closed: a zone or a site, and when. Naive times are the site's."""

    zone_id: str | None
    site: str | None
    start: datetime
    end: datetime
    reason: str = ""


def create(deps: Deps, actor: Actor, closing: Closing, *, source_ip: str) -> Closure:
    """Close a zone, or all zones of a site, for a time. Bookings made before stand. Raises
    Forbidden, ZoneNotFound, SiteNotFound, Invalid, AlreadyExists, InUse."""
    key = deps.new_locator()

    def once() -> Closure:
        site, zone = _place_of(deps, actor, closing)
        new = _blackout_of(closing, site, key)
        closure = Closure(site, zone, new)
        if new in closure.place.blackouts:  # a repeated request
            return closure
        kept = rules.with_new(closure.place.blackouts, new, now=deps.now())
        action = "create_blackout"
        deps.commit(_saving(deps, actor, closure, kept, action, source_ip, detail=new.reason))
        return closure

    return deps.retry_on_conflict(once)


def _place_of(deps: Deps, actor: Actor, closing: Closing) -> tuple[Site, Zone | None]:
    if (closing.zone_id is None) == (closing.site is None):
        raise errors.Invalid({"zone_id": "give either zone_id or site"})
    return _place(deps, actor, zone_id=closing.zone_id, slug=closing.site)


def _blackout_of(closing: Closing, site: Site, key: str) -> Blackout:
    times: Any = localtime.instants(site.tz, start=closing.start, end=closing.end)
    return Blackout(**times, reason=closing.reason, key=key)


def _place(
    deps: Deps, actor: Actor, *, zone_id: str | None, slug: str | None
) -> tuple[Site, Zone | None]:
    """A site, and the zone of it where one is meant, as they are now."""
    if zone_id is not None:
        zone = get_zone(deps, actor, zone_id)
        return deps.catalogue.site(zone.site), zone
    assert slug is not None
    return get_site(deps, actor, slug), None


def get(deps: Deps, actor: Actor, blackout_id: str) -> Closure:
    """A blackout as it is now, for those who run its site: one read. Raises BlackoutNotFound,
    Forbidden."""
    kind, _, rest = blackout_id.partition(".")
    name, _, key = rest.partition(".")
    if kind not in ("zone", "site"):
        raise errors.BlackoutNotFound()
    is_zone = kind == "zone"
    try:
        site, zone = _place(
            deps, actor, zone_id=name if is_zone else None, slug=None if is_zone else name
        )
    except (errors.ZoneNotFound, errors.SiteNotFound):
        raise errors.BlackoutNotFound() from None
    return Closure(site, zone, rules.find((zone or site).blackouts, key))


def list_blackouts(
    deps: Deps,
    actor: Actor,
    slug: str | None,
    zone_id: str | None,
    *,
    limit: int,
    after: str | None,
) -> Listing[Closure]:
    """The blackouts of a zone, of a site or of all sites that `actor` runs, by their start; a
    zone's are its own and those of its site. Raises Forbidden, SiteNotFound, ZoneNotFound, Invalid
    where there are too many sites to read."""
    if zone_id is not None:
        slug = deps.catalogue.zone(zone_id).site
    closures = (
        closure
        for site in _sites(deps, actor, slug)
        for closure in _at(deps, site)
        if zone_id is None or closure.counts_in(zone_id)
    )
    return listing.page(closures, _by_start, limit=limit, after=after)


def _sites(deps: Deps, actor: Actor, slug: str | None) -> list[Site]:
    if slug is None:
        return sites_of(deps, actor)
    access.require_runs(actor, slug)
    return [deps.catalogue.site(slug)]


def _at(deps: Deps, site: Site) -> Iterator[Closure]:
    yield from (Closure(site, None, each) for each in site.blackouts)
    for zone in deps.catalogue.zones_of(site.slug):
        yield from (Closure(site, zone, each) for each in zone.blackouts)


def _by_start(closure: Closure) -> str:
    return f"{localtime.iso(closure.blackout.start)} {closure.blackout_id}"


def closed_zones(deps: Deps, closure: Closure) -> list[str]:
    """The zones it closes, by id."""
    if closure.zone is not None:
        return [closure.zone.zone_id]
    return sorted(zone.zone_id for zone in deps.catalogue.zones_of(closure.site.slug))


def edit(
    deps: Deps, actor: Actor, blackout_id: str, changes: Mapping[str, Any], *, source_ip: str
) -> Closure:
    """Move a blackout, or change its reason. Raises BlackoutNotFound, Forbidden, Invalid,
    AlreadyExists."""

    def once() -> Closure:
        before = get(deps, actor, blackout_id)
        times = {name: changes[name] for name in ("start", "end") if name in changes}
        told = {**changes, **localtime.instants(before.site.tz, **times)}
        after = replace(before, blackout=replace(before.blackout, **told))
        kept = rules.with_changed(before.place.blackouts, after.blackout, now=deps.now())
        action, detail = "edit_blackout", named(changes)
        deps.commit(_reopening(deps, actor, after, kept, action, source_ip, detail=detail))
        return after

    return deps.retry_on_conflict(once)


def lift(deps: Deps, actor: Actor, blackout_id: str, *, source_ip: str) -> None:
    """Lift a blackout: what is left of its time can be booked again at once. Raises
    BlackoutNotFound, Forbidden."""

    def once() -> None:
        closure = get(deps, actor, blackout_id)
        kept = rules.without(closure.place.blackouts, closure.blackout.key)
        deps.commit(_reopening(deps, actor, closure, kept, "lift_blackout", source_ip))

    deps.retry_on_conflict(once)


def _reopening(
    deps: Deps,
    actor: Actor,
    closure: Closure,
    kept: tuple[Blackout, ...],
    action: str,
    source_ip: str,
    *,
    detail: str = "",
) -> Change:
    """The place with a blackout less, or another one: in the zones it closed, those in line are
    offered what they can have now."""
    change = _saving(deps, actor, closure, kept, action, source_ip, detail=detail)
    return change.sending(*map(effect.offer_time, closed_zones(deps, closure)))


def _saving(
    deps: Deps,
    actor: Actor,
    closure: Closure,
    kept: tuple[Blackout, ...],
    action: str,
    source_ip: str,
    *,
    detail: str,
) -> Change:
    step = event(
        deps, actor, action, closure.blackout_id, closure.site.slug, source_ip, detail=detail
    )
    return saving(closure.place.with_blackouts(kept)).auditing(step)
