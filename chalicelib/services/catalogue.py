"""Sites, zones and spaces: what there is to book. Admins open and close sites; the owners of a
site edit it and look after its zones and spaces (api.md, Endpoints).

Every step is one transaction that carries its audit event. An edit is decided anew when somebody
else was faster, so the last one wins and none is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import timedelta
from typing import Any, TypeVar

from chalicelib.domain import access, errors, localtime, money, occupancy
from chalicelib.domain.access import Actor, Role
from chalicelib.domain.audit import AuditEvent
from chalicelib.domain.change import Change, saving
from chalicelib.domain.deadline import longest_overstay
from chalicelib.domain.money import Money
from chalicelib.domain.policy import Policy
from chalicelib.domain.site import Kind, Site, Space, Zone, default_policy, split_space_id
from chalicelib.domain.tariff import DEFAULT_BOOKING_FEE, Tariff
from chalicelib.services import audit
from chalicelib.services.deps import Deps
from chalicelib.store.catalogue import Listing

MOST_SPACES = 90
"""Spaces made in one call: they and their audit event are one transaction."""

FURTHEST_AHEAD = timedelta(days=1100)
"""No sheet lies later: two years of `advance_window_days`, and the longest booking."""

_PRICED: dict[Kind, str] = {"parking": "hourly", "venue": "hourly", "room": "nightly"}

T = TypeVar("T")
R = TypeVar("R", Site, Zone, Space)


# -- sites ---------------------------------------------------------------------------------------


def create_site(deps: Deps, actor: Actor, site: Site, *, address: str) -> Site:
    """Open a site, for admins. Raises Forbidden, Invalid (timezone, currency), AlreadyExists."""
    if actor.role is not Role.ADMIN:
        raise errors.Forbidden("Only an admin may open a site.")
    _all(lambda: timezone(site.timezone), lambda: currency(site.currency))
    event = _event(deps, actor, "create_site", site.slug, site.slug, address)
    deps.commit(saving(site).auditing(event))
    return site


def get_site(deps: Deps, actor: Actor, slug: str) -> Site:
    """A site as it is now, for those who run it. Raises Forbidden, SiteNotFound."""
    access.require_runs(actor, slug)
    return deps.catalogue.fresh_site(slug)


def list_sites(deps: Deps, actor: Actor, *, limit: int, after: str | None) -> Listing[Site]:
    """The sites that `actor` runs, by slug: all of them for an admin (one query)."""
    if actor.role is Role.ADMIN:
        return deps.catalogue.sites(limit=limit, after=after)
    return _slice(own_sites(deps, actor), lambda site: site.slug, limit=limit, after=after)


def own_sites(deps: Deps, actor: Actor) -> list[Site]:
    """The sites an owner runs or staff work at, by slug, without those that are gone."""
    sites = []
    for slug in sorted(actor.sites):
        try:
            sites.append(deps.catalogue.site(slug))
        except errors.SiteNotFound:
            continue
    return sites


def edit_site(
    deps: Deps, actor: Actor, slug: str, changes: Mapping[str, Any], *, address: str
) -> Site:
    """Change some fields of a site. Its currency stays while it has zones, because their prices
    are in it. Raises Forbidden, SiteNotFound, Invalid, InUse."""
    access.require_runs(actor, slug)

    def once() -> Site:
        before = deps.catalogue.fresh_site(slug)
        site = before.evolve(**changes)
        _all(lambda: timezone(site.timezone), lambda: currency(site.currency))
        if site.currency != before.currency and deps.catalogue.zones_of(slug):
            raise errors.InUse("The zones of this site have prices in its currency.")
        return _save_edit(deps, actor, site, "edit_site", slug, slug, changes, address)

    return deps.attempt(once)


def delete_site(deps: Deps, actor: Actor, slug: str, *, address: str) -> None:
    """Close a site for good, for admins. Raises Forbidden, SiteNotFound, InUse while it has
    zones."""
    if actor.role is not Role.ADMIN:
        raise errors.Forbidden("Only an admin may delete a site.")

    def once() -> None:
        site = deps.catalogue.fresh_site(slug)
        deps.catalogue.forget()
        if deps.catalogue.zones_of(slug):
            raise errors.InUse("Delete the zones of this site first.")
        _delete(deps, site, _event(deps, actor, "delete_site", slug, slug, address))

    deps.attempt(once)


# -- zones ---------------------------------------------------------------------------------------


def create_zone(
    deps: Deps,
    actor: Actor,
    zone_id: str,
    *,
    site: str,
    name: str,
    kind: Kind,
    policy: Mapping[str, Any],
    tariff: Mapping[str, Any],
    active: bool,
    address: str,
) -> Zone:
    """Open a zone of a site. `policy` says where it departs from the defaults of its kind, the
    tariff is in the site's currency. Raises Forbidden, SiteNotFound, Invalid, AlreadyExists."""
    access.require_runs(actor, site)
    place = deps.catalogue.fresh_site(site)
    rules, prices = _all(
        lambda: _policy(default_policy(kind), policy),
        lambda: Tariff.from_json({**_usual_prices(kind, place), **tariff}, place.currency),
    )
    zone = Zone(zone_id, site, name, kind, rules, prices, active)
    deps.commit(saving(zone).auditing(_event(deps, actor, "create_zone", zone_id, site, address)))
    return zone


