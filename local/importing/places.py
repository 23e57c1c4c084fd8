"""The places that rows name: a zone or a space by its old id or by its id here."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import lru_cache
from typing import Final

from chalicelib.api.web import parse
from chalicelib.domain.core import amounts, errors
from chalicelib.domain.core.constraints import LONGEST_SLUG, SLUG
from chalicelib.domain.core.sentence import Fault, Verbatim
from chalicelib.domain.imports.imported import OldId
from chalicelib.domain.pricing.tariff import DEFAULT_BOOKING_FEE, Tariff
from chalicelib.domain.sites.site import Zone, default_policy, split_space_id
from chalicelib.services.core.deps import Deps
from chalicelib.store import imported
from local.importing.rows import BookingRow, EntryRow, SpaceRow, ZoneRow
from local.importing.staging import Staging

MOST_KEPT: Final = 2_000
"""Places in memory."""


class Places:
    """The zones and spaces that are there or among the staged rows. `zone` is the one of rows that
    name none."""

    def __init__(self, deps: Deps, staging: Staging, source: str, zone: str | None) -> None:
        self._deps = deps
        self._staging = staging
        self._source = source
        self._default = zone
        self._zone: Callable[[str], Zone | None] = lru_cache(MOST_KEPT)(self._find_zone)
        self._space: Callable[[str], tuple[Zone, str] | None] = lru_cache(MOST_KEPT)(
            self._find_space
        )
        self._known: Callable[[str], Zone | None] = lru_cache(MOST_KEPT)(self._find_known)
        self._is_staged: Callable[[str, str], bool] = lru_cache(MOST_KEPT)(self._find_staged)

    def forget(self) -> None:
        """Look up every place again, because some were written."""
        self.__init__(self._deps, self._staging, self._source, self._default)  # type: ignore[misc]

    def zone(self, name: str | None, *, field: str = "zone") -> Zone:
        """The zone of a name. Raises Invalid."""
        name = name or self._default
        if name is None:
            raise errors.Invalid({field: Verbatim("is required, or name one with --zone")})
        found = self._zone(name)
        if found is None:
            raise errors.Invalid({field: Verbatim(f"there is no zone {name}")})
        return found

    def space(self, row: BookingRow | EntryRow) -> tuple[Zone, str | None]:
        """The zone and the number of the space that a row names, if it names one. Raises
        Invalid."""
        if row.space is None:
            return self.zone(row.zone), row.number
        found = self._space(row.space)
        if found is not None:
            return found
        if row.zone is None and self._default is None:
            raise errors.Invalid({"space": Verbatim(f"there is no space {row.space}")})
        return self.zone(row.zone), row.space

    def is_in_use(self, zone: Zone, number: str) -> bool:
        """Whether a space of that number can be booked."""
        return number in self._numbers(zone) or self._is_staged(zone.zone_id, number)

    def was_there(self, zone: Zone, number: str) -> bool:
        """Whether there is or was a space of that number."""
        if self._is_staged(zone.zone_id, number) or number in self._numbers(zone):
            return True
        return self._is_there(zone) and self._deps.catalogue.has_space(zone.zone_id, number)

    def numbers(self, zone: Zone) -> tuple[str, ...]:
        """The numbers of the spaces of a zone that can be booked."""
        staged = (
            parse.read(SpaceRow, row.values, texts=True)
            for row in self._staging.of_ref("spaces", zone.zone_id)
        )
        new = (row.number for row in staged if row.active)
        return tuple(dict.fromkeys((*self._numbers(zone), *new)))

    def new_zone(self, row: ZoneRow) -> Zone:
        """The zone that a row describes. Raises Invalid."""
        zone_id = row.zone_id or slug(row.name)
        if not re.fullmatch(SLUG, zone_id):
            raise errors.Invalid({"zone_id": Verbatim("is required: the name makes no id")})
        try:
            site = self._deps.catalogue.site(row.site)
        except errors.SiteNotFound:
            raise errors.Invalid({"site": Verbatim(f"there is no site {row.site}")}) from None
        try:
            rate = amounts.read(row.rate, site.currency).minor
        except Fault as fault:
            raise errors.Invalid({"rate": fault.wording}) from None
        fee = DEFAULT_BOOKING_FEE if (row.kind, site.currency) == ("parking", "INR") else 0
        tariff = Tariff(
            "nightly" if row.kind == "room" else "hourly",
            site.currency,
            rate,
            booking_fee=fee if rate else 0,
        )
        policy = default_policy(row.kind)
        return Zone(zone_id, row.site, row.name, row.kind, policy, tariff, row.active)

    def _find_zone(self, name: str) -> Zone | None:
        staged = self._staging.find("zones", name)
        if staged is not None:
            try:
                made = self.new_zone(parse.read(ZoneRow, staged.values, texts=True))
            except errors.Invalid:
                return None
            return self._known(made.zone_id) or made
        old = OldId(self._source, "zones", name)
        return self._known(imported.find([old]).get(old, name))

    def _find_known(self, zone_id: str) -> Zone | None:
        try:
            return self._deps.catalogue.zone(zone_id)
        except errors.ZoneNotFound:
            return None

    def _is_there(self, zone: Zone) -> bool:
        return self._known(zone.zone_id) is not None

    def _numbers(self, zone: Zone) -> tuple[str, ...]:
        return self._deps.catalogue.numbers(zone.zone_id) if self._is_there(zone) else ()

    def _find_space(self, name: str) -> tuple[Zone, str] | None:
        staged = self._staging.find("spaces", name)
        if staged is not None:
            row = parse.read(SpaceRow, staged.values, texts=True)
            return self.zone(row.zone), row.number
        old = OldId(self._source, "spaces", name)
        zone_id, number = split_space_id(imported.find([old]).get(old, name))
        zone = self._zone(zone_id) if number else None
        return None if zone is None else (zone, number)

    def _find_staged(self, zone_id: str, number: str) -> bool:
        return self._staging.find_by("spaces", f"{zone_id}.{number}") is not None


def slug(name: str) -> str:
    """A name as an id.

    >>> slug("Zone A (north)")
    'zone-a-north'
    """
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:LONGEST_SLUG].strip("-")
