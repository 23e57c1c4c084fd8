"""Bring zones and spaces over. One that is there already stays as it is."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Final

from chalicelib.domain.core import effect, errors
from chalicelib.domain.core.change import Change, OpenPlace, saving
from chalicelib.domain.imports.imported import Imported, OldId
from chalicelib.domain.sites.site import Space, Zone, ZoneMade
from chalicelib.services.core.deps import Deps
from chalicelib.store import imported

AT_ONCE: Final = 40
"""Spaces in one transaction: a space and its record are two items."""


def bring_zone(deps: Deps, old: OldId, zone: Zone) -> bool:
    """Write a zone with the record of its old id, and return whether it is new. Raises
    ClosedForGood where its site is closed or has got another currency."""
    if imported.find([old]):
        return False
    record = Imported(old, zone.zone_id)
    try:
        priced = OpenPlace("site", zone.site, zone.tariff.currency)
        made = ZoneMade(zone.site, zone.zone_id)
        deps.commit(saving(zone, made, record).relying_on(priced))
    except errors.AlreadyExists:
        if not imported.find([old]):
            deps.commit(saving(record))
        return False
    deps.catalogue.forget()
    return True


def bring_spaces(deps: Deps, olds: Iterable[tuple[OldId, Space]]) -> int:
    """Write those of the spaces that are not there yet, and return how many that were. Raises
    StaleVersion."""
    made, waiting = 0, list(olds)
    while waiting:
        batch, waiting = waiting[:AT_ONCE], waiting[AT_ONCE:]
        made += deps.retry_on_conflict(lambda: _spaces(deps, batch))  # noqa: B023
    deps.catalogue.forget()
    return made


def _spaces(deps: Deps, batch: list[tuple[OldId, Space]]) -> int:
    known = imported.find(old for old, _ in batch)
    there = {zone: set(deps.catalogue.all_numbers(zone)) for zone in {s.zone_id for _, s in batch}}
    change, made = Change(), 0
    for old, space in (each for each in batch if each[0] not in known):
        change = change.saving(Imported(old, space.space_id))
        if space.number not in there[space.zone_id]:
            change, made = change.saving(space), made + 1
    for zone_id in sorted({record.zone_id for record in change.saves if isinstance(record, Space)}):
        change = change.relying_on(OpenPlace("zone", zone_id)).sending(effect.offer_time(zone_id))
    if change.saves:
        try:
            deps.commit(change)
        except errors.AlreadyExists:
            deps.catalogue.forget()
            raise errors.StaleVersion() from None
    return made
