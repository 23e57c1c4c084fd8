"""The catalogue: sites and zones. Admins create sites; owners edit their site and manage its zones.
`closing.py` closes them.

Each step is one transaction: the record and its audit event. An edit is repeated from its read
where another one came first, so no edit is lost.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final, Generic, TypeVar

from chalicelib.domain.core import access, effect, errors, listing
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.audit import AuditEvent
from chalicelib.domain.core.change import MadeZones, OpenPlace, saving
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import say
from chalicelib.domain.pricing import tariff_json
from chalicelib.domain.pricing.tariff import DEFAULT_BOOKING_FEE, Tariff
from chalicelib.domain.sites.site import Site, Space, Zone, ZoneKind, ZoneMade, default_policy
from chalicelib.services.core import audit_events, current_site
from chalicelib.services.core.deps import Deps
from chalicelib.services.sites import affected as affected_bookings
from chalicelib.services.sites import currency, sellers, timezone, valid
from chalicelib.services.sites.affected import Affected

_TARIFF_KINDS: dict[ZoneKind, str] = {"parking": "hourly", "venue": "hourly", "room": "nightly"}
"""The default kind of tariff of a zone."""

_RULES: Final = frozenset(
    {"opening_hours", "blackouts", "min_duration", "max_duration", "granularity"}
)
"""The fields of a policy that an existing booking may break after an edit."""

R = TypeVar("R", Site, Zone, Space)
E = TypeVar("E", Site, Zone)


@dataclass(frozen=True)
class Edited(Generic[E]):
    """An edited record, and the bookings that its new rules would not allow: None where the edit
    changes no such rule."""

    record: E
    affected: Affected | None


# -- sites ---------------------------------------------------------------------------------------


def create_site(deps: Deps, actor: Actor, site: Site, *, source_ip: str) -> Site:
    """Create a site, for admins. Raises Forbidden, Invalid (timezone, currency), AlreadyExists,
    IdRetired."""
    if actor.role is not Role.ADMIN:
        raise errors.Forbidden(say("only_admin_creates_site"))
    valid.every(lambda: valid.timezone(site.timezone), lambda: valid.currency(site.currency))
    sellers.require_own_mark(deps, site)
    created = audit_event(deps, actor, "create_site", site.slug, site.slug, source_ip)
    with _new_ids_only(lambda: deps.catalogue.fresh_site(site.slug)):
        deps.commit(saving(site).auditing(created))
    return site


@contextmanager
def _new_ids_only(read: Callable[[], Site | Zone]) -> Iterator[None]:
    """Raise IdRetired where the id that exists already is one of a closed place."""
    try:
        yield
    except errors.AlreadyExists:
        if read().closed_at is not None:
            raise errors.IdRetired() from None
        raise


def get_site(deps: Deps, actor: Actor, slug: str) -> Site:
    """A site, for its owners: one consistent read. Raises Forbidden, SiteNotFound."""
    access.require_runs(actor, slug)
    return deps.catalogue.fresh_site(slug)


def open_site(deps: Deps, actor: Actor, slug: str) -> Site:
    """A site that may be edited. Raises Forbidden, SiteNotFound, ClosedForGood."""
    return require_not_closed(get_site(deps, actor, slug))


def require_not_closed(record: R) -> R:
    """The record, unless it is closed for good. Raises ClosedForGood."""
    if record.closed_at is not None:
        raise errors.ClosedForGood()
    return record


def list_sites(deps: Deps, actor: Actor, *, limit: int, after: str | None) -> Listing[Site]:
    """The sites that `actor` runs, by slug. For an admin all sites: one query."""
    if actor.role is Role.ADMIN:
        return deps.catalogue.sites(limit=limit, after=after)
    return listing.page(
        current_site.own_sites(deps, actor), lambda site: site.slug, limit=limit, after=after
    )


def edit_site(
    deps: Deps, actor: Actor, slug: str, changes: Mapping[str, Any], *, source_ip: str
) -> Edited[Site]:
    """Change some fields of a site. The currency stays while the site has zones, or plans of season
    passes, whose prices are in it. The timezone stays while something is booked or waited for, or a
    booking may be on its way. Raises Forbidden, SiteNotFound, ClosedForGood, Invalid, InUse."""

    def once() -> Edited[Site]:
        before = deps.as_expected(open_site(deps, actor, slug))
        active = changes.get("active", before.active)
        since = timezone.inactive_since(before, active=active, now=deps.now())
        site = before.evolve(**changes, inactive_since=since)
        valid.every(lambda: valid.timezone(site.timezone), lambda: valid.currency(site.currency))
        if site.seller != before.seller:
            sellers.require_own_mark(deps, site)
        changes_currency = site.currency != before.currency
        seen = [currency.require_changeable(deps, before)] if changes_currency else []
        if site.timezone != before.timezone:
            timezone.require_changeable(deps, before, deps.catalogue.zones_of(slug))
        affected: Affected | None = None
        zones: tuple[Zone, ...] = ()
        if "opening_hours" in changes:
            zones = deps.catalogue.zones_of(slug)
            affected = affected_bookings.of_edit(deps, site, zones)
        edit = audit_event(
            deps, actor, "edit_site", slug, slug, source_ip, detail=changed_fields(changes)
        )
        freed = deps.catalogue.zones_of(slug) if _may_free(changes) else ()
        save_edit(deps, site, edit, *(zone.zone_id for zone in freed), relies_on=seen)
        deps.catalogue.keep(site, *zones)
        return Edited(site, affected)

    return deps.retry_on_conflict(once)


# -- zones ---------------------------------------------------------------------------------------


def create_zone(
    deps: Deps,
    actor: Actor,
    zone_id: str,
    *,
    site: str,
    name: str,
    kind: ZoneKind,
    policy: Mapping[str, Any],
    tariff: Mapping[str, Any],
    active: bool,
    source_ip: str,
) -> Zone:
    """Create a zone of a site. `policy` has the differences from the defaults of its kind, and
    `tariff` is in the currency of the site. Raises Forbidden, SiteNotFound, ClosedForGood, Invalid,
    AlreadyExists, IdRetired."""

    def once() -> Zone:
        owner = open_site(deps, actor, site)
        rules, prices = valid.every(
            lambda: valid.policy(default_policy(kind), policy, kind),
            lambda: _new_tariff(kind, owner, tariff),
        )
        zone = Zone(zone_id, site, name, kind, rules, prices, active)
        created = audit_event(deps, actor, "create_zone", zone_id, site, source_ip)
        priced = OpenPlace("site", site, prices.currency)
        deps.commit(saving(zone, ZoneMade(site, zone_id)).auditing(created).relying_on(priced))
        return zone

    with _new_ids_only(lambda: deps.catalogue.fresh_zone(zone_id)):
        return deps.retry_on_conflict(once)


def _new_tariff(kind: ZoneKind, site: Site, tariff: Mapping[str, Any]) -> Tariff:
    stated = {**_default_prices(kind, site), **tariff}
    return valid.tariff(tariff_json.read(stated, site.currency), kind)


def _default_prices(kind: ZoneKind, site: Site) -> dict[str, str]:
    """The defaults of a tariff: its kind and, for parking in rupees, the booking fee of
    docs/rules/billing.md."""
    prices = {"kind": _TARIFF_KINDS[kind]}
    if kind == "parking" and site.currency == "INR":
        prices["booking_fee"] = Money(DEFAULT_BOOKING_FEE, "INR").text()
    return prices


def get_zone(deps: Deps, actor: Actor, zone_id: str) -> Zone:
    """A zone, for owners of its site: one consistent read. Raises ZoneNotFound, Forbidden."""
    zone = deps.catalogue.fresh_zone(zone_id)
    access.require_runs(actor, zone.site)
    return zone


def open_zone(deps: Deps, actor: Actor, zone_id: str) -> Zone:
    """A zone that may be edited. Raises ZoneNotFound, Forbidden, ClosedForGood."""
    return require_not_closed(get_zone(deps, actor, zone_id))


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
        zones = (
            zone
            for own in current_site.own_sites(deps, actor)
            for zone in deps.catalogue.zones_of(own.slug)
        )
    return listing.page(zones, lambda zone: zone.zone_id, limit=limit, after=after)


def edit_zone(
    deps: Deps, actor: Actor, zone_id: str, changes: Mapping[str, Any], *, source_ip: str
) -> Edited[Zone]:
    """Change some fields of a zone; of `policy` and `tariff` only the parts given. Existing
    bookings keep their prices. Raises ZoneNotFound, Forbidden, ClosedForGood, Invalid."""

    def once() -> Edited[Zone]:
        before = deps.as_expected(open_zone(deps, actor, zone_id))
        rules, prices = valid.every(
            lambda: valid.policy(before.policy, changes.get("policy", {}), before.kind),
            lambda: _edited_tariff(before, changes.get("tariff", {})),
        )
        zone = before.evolve(**{**changes, "policy": rules, "tariff": prices})
        edit = audit_event(
            deps, actor, "edit_zone", zone_id, zone.site, source_ip, detail=changed_fields(changes)
        )
        affected, site = None, deps.catalogue.site(zone.site)
        if _RULES & changes.get("policy", {}).keys():
            affected = affected_bookings.of_edit(deps, site, [zone])
        save_edit(deps, zone, edit, *([zone_id] if _may_free(changes) else []))
        deps.catalogue.keep(zone, site)
        return Edited(zone, affected)

    return deps.retry_on_conflict(once)


def _edited_tariff(zone: Zone, changes: Mapping[str, Any]) -> Tariff:
    before = zone.tariff
    edited = tariff_json.read({**tariff_json.show(before), **changes}, before.currency)
    return valid.tariff(edited, zone.kind, before=before)


# -- shared by sites, zones and spaces -----------------------------------------------------------


def audit_event(
    deps: Deps,
    actor: Actor,
    action: str,
    subject: str,
    site: str,
    source_ip: str,
    *,
    detail: str = "",
) -> AuditEvent:
    """The audit event of a step of the catalogue."""
    return audit_events.event(
        deps,
        actor=actor,
        action=action,
        subject=subject,
        site=site,
        source_ip=source_ip,
        detail=detail,
    )


def changed_fields(changes: Mapping[str, Any]) -> str:
    """The names of the changed fields, for an audit event.

    >>> changed_fields({"policy": {"prepay": "required"}, "name": "North"})
    'name, policy.prepay'
    """
    parts = (
        [f"{name}.{part}" for part in value] if isinstance(value, Mapping) else [name]
        for name, value in changes.items()
    )
    return ", ".join(sorted(name for names in parts for name in names))


def save_edit(
    deps: Deps, record: R, edit: AuditEvent, *freed: str, relies_on: Iterable[MadeZones] = ()
) -> R:
    """Save the next version of a record and return it. Free time of the zones `freed` is offered to
    their waitlists. Raises StaleVersion."""
    change = saving(record).auditing(edit).relying_on(*relies_on)
    deps.commit(change.sending(*map(effect.offer_time, freed)))
    return record


def _may_free(changes: Mapping[str, Any]) -> bool:
    """Whether an edit of a site or a zone may free time: a lifted blackout, longer hours."""
    return not changes.keys().isdisjoint({"active", "opening_hours", "policy"})
