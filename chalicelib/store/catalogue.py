"""Sites, zones and spaces. They change rarely and every request needs them, so an instance keeps
what it has read for `CATALOGUE_SECONDS`; its own writes it sees at once."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, Final, TypeVar, cast

from pynamodb.expressions.condition import size

from chalicelib.domain.core import errors
from chalicelib.domain.core.change import Change, MadeZones, OpenPlace
from chalicelib.domain.core.listing import Listing
from chalicelib.domain.sites.site import Site, Space, Zone, ZoneMade
from chalicelib.store.cache import Cache
from chalicelib.store.catalogue_item import (
    MadeZonesItem,
    SiteItem,
    SpaceItem,
    ZoneItem,
    site_from_item,
    site_to_item,
    space_from_item,
    space_to_item,
    zone_from_item,
    zone_to_item,
)
from chalicelib.store.dynamodb import transaction
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import InventoryTable
from chalicelib.store.dynamodb.transaction import Write

LONGEST_ID: Final = 200
"""Bytes. No id of a site, zone or space is as long."""

MOST_KEPT: Final = 2_000
"""Entries that an instance keeps: a thousand sites with their zones fit."""


class Catalogue:
    """All sites, zones and spaces. Those that are closed for good are read by their id, and are in
    no list but those of `all_zones_of` and `all_numbers`."""

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
        return tuple(zone for zone in self.all_zones_of(site) if zone.closed_at is None)

    def all_zones_of(self, site: str) -> tuple[Zone, ...]:
        """A site's zones and those it once had, for the past: cached with the others."""
        return self._cache.get(f"zones_of#{site}", lambda: _zones_of(site))

    def spaces(self, zone_id: str) -> tuple[Space, ...]:
        """All spaces of a zone by their number, cached: one query."""
        return tuple(space for space in self._all_spaces(zone_id) if space.closed_at is None)

    def _all_spaces(self, zone_id: str) -> tuple[Space, ...]:
        return self._cache.get(f"spaces#{zone_id}", lambda: _spaces_of(zone_id))

    def numbers(self, zone_id: str) -> tuple[str, ...]:
        """The numbers of a zone's spaces that are in use, cached."""
        return tuple(space.number for space in self.spaces(zone_id) if space.active)

    def all_numbers(self, zone_id: str) -> tuple[str, ...]:
        """The numbers of the spaces that a zone has or once had, for the past: cached with the
        others."""
        return tuple(space.number for space in self._all_spaces(zone_id))

    def fresh_site(self, slug: str) -> Site:
        """A site as it is now, for an edit of it. Raises SiteNotFound."""
        return site_from_item(_get(SiteItem, "sites", slug, errors.SiteNotFound))

    def fresh_zone(self, zone_id: str) -> Zone:
        """A zone as it is now, for an edit of it. Raises ZoneNotFound."""
        return zone_from_item(_get(ZoneItem, "zones", zone_id, errors.ZoneNotFound))

    def made_zones(self, site: str) -> frozenset[str]:
        """The ids of all zones that were ever made at a site, as they are now: one read. Those from
        before this was written down are in the lists alone."""
        try:
            with translated():
                item = MadeZonesItem.get("made_zones", site, consistent_read=True)
        except MadeZonesItem.DoesNotExist:
            return frozenset()
        return frozenset(item.zones)

    def fresh_zones_of(self, site: str, made: Iterable[str]) -> tuple[Zone, ...]:
        """The zones of a site as they are now, also those just `made` and closed ones: one query,
        and one batch read for each hundred."""
        ids = {zone.zone_id for zone in _zones_of(site)}.union(made)
        with translated():
            items = ZoneItem.batch_get([("zones", each) for each in sorted(ids)], True)
            return tuple(zone_from_item(item) for item in items)

    def has_space(self, zone_id: str, number: str) -> bool:
        """Whether a zone has or had a space: cached, and one read for one that is not known yet."""
        if number in self.all_numbers(zone_id):
            return True
        try:
            self.fresh_space(zone_id, number)
        except errors.SpaceNotFound:
            return False
        return True

    def fresh_spaces(self, zone_id: str) -> tuple[Space, ...]:
        """The spaces of a zone as they are now: one query."""
        spaces = _spaces_of(zone_id, consistent=True)
        return tuple(space for space in spaces if space.closed_at is None)

    def closed_numbers(self, zone_id: str) -> tuple[str, ...]:
        """The numbers of the spaces of a zone that are closed for good, as they are now: one
        query."""
        spaces = _spaces_of(zone_id, consistent=True)
        return tuple(space.number for space in spaces if space.closed_at is not None)

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

    def keep(self, *records: Site | Zone) -> None:
        """Keep sites and zones as they were read or written in a step, so that its answer needs no
        read after the commit."""
        for record in records:
            if isinstance(record, Site):
                self._cache.put(f"site#{record.slug}", record)
            else:
                self._cache.put(f"zone#{record.zone_id}", record)

    def forget(self) -> None:
        """Read everything again."""
        self._cache.clear()


