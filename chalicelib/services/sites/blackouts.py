"""Blackouts of a zone or of all zones of a site (docs/rules/opening.md, Blackouts).

Each step is one transaction: the zone or the site, and the audit event. Other instances see it
within `CATALOGUE_SECONDS`. A booking made there meanwhile is kept, and `blackout_bookings` lists
it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from chalicelib.domain.core import access, effect, errors, listing, localtime
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import Change, saving
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.core.sentence import say
from chalicelib.domain.sites import blackout as rules
from chalicelib.domain.sites.blackout import Blackout
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.services.core.current_site import refuse_zone_elsewhere, sites_of
from chalicelib.services.core.deps import Deps
from chalicelib.services.sites.catalogue import (
    audit_event,
    changed_fields,
    get_site,
    get_zone,
)


@dataclass(frozen=True)
class Closure:
    """A blackout and its scope: one zone, or all zones of the site where `zone` is None."""

    site: Site
    zone: Zone | None
    blackout: Blackout

    @property
    def scope(self) -> Site | Zone:
        """The record that contains the blackout."""
        return self.zone or self.site

    @property
    def version(self) -> int:
        """The version of the record that contains the blackout."""
        return self.scope.version

    @property
    def blackout_id(self) -> str:
        """`zone.<zone>.<key>` or `site.<slug>.<key>`."""
        scope = f"zone.{self.zone.zone_id}" if self.zone else f"site.{self.site.slug}"
        return f"{scope}.{self.blackout.key}"

    def with_blackouts(self, blackouts: tuple[Blackout, ...]) -> Closure:
        """The same blackout in the next version of its record, which has these blackouts."""
        if self.zone is not None:
            return replace(self, zone=self.zone.with_blackouts(blackouts))
        return replace(self, site=self.site.with_blackouts(blackouts))


@dataclass(frozen=True)
class ClosureRequest:
    """A new blackout: of a zone or of a site. Naive times are local times of the site."""

    zone_id: str | None
    site: str | None
    start: datetime
    end: datetime
    reason: str = ""


def create(deps: Deps, actor: Actor, request: ClosureRequest, *, source_ip: str) -> Closure:
    """Close a zone, or all zones of a site, for a time. Existing bookings are kept. Raises
    Forbidden, ZoneNotFound, SiteNotFound, ClosedForGood, Invalid, AlreadyExists, InUse."""
    key = deps.new_locator()

    def once() -> Closure:
        site, zone = _requested_scope(deps, actor, request)
        new = _blackout_of(request, site, key)
        closure = _open(Closure(site, zone, new))
        if new in closure.scope.blackouts:  # a repeated request
            return closure
        blackouts = rules.with_new(closure.scope.blackouts, new, now=deps.now())
        saved = closure.with_blackouts(blackouts)
        deps.commit(_change(deps, actor, saved, "create_blackout", source_ip, detail=new.reason))
        return saved

    return deps.retry_on_conflict(once)


def _open(closure: Closure) -> Closure:
    """The blackout of a place that is not closed for good. Raises ClosedForGood."""
    if closure.scope.closed_at is not None:
        raise errors.ClosedForGood()
    return closure


def _requested_scope(deps: Deps, actor: Actor, request: ClosureRequest) -> tuple[Site, Zone | None]:
    if (request.zone_id is None) == (request.site is None):
        raise errors.Invalid({"zone_id": say("give_zone_or_site")})
    return _scope(deps, actor, zone_id=request.zone_id, slug=request.site)


def _blackout_of(request: ClosureRequest, site: Site, key: str) -> Blackout:
    times: Any = localtime.instants(site.tz, start=request.start, end=request.end)
    return Blackout(**times, reason=request.reason, key=key)


def _scope(
    deps: Deps, actor: Actor, *, zone_id: str | None, slug: str | None
) -> tuple[Site, Zone | None]:
    """The zone with its site, or the site: one consistent read."""
    if zone_id is not None:
        zone = get_zone(deps, actor, zone_id)
        return deps.catalogue.site(zone.site), zone
    assert slug is not None
    return get_site(deps, actor, slug), None


def get(deps: Deps, actor: Actor, blackout_id: str) -> Closure:
    """A blackout, for owners of its site: one consistent read. Raises BlackoutNotFound,
    Forbidden."""
    kind, _, rest = blackout_id.partition(".")
    name, _, key = rest.partition(".")
    if kind not in ("zone", "site"):
        raise errors.BlackoutNotFound()
    is_zone = kind == "zone"
    try:
        site, zone = _scope(
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
    """The blackouts of a zone, of a site or of all sites that `actor` runs, by start. Those of a
    zone include those of its site, also after it is closed for good. Raises Forbidden,
    SiteNotFound, ZoneNotFound, and Invalid for a zone of another site than the one named, or where
    there are too many sites to read."""
    if slug is not None and zone_id is not None:
        access.require_runs(actor, slug)
        refuse_zone_elsewhere(deps, slug, zone_id)
    zone = deps.catalogue.zone(zone_id) if zone_id is not None else None
    closures = (
        closure
        for site in _sites(deps, actor, zone.site if zone else slug)
        for closure in _of_site(site, [zone] if zone else deps.catalogue.zones_of(site.slug))
    )
    return listing.page(closures, _by_start, limit=limit, after=after)


def _sites(deps: Deps, actor: Actor, slug: str | None) -> list[Site]:
    if slug is None:
        return sites_of(deps, actor)
    access.require_runs(actor, slug)
    return [deps.catalogue.site(slug)]


def _of_site(site: Site, zones: Iterable[Zone]) -> Iterator[Closure]:
    yield from (Closure(site, None, each) for each in site.blackouts)
    for zone in zones:
        yield from (Closure(site, zone, each) for each in zone.blackouts)


def _by_start(closure: Closure) -> str:
    return f"{localtime.iso(closure.blackout.start)} {closure.blackout_id}"


def closed_zones(deps: Deps, closure: Closure) -> list[str]:
    """The ids of the zones that it closes, sorted."""
    if closure.zone is not None:
        return [closure.zone.zone_id]
    return sorted(zone.zone_id for zone in deps.catalogue.zones_of(closure.site.slug))


def edit(
    deps: Deps, actor: Actor, blackout_id: str, changes: Mapping[str, Any], *, source_ip: str
) -> Closure:
    """Move a blackout, or change its reason. Raises BlackoutNotFound, Forbidden, ClosedForGood,
    Invalid, AlreadyExists."""

    def once() -> Closure:
        before = _open(deps.as_expected(get(deps, actor, blackout_id)))
        times = {name: changes[name] for name in ("start", "end") if name in changes}
        resolved = {**changes, **localtime.instants(before.site.tz, **times)}
        after = replace(before, blackout=replace(before.blackout, **resolved))
        blackouts = rules.with_changed(before.scope.blackouts, after.blackout, now=deps.now())
        saved = after.with_blackouts(blackouts)
        action, detail = "edit_blackout", changed_fields(changes)
        deps.commit(_change_and_offer(deps, actor, saved, action, source_ip, detail=detail))
        return saved

    return deps.retry_on_conflict(once)


def lift(deps: Deps, actor: Actor, blackout_id: str, *, source_ip: str) -> None:
    """Lift a blackout: the rest of its time can be booked again at once. Raises BlackoutNotFound,
    Forbidden, ClosedForGood."""

    def once() -> None:
        closure = _open(deps.as_expected(get(deps, actor, blackout_id)))
        blackouts = rules.without(closure.scope.blackouts, closure.blackout.key)
        saved = closure.with_blackouts(blackouts)
        deps.commit(_change_and_offer(deps, actor, saved, "lift_blackout", source_ip))

    deps.retry_on_conflict(once)


def _change_and_offer(
    deps: Deps,
    actor: Actor,
    closure: Closure,
    action: str,
    source_ip: str,
    *,
    detail: str = "",
) -> Change:
    """The change that saves the record of a blackout and offers the reopened time to the
    waitlists."""
    change = _change(deps, actor, closure, action, source_ip, detail=detail)
    return change.sending(*map(effect.offer_time, closed_zones(deps, closure)))


def _change(
    deps: Deps,
    actor: Actor,
    closure: Closure,
    action: str,
    source_ip: str,
    *,
    detail: str,
) -> Change:
    event = audit_event(
        deps, actor, action, closure.blackout_id, closure.site.slug, source_ip, detail=detail
    )
    return saving(closure.scope).auditing(event)
