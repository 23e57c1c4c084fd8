"""Sites, zones and spaces as items of the inventory table."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from typing import Any, cast

from pynamodb.attributes import (
    BooleanAttribute,
    JSONAttribute,
    UnicodeAttribute,
    UnicodeSetAttribute,
)

from chalicelib.domain.core import serialize, unixtime
from chalicelib.domain.pricing import tariff_json
from chalicelib.domain.sites.blackout import Blackout
from chalicelib.domain.sites.opening_hours import OpeningHours
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.seller import Seller
from chalicelib.domain.sites.site import Site, Space, Zone, ZoneKind, default_policy
from chalicelib.store import season_plans
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.schema import InventoryTable


class SiteItem(InventoryTable):
    """A site (`sites`, slug)."""

    version = IntegerAttribute(attr_name="v")
    name = UnicodeAttribute()
    timezone = UnicodeAttribute()
    currency = UnicodeAttribute()
    hours: JSONAttribute = JSONAttribute()
    contact = UnicodeAttribute(null=True)
    address = UnicodeAttribute(null=True)
    latitude = UnicodeAttribute(null=True)
    longitude = UnicodeAttribute(null=True)
    amenities: JSONAttribute = JSONAttribute(null=True)
    active = BooleanAttribute()
    blackouts: JSONAttribute = JSONAttribute(null=True)
    realtime = BooleanAttribute(null=True)
    language = UnicodeAttribute(null=True, attr_name="lang")
    closed = IntegerAttribute(null=True)
    reopens_as = BooleanAttribute(null=True)
    colour = UnicodeAttribute(null=True)
    seller: JSONAttribute = JSONAttribute(null=True)
    inactive_since = IntegerAttribute(null=True)
    plans: JSONAttribute = JSONAttribute(null=True)


class ZoneItem(InventoryTable):
    """A zone (`zones`, zone id)."""

    version = IntegerAttribute(attr_name="v")
    zone_site = UnicodeAttribute()
    name = UnicodeAttribute()
    kind = UnicodeAttribute()
    policy: JSONAttribute = JSONAttribute()
    tariff: JSONAttribute = JSONAttribute()
    active = BooleanAttribute()
    closed = IntegerAttribute(null=True)
    reopens_as = BooleanAttribute(null=True)


class MadeZonesItem(InventoryTable):
    """The ids of the zones ever made at a site (`made_zones`, slug)."""

    zones: UnicodeSetAttribute = UnicodeSetAttribute()


class SpaceItem(InventoryTable):
    """A space (`spaces#<zone>`, number)."""

    version = IntegerAttribute(attr_name="v")
    active = BooleanAttribute()
    note = UnicodeAttribute(null=True)
    closed = IntegerAttribute(null=True)
    reopens_as = BooleanAttribute(null=True)


def site_to_item(site: Site) -> SiteItem:
    """The item of a site."""
    return SiteItem(
        "sites",
        site.slug,
        version=site.version,
        name=site.name,
        timezone=site.timezone,
        currency=site.currency,
        hours=site.opening_hours.to_json(),
        contact=site.contact,
        address=site.address,
        latitude=site.latitude,
        longitude=site.longitude,
        amenities=list(site.amenities) or None,
        active=site.active,
        blackouts=pack_blackouts(site.blackouts) or None,
        realtime=site.realtime or None,
        language=site.language,
        closed=unixtime.of(site.closed_at),
        reopens_as=site.reopens_as,
        colour=site.colour,
        seller=None if site.seller is None else serialize.fields(site.seller),
        inactive_since=unixtime.of(site.inactive_since),
        plans=[season_plans.row(plan) for plan in site.season_plans] or None,
    )


def site_from_item(item: SiteItem) -> Site:
    """The site in an item."""
    return Site(
        slug=item.sk,
        name=item.name,
        timezone=item.timezone,
        currency=item.currency,
        opening_hours=OpeningHours.from_json(item.hours),
        contact=item.contact,
        address=item.address,
        latitude=item.latitude,
        longitude=item.longitude,
        amenities=tuple(item.amenities or ()),
        active=item.active,
        blackouts=unpack_blackouts(item.blackouts or ()),
        realtime=bool(item.realtime),
        version=item.version,
        closed_at=unixtime.instant(item.closed),
        reopens_as=item.reopens_as,
        language=item.language,
        colour=item.colour,
        seller=None if item.seller is None else Seller(**item.seller),
        inactive_since=unixtime.instant(item.inactive_since),
        season_plans=tuple(season_plans.plan(row) for row in item.plans or ()),
    )


def zone_to_item(zone: Zone) -> ZoneItem:
    """The item of a zone."""
    return ZoneItem(
        "zones",
        zone.zone_id,
        version=zone.version,
        zone_site=zone.site,
        name=zone.name,
        kind=zone.kind,
        policy=pack_policy(zone.policy, zone.kind),
        tariff=tariff_json.show(zone.tariff),
        active=zone.active,
        closed=unixtime.of(zone.closed_at),
        reopens_as=zone.reopens_as,
    )


def zone_from_item(item: ZoneItem) -> Zone:
    """The zone in an item."""
    return Zone(
        zone_id=item.sk,
        site=item.zone_site,
        name=item.name,
        kind=cast(ZoneKind, item.kind),
        policy=unpack_policy(item.policy, cast(ZoneKind, item.kind)),
        tariff=tariff_json.read(item.tariff),
        active=item.active,
        version=item.version,
        closed_at=unixtime.instant(item.closed),
        reopens_as=item.reopens_as,
    )


def space_to_item(space: Space) -> SpaceItem:
    """The item of a space."""
    return SpaceItem(
        f"spaces#{space.zone_id}",
        space.number,
        version=space.version,
        active=space.active,
        note=space.note,
        closed=unixtime.of(space.closed_at),
        reopens_as=space.reopens_as,
    )


def space_from_item(item: SpaceItem) -> Space:
    """The space in an item."""
    return Space(
        zone_id=item.pk.removeprefix("spaces#"),
        number=item.sk,
        active=item.active,
        note=item.note,
        version=item.version,
        closed_at=unixtime.instant(item.closed),
        reopens_as=item.reopens_as,
    )


def pack_policy(policy: Policy, kind: ZoneKind) -> dict[str, Any]:
    """A policy as stored: what differs from the defaults, so that a default that changes later
    reaches the zones that never chose otherwise."""
    changed = {
        f.name: getattr(policy, f.name)
        for f in fields(Policy)
        if getattr(policy, f.name) != _stored_defaults(kind).get(f.name, f.default)
    }
    if policy.opening_hours is not None:
        changed["opening_hours"] = policy.opening_hours.to_json()
    if policy.blackouts:
        changed["blackouts"] = pack_blackouts(policy.blackouts)
    return changed


def unpack_policy(stored: dict[str, Any], kind: ZoneKind) -> Policy:
    """The policy in an item."""
    changed = _stored_defaults(kind) | stored
    if "opening_hours" in changed:
        changed["opening_hours"] = OpeningHours.from_json(changed["opening_hours"])
    if "blackouts" in changed:
        changed["blackouts"] = unpack_blackouts(changed["blackouts"])
    return Policy(**changed)


def _stored_defaults(kind: ZoneKind) -> dict[str, Any]:
    """The fields left out of an item whose default is that of the kind."""
    return {"auto_checkout_after": default_policy(kind).auto_checkout_after}


def pack_blackouts(blackouts: Iterable[Blackout]) -> list[list[Any]]:
    """Blackouts as stored: `[start, end, reason, key]`, instants as epoch seconds."""
    return [
        [unixtime.of(each.start), unixtime.of(each.end), each.reason, each.key]
        for each in blackouts
    ]


def unpack_blackouts(stored: Iterable[list[Any]]) -> tuple[Blackout, ...]:
    """The blackouts in an item; the oldest have nothing but their times."""
    return tuple(
        Blackout(unixtime.instant(start), unixtime.instant(end), *rest)
        for start, end, *rest in stored
    )
