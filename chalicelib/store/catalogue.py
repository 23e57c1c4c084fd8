"""Sites, zones and spaces. They change rarely and every request needs them, so an instance keeps
what it has read for `CATALOGUE_SECONDS`; what it writes itself it sees at once."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from dataclasses import fields
from typing import Any, TypeVar, cast

from chalicelib.domain.core import errors, unixtime
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.pricing import tariff_json
from chalicelib.domain.sites.blackout import Blackout
from chalicelib.domain.sites.opening_hours import OpeningHours
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Site, Space, Zone, ZoneKind
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import InventoryItem, SiteItem, SpaceItem, ZoneItem

LONGEST_ID = 200
"""Bytes. No id of ours is as long."""

MOST_KEPT = 2_000
"""Entries. A thousand sites with their zones fit; beyond that the oldest go."""

T = TypeVar("T")


class Catalogue:
    """What there is to book."""

    def __init__(self, keep_seconds: int) -> None:
        self._keep = keep_seconds
        self._kept: dict[str, tuple[float, Any]] = {}

    def site(self, slug: str) -> Site:
        """A site, kept. Raises SiteNotFound."""
        return self._cached(f"site#{slug}", lambda: self.fresh_site(slug))

    def zone(self, zone_id: str) -> Zone:
        """A zone, kept. Raises ZoneNotFound."""
        return self._cached(f"zone#{zone_id}", lambda: self.fresh_zone(zone_id))

    def spaces(self, zone_id: str) -> tuple[Space, ...]:
        """All spaces of a zone by their number, kept: one query."""
        return self._cached(f"spaces#{zone_id}", lambda: self._spaces(zone_id))

    def numbers(self, zone_id: str) -> tuple[str, ...]:
        """The spaces of a zone that are in use, by their number."""
        return tuple(space.number for space in self.spaces(zone_id) if space.active)

    def fresh_site(self, slug: str) -> Site:
        """A site as it is now: what an edit is based on. Raises SiteNotFound."""
        return site_from(_get(SiteItem, "sites", slug, errors.SiteNotFound))

    def fresh_zone(self, zone_id: str) -> Zone:
        """A zone as it is now. Raises ZoneNotFound."""
        return zone_from(_get(ZoneItem, "zones", zone_id, errors.ZoneNotFound))

    def fresh_space(self, zone_id: str, number: str) -> Space:
        """A space as it is now. Raises SpaceNotFound."""
        return space_from(_get(SpaceItem, f"spaces#{zone_id}", number, errors.SpaceNotFound))

    def sites(self, *, limit: int, after: str | None = None) -> Listing[Site]:
        """Sites by slug, those behind `after`: one query."""
        items, goes_on = _page(SiteItem, "sites", limit, after)
        sites = tuple(site_from(item) for item in items)
        return Listing(sites, sites[-1].slug if goes_on else None)

    def zones(self, *, limit: int, after: str | None = None) -> Listing[Zone]:
        """Zones of all sites by id, those behind `after`: one query."""
        items, goes_on = _page(ZoneItem, "zones", limit, after)
        zones = tuple(zone_from(item) for item in items)
        return Listing(zones, zones[-1].zone_id if goes_on else None)

    def zones_of(self, site: str) -> tuple[Zone, ...]:
        """A site's zones, kept: one query."""
        return self._cached(f"zones_of#{site}", lambda: self._zones_of(site))

    def forget(self) -> None:
        """Read everything anew."""
        self._kept.clear()

    def _zones_of(self, site: str) -> tuple[Zone, ...]:
        with translated():
            return tuple(zone_from(item) for item in ZoneItem.zones_of.query(site))

    def _spaces(self, zone_id: str) -> tuple[Space, ...]:
        with translated():
            return tuple(space_from(item) for item in SpaceItem.query(f"spaces#{zone_id}"))

    def _cached(self, name: str, read: Callable[[], T]) -> T:
        now = time.monotonic()
        kept = self._kept.get(name)
        if kept is not None and kept[0] > now:
            found: T = kept[1]
            return found
        record = read()
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[name] = (now + self._keep, record)
        return record