def _usual_prices(kind: Kind, site: Site) -> dict[str, str]:
    """What a tariff need not say: how spaces of this kind are priced, and the booking fee of
    lifecycle.md, Money, for parking in rupees."""
    prices = {"kind": _PRICED[kind]}
    if kind == "parking" and site.currency == "INR":
        prices["booking_fee"] = Money(DEFAULT_BOOKING_FEE, "INR").text()
    return prices


def get_zone(deps: Deps, actor: Actor, zone_id: str) -> Zone:
    """A zone as it is now, for those who run its site. Raises ZoneNotFound, Forbidden."""
    zone = deps.catalogue.fresh_zone(zone_id)
    access.require_runs(actor, zone.site)
    return zone


def list_zones(
    deps: Deps, actor: Actor, site: str | None, *, limit: int, after: str | None
) -> Listing[Zone]:
    """The zones of a site, or of all sites that `actor` runs, by id. Raises Forbidden."""
    if site is not None:
        access.require_runs(actor, site)
        zones: Iterable[Zone] = deps.catalogue.zones_of(deps.catalogue.site(site).slug)
    elif actor.role is Role.ADMIN:
        return deps.catalogue.zones(limit=limit, after=after)
    else:
        zones = (z for own in own_sites(deps, actor) for z in deps.catalogue.zones_of(own.slug))
    return _slice(zones, lambda zone: zone.zone_id, limit=limit, after=after)


def edit_zone(
    deps: Deps, actor: Actor, zone_id: str, changes: Mapping[str, Any], *, address: str
) -> Zone:
    """Change some fields of a zone; `policy` and `tariff` change the parts they name. Bookings
    made before keep the prices they were made at. Raises ZoneNotFound, Forbidden, Invalid."""

    def once() -> Zone:
        before = get_zone(deps, actor, zone_id)
        rules, prices = _all(
            lambda: _policy(before.policy, changes.get("policy", {})),
            lambda: _edited_tariff(before.tariff, changes.get("tariff", {})),
        )
        zone = before.evolve(**{**changes, "policy": rules, "tariff": prices})
        return _save_edit(deps, actor, zone, "edit_zone", zone_id, zone.site, changes, address)

    return deps.attempt(once)


def _edited_tariff(tariff: Tariff, changes: Mapping[str, Any]) -> Tariff:
    return Tariff.from_json({**tariff.to_json(), **changes}, tariff.currency)


