"""Bring waitlist entries over: those that still wait, in their old order."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Final

from chalicelib.domain.core import errors, ids, localtime
from chalicelib.domain.core.change import OpenPlace
from chalicelib.domain.imports.imported import Imported, OldId
from chalicelib.domain.sites.site import Zone
from chalicelib.domain.waitlist import entry as rules
from chalicelib.domain.waitlist.queue import Wish
from chalicelib.services.bookings import free_space
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import offering
from chalicelib.store import imported

MOST_A_DAY: Final = 100
"""Entries that one customer brings along for one day: the limit of a policy is for new ones."""

BROUGHT: Final = "Brought over from another system."


@dataclass(frozen=True)
class OldEntry:
    """A waitlist entry as another system had it, with the zone and the customer that it has
    here."""

    old: OldId
    zone: Zone
    wish: Wish
    user_id: str
    created_at: datetime
    priority: int = 0


def bring_over(deps: Deps, olds: Iterable[OldEntry]) -> int:
    """Write those of the entries that are not there yet, one transaction each, and return how many
    that were. Raises TooManyEntries, StaleVersion."""
    made = 0
    for old in olds:
        made += deps.retry_on_conflict(lambda: _once(deps, old))  # noqa: B023
    return made


def _once(deps: Deps, old: OldEntry) -> bool:
    if imported.find([old.old]):
        return False
    zone, interval = old.zone, old.wish.interval
    day = localtime.local_date(interval.start, deps.catalogue.site(zone.site).tz).isoformat()
    locator = old.user_id.removeprefix("US")
    entry_id = ids.entry_id(locator, old.created_at, deps.random_bits(20))
    inventory = free_space.read(deps, zone, interval)
    if offering.mark_waited(deps, zone, old.wish, inventory.sheets):
        raise errors.StaleVersion()
    try:
        change = rules.join(
            entry_id=entry_id,
            user_id=old.user_id,
            site=zone.site,
            zone_id=zone.zone_id,
            wish=old.wish,
            day=day,
            paging=zone.paging,
            priority=old.priority,
            favour=BROUGHT if old.priority else "",
            policy=replace(zone.policy, max_entries_per_day=MOST_A_DAY),
            sheets=inventory.sheets,
            wishes=deps.waitlist.wishes(locator, day),
            now=old.created_at,
        )
    except errors.AlreadyWaiting:
        return False
    record = Imported(old.old, entry_id)
    deps.commit(change.saving(record).relying_on(OpenPlace("zone", zone.zone_id)))
    return True
