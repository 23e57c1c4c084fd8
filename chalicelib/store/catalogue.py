"""Sites, zones and spaces. They change rarely and every request needs them, so an instance keeps
what it has read for `CATALOGUE_SECONDS`; its own writes it sees at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import fields
from typing import Any, Final, TypeVar, cast

from pynamodb.attributes import BooleanAttribute, JSONAttribute, UnicodeAttribute

from chalicelib.domain.core import errors, unixtime
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.pricing import tariff_json
from chalicelib.domain.sites.blackout import Blackout
from chalicelib.domain.sites.opening_hours import OpeningHours
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Site, Space, Zone, ZoneKind, default_policy
from chalicelib.store.cache import Cache
from chalicelib.store.dynamodb import transaction
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import InventoryTable
from chalicelib.store.dynamodb.transaction import Write

LONGEST_ID: Final = 200
"""Bytes. No id of a site, zone or space is as long."""

MOST_KEPT: Final = 2_000
"""Entries that an instance keeps: a thousand sites with their zones fit."""


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
    active = BooleanAttribute()
    blackouts: JSONAttribute = JSONAttribute(null=True)
    realtime = BooleanAttribute(null=True)


class ZoneItem(InventoryTable):
    """A zone (`zones`, zone id)."""

    version = IntegerAttribute(attr_name="v")
    zone_site = UnicodeAttribute()
    name = UnicodeAttribute()
    kind = UnicodeAttribute()
    policy: JSONAttribute = JSONAttribute()
    tariff: JSONAttribute = JSONAttribute()
    active = BooleanAttribute()


class SpaceItem(InventoryTable):
    """A space (`spaces#<zone>`, number)."""

    version = IntegerAttribute(attr_name="v")
    active = BooleanAttribute()
    note = UnicodeAttribute(null=True)


class Catalogue:
    """All sites, zones and spaces."""

    def __init__(self, keep_seconds: int) -> None:
        self._cache = Cache(keep_seconds, most=MOST_KEPT)

    def site(self, slug: str) -> Site:
        """A site, cached. Raises SiteNotFound."""
        return self._cache.get(f"site#{slug}", lambda: self.fresh_site(slug))

    def zone(self, zone_id: str) -> Zone:
        """A zone, cached. Raises ZoneNotFound."""
        return self._cache.get(f"zone#{zone_id}", lambda: self.fresh_zone(zone_id))

    def zones_of(self, site: str) -> tuple[Zone, ...]:
        """A site's zones, cached: one query."""
        return self._cache.get(f"zones_of#{site}", lambda: _zones_of(site))

    def spaces(self, zone_id: str) -> tuple[Space, ...]:
        """All spaces of a zone by their number, cached: one query."""
        return self._cache.get(f"spaces#{zone_id}", lambda: _spaces_of(zone_id))

    def numbers(self, zone_id: str) -> tuple[str, ...]:
        """The numbers of a zone's spaces that are in use, cached."""
        return tuple(space.number for space in self.spaces(zone_id) if space.active)

    def fresh_site(self, slug: str) -> Site:
        """A site as it is now, for an edit of it. Raises SiteNotFound."""
        return site_from_item(_get(SiteItem, "sites", slug, errors.SiteNotFound))

    def fresh_zone(self, zone_id: str) -> Zone:
        """A zone as it is now, for an edit of it. Raises ZoneNotFound."""
        return zone_from_item(_get(ZoneItem, "zones", zone_id, errors.ZoneNotFound))

    def fresh_space(self, zone_id: str, number: str) -> Space:
        """A space as it is now, for an edit of it. Raises SpaceNotFound."""
        item = _get(SpaceItem, f"spaces#{zone_id}", number, errors.SpaceNotFound)
        return space_from_item(item)

    def sites(self, *, limit: int, after: str | None = None) -> Listing[Site]:
        """Sites by slug, those after `after`: one query."""
        items, more = _page(SiteItem, "sites", limit, after)
        sites = tuple(site_from_item(item) for item in items)
        return Listing(sites, sites[-1].slug if more else None)

    def zones(self, *, limit: int, after: str | None = None) -> Listing[Zone]:
        """Zones of all sites by id, those after `after`: one query."""
        items, more = _page(ZoneItem, "zones", limit, after)
        zones = tuple(zone_from_item(item) for item in items)
        return Listing(zones, zones[-1].zone_id if more else None)

    def forget_changed(self, change: Change) -> None:
        """Read everything again after a `change` of a site, a zone or a space."""
        written = (*change.saves, *change.deletes)
        if any(isinstance(record, (Site, Zone, Space)) for record in written):
            self.forget()

    def forget(self) -> None:
        """Read everything again."""
        self._cache.clear()


def _zones_of(site: str) -> tuple[Zone, ...]:
    with translated():
        items = ZoneItem.zones_of.query(site)
        return tuple(zone_from_item(cast(ZoneItem, item)) for item in items)


def _spaces_of(zone_id: str) -> tuple[Space, ...]:
    with translated():
        return tuple(space_from_item(item) for item in SpaceItem.query(f"spaces#{zone_id}"))


Item = TypeVar("Item", bound=InventoryTable)


def _get(kind: type[Item], pk: str, sk: str, missing: type[errors.NotFound]) -> Item:
    if not 0 < len(sk.encode("utf-8", "replace")) <= LONGEST_ID:
        raise missing()  # DynamoDB would refuse such a key as malformed
    try:
        with translated():
            return kind.get(pk, sk, consistent_read=True)
    except kind.DoesNotExist:
        raise missing() from None


def _page(kind: type[Item], pk: str, limit: int, after: str | None) -> tuple[list[Item], bool]:
    """Items of a partition after the sort key `after`, and whether there may be more."""
    condition = kind.sk > after if after is not None else None
    with translated():
        found = kind.query(pk, condition, limit=limit, page_size=limit)
        items = list(found)
    return items, bool(items) and found.last_evaluated_key is not None


def site_writes(site: Site) -> Iterator[Write]:
    """The site under its version."""
    yield transaction.save(site_to_item(site), site.version)


def zone_writes(zone: Zone) -> Iterator[Write]:
    """The zone under its version."""
    yield transaction.save(zone_to_item(zone), zone.version)


def space_writes(space: Space) -> Iterator[Write]:
    """The space under its version."""
    yield transaction.save(space_to_item(space), space.version)


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
        active=site.active,
        blackouts=pack_blackouts(site.blackouts) or None,
        realtime=site.realtime or None,
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
        active=item.active,
        blackouts=unpack_blackouts(item.blackouts or ()),
        realtime=bool(item.realtime),
        version=item.version,
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
    )


def space_to_item(space: Space) -> SpaceItem:
    """The item of a space."""
    return SpaceItem(
        f"spaces#{space.zone_id}",
        space.number,
        version=space.version,
        active=space.active,
        note=space.note,
    )


def space_from_item(item: SpaceItem) -> Space:
    """The space in an item."""
    return Space(
        zone_id=item.pk.removeprefix("spaces#"),
        number=item.sk,
        active=item.active,
        note=item.note,
        version=item.version,
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