def delete_zone(deps: Deps, actor: Actor, zone_id: str, *, address: str) -> None:
    """Close a zone for good. Raises ZoneNotFound, Forbidden, InUse while it has spaces."""

    def once() -> None:
        zone = get_zone(deps, actor, zone_id)
        deps.catalogue.forget()
        if deps.catalogue.spaces(zone_id):
            raise errors.InUse("Delete the spaces of this zone first.")
        _delete(deps, zone, _event(deps, actor, "delete_zone", zone_id, zone.site, address))

    deps.attempt(once)


# -- spaces --------------------------------------------------------------------------------------


def create_spaces(
    deps: Deps,
    actor: Actor,
    zone_id: str,
    numbers: Sequence[str],
    *,
    active: bool,
    note: str | None,
    address: str,
) -> tuple[Space, ...]:
    """Add spaces to a zone, all or none. Raises ZoneNotFound, Forbidden, Invalid for a number
    given twice or more than `MOST_SPACES` of them, AlreadyExists."""
    zone = get_zone(deps, actor, zone_id)
    if len(set(numbers)) < len(numbers):
        raise errors.Invalid({"numbers": "must not name a space twice"})
    if not 1 <= len(numbers) <= MOST_SPACES:
        raise errors.Invalid({"numbers": f"must have 1 to {MOST_SPACES} entries"})
    spaces = tuple(Space(zone_id, number, active, note) for number in numbers)
    subject = f"{zone_id}.{numbers[0]}" if len(numbers) == 1 else zone_id
    event = _event(
        deps, actor, "create_spaces", subject, zone.site, address, detail=",".join(numbers)
    )
    deps.commit(saving(*spaces).auditing(event))
    return spaces


def get_space(deps: Deps, actor: Actor, space_id: str) -> Space:
    """A space as it is now, for those who run its site. Raises SpaceNotFound, Forbidden."""
    return _space_of(deps, actor, space_id)[1]


def _space_of(deps: Deps, actor: Actor, space_id: str) -> tuple[Zone, Space]:
    zone_id, number = split_space_id(space_id)
    if not number:
        raise errors.SpaceNotFound()
    zone = get_zone(deps, actor, zone_id)
    return zone, deps.catalogue.fresh_space(zone_id, number)


def list_spaces(
    deps: Deps, actor: Actor, zone_id: str, *, limit: int, after: str | None
) -> Listing[Space]:
    """The spaces of a zone by number: one query. Raises ZoneNotFound, Forbidden."""
    get_zone(deps, actor, zone_id)
    spaces = deps.catalogue.spaces(zone_id)
    return _slice(spaces, lambda space: space.number, limit=limit, after=after)


def edit_space(
    deps: Deps, actor: Actor, space_id: str, changes: Mapping[str, Any], *, address: str
) -> Space:
    """Change some fields of a space. An inactive one takes no new bookings; those it has stand.
    Raises SpaceNotFound, Forbidden."""

    def once() -> Space:
        zone, before = _space_of(deps, actor, space_id)
        space = before.evolve(**changes)
        return _save_edit(deps, actor, space, "edit_space", space_id, zone.site, changes, address)

    return deps.attempt(once)


def delete_space(deps: Deps, actor: Actor, space_id: str, *, address: str) -> None:
    """Take a space away for good. Raises SpaceNotFound, Forbidden, InUse while somebody is in it
    or has booked it: make it inactive, and delete it when the last one has left."""

    def once() -> None:
        zone, space = _space_of(deps, actor, space_id)
        if _is_taken_ahead(deps, zone, space.number):
            raise errors.InUse("Somebody is in this space or has booked it. Make it inactive.")
        _delete(deps, space, _event(deps, actor, "delete_space", space_id, zone.site, address))

    deps.attempt(once)


def _is_taken_ahead(deps: Deps, zone: Zone, number: str) -> bool:
    """Whether anything stands in the sheets of a space from now on, or should have gone: one
    query."""
    now = deps.now()
    first = now - longest_overstay(kind=zone.kind, policy=zone.policy)
    last = now + FURTHEST_AHEAD
    sheets = deps.sheets.of_zone(zone.zone_id, first.date().isoformat(), last.date().isoformat())
    return bool(occupancy.held(sheets).get(number))