Item = TypeVar("Item", bound=InventoryItem)


def _get(kind: type[Item], pk: str, sk: str, missing: type[errors.NotFound]) -> Item:
    if not 0 < len(sk.encode("utf-8", "replace")) <= LONGEST_ID:
        raise missing()  # DynamoDB would call such a key malformed
    try:
        with translated():
            return kind.get(pk, sk, consistent_read=True)
    except kind.DoesNotExist:
        raise missing() from None


def _page(kind: type[Item], pk: str, limit: int, after: str | None) -> tuple[list[Item], bool]:
    """Items of a partition behind the sort key `after`, and whether there may be more."""
    behind = kind.sk > after if after is not None else None
    with translated():
        found = kind.query(pk, behind, limit=limit, page_size=limit)
        items = list(found)
    return items, bool(items) and found.last_evaluated_key is not None


def site_item(site: Site) -> SiteItem:
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
        blackouts=blackouts_out(site.blackouts) or None,
        realtime=site.realtime or None,
    )


def site_from(item: SiteItem) -> Site:
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
        blackouts=blackouts_in(item.blackouts or ()),
        realtime=bool(item.realtime),
        version=int(item.version),
    )


def zone_item(zone: Zone) -> ZoneItem:
    return ZoneItem(
        "zones",
        zone.zone_id,
        version=zone.version,
        zone_site=zone.site,
        name=zone.name,
        kind=zone.kind,
        policy=policy_out(zone.policy),
        tariff=tariff_json.show(zone.tariff),
        active=zone.active,
    )


def zone_from(item: ZoneItem) -> Zone:
    return Zone(
        zone_id=item.sk,
        site=item.zone_site,
        name=item.name,
        kind=cast(ZoneKind, item.kind),
        policy=policy_in(item.policy),
        tariff=tariff_json.read(item.tariff),
        active=item.active,
        version=int(item.version),
    )


def space_item(space: Space) -> SpaceItem:
    return SpaceItem(
        f"spaces#{space.zone_id}",
        space.number,
        version=space.version,
        active=space.active,
        note=space.note,
    )


def space_from(item: SpaceItem) -> Space:
    return Space(
        zone_id=item.pk.removeprefix("spaces#"),
        number=item.sk,
        active=item.active,
        note=item.note,
        version=int(item.version),
    )


def policy_out(policy: Policy) -> dict[str, Any]:
    """A policy as stored: what differs from the defaults, so that a default that changes later
    reaches the zones that never chose otherwise."""
    changed = {
        f.name: getattr(policy, f.name)
        for f in fields(Policy)
        if getattr(policy, f.name) != f.default
    }
    if policy.opening_hours is not None:
        changed["opening_hours"] = policy.opening_hours.to_json()
    if policy.blackouts:
        changed["blackouts"] = blackouts_out(policy.blackouts)
    return changed


def policy_in(stored: dict[str, Any]) -> Policy:
    """The policy in an item."""
    changed = dict(stored)
    if "opening_hours" in changed:
        changed["opening_hours"] = OpeningHours.from_json(changed["opening_hours"])
    if "blackouts" in changed:
        changed["blackouts"] = blackouts_in(changed["blackouts"])
    return Policy(**changed)


def blackouts_out(blackouts: Iterable[Blackout]) -> list[list[Any]]:
    """Blackouts as stored: `[start, end, reason, key]`, instants as epochs."""
    return [
        [unixtime.of(each.start), unixtime.of(each.end), each.reason, each.key]
        for each in blackouts
    ]


def blackouts_in(stored: Iterable[list[Any]]) -> tuple[Blackout, ...]:
    """The blackouts in an item; the oldest have nothing but their times."""
    return tuple(
        Blackout(unixtime.instant(start), unixtime.instant(end), *rest)
        for start, end, *rest in stored
    )