def _zones_of(site: str) -> tuple[Zone, ...]:
    with translated():
        items = ZoneItem.zones_of.query(site)
        return tuple(zone_from_item(cast(ZoneItem, item)) for item in items)


def _spaces_of(zone_id: str, *, consistent: bool = False) -> tuple[Space, ...]:
    with translated():
        items = SpaceItem.query(f"spaces#{zone_id}", consistent_read=consistent)
        return tuple(space_from_item(item) for item in items)


Item = TypeVar("Item", bound=InventoryTable)


def _get(kind: type[Item], pk: str, sk: str, missing: type[errors.NotFound]) -> Item:
    if not 0 < len(sk.encode("utf-8", "replace")) <= LONGEST_ID:
        raise missing()  # DynamoDB would refuse such a key as malformed
    try:
        with translated():
            return kind.get(pk, sk, consistent_read=True)
    except kind.DoesNotExist:
        raise missing() from None


def _page(
    kind: type[SiteItem] | type[ZoneItem], pk: str, limit: int, after: str | None
) -> tuple[list[Any], bool]:
    """Items of a partition after the sort key `after`, without the closed ones, and whether there
    may be more."""
    condition = kind.sk > after if after is not None else None
    still_open = kind.closed.does_not_exist()
    with translated():
        found = kind.query(pk, condition, still_open, limit=limit, page_size=limit)
        items = list(found)
    return items, bool(items) and found.last_evaluated_key is not None


def open_checks(place: OpenPlace) -> Iterator[Write]:
    """The check that a place is not closed for good."""
    item: SiteItem | ZoneItem = ZoneItem("zones", place.name)
    if place.kind == "site":
        item = SiteItem("sites", place.name)
    still = type(item).closed.does_not_exist()
    if place.currency is not None:
        still &= SiteItem.currency == place.currency
    yield transaction.check(item, still, refusal=errors.ClosedMeanwhile)


def made_zones_checks(made: MadeZones) -> Iterator[Write]:
    """The check that no zone has been made since."""
    item, zones = MadeZonesItem("made_zones", made.site), MadeZonesItem.zones
    same = size(zones) == made.count if made.count else zones.does_not_exist()
    yield transaction.check(item, same, refusal=errors.StaleVersion)


def site_writes(site: Site) -> Iterator[Write]:
    """The site under its version."""
    yield transaction.save(site_to_item(site), site.version)


def zone_writes(zone: Zone) -> Iterator[Write]:
    """The zone under its version."""
    yield transaction.save(zone_to_item(zone), zone.version)


def zone_made_writes(made: ZoneMade) -> Iterator[Write]:
    """The zone among those made at its site."""
    item = MadeZonesItem("made_zones", made.site)
    yield transaction.update(item, [MadeZonesItem.zones.add({made.zone_id})])


def space_writes(space: Space) -> Iterator[Write]:
    """The space under its version."""
    yield transaction.save(space_to_item(space), space.version)
