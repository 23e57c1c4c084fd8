"""Who holds the spaces of a zone from now on: read from its sheets, so the cost does not grow with
history."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import timedelta
from typing import Final

from chalicelib.domain.bookings.deadline import lookback
from chalicelib.domain.core import errors, ids
from chalicelib.domain.occupancy.occupancy import Sheet
from chalicelib.domain.sites.closing import MOST_COUNTED, OpenThings
from chalicelib.domain.sites.site import Zone
from chalicelib.services.bookings import settle
from chalicelib.services.core.deps import Deps

FURTHEST_AHEAD: Final = timedelta(days=1100)
"""No sheet is later: the longest `advance_window` (two years) and the longest booking."""


def held(deps: Deps, zone: Zone, number: str | None = None) -> OpenThings:
    """The live bookings and the offers on the sheets of a zone, or of its space `number`, as far as
    the first `MOST_COUNTED`. Raises StaleVersion where one that is over was settled."""
    sheets = tuple(_first(sheet for sheet in ahead(deps, zone) if number in (None, sheet.number)))
    if settle.obstacles(deps, sheets, zone, most=None):
        raise errors.StaleVersion()
    holders = tuple(dict.fromkeys(holder for sheet in sheets for holder in sheet.taken))
    return OpenThings(
        bookings=tuple(each for each in holders if ids.entry_key(each) is None),
        waiting=tuple(each for each in holders if ids.entry_key(each) is not None),
    )


def _first(sheets: Iterable[Sheet]) -> Iterator[Sheet]:
    found = 0
    for sheet in sheets:
        yield sheet
        found += len(sheet.taken)
        if found >= MOST_COUNTED:
            return


def waiting(deps: Deps, zone: Zone, number: str | None = None) -> tuple[str, ...]:
    """The entries that wait for a zone, or for its space `number` by its number: one query."""
    places = deps.waitlist.waiting(zone.zone_id, since=deps.now(), limit=MOST_COUNTED)
    return tuple(each.entry_id for each in places if number in (None, each.wish.number))


def live(deps: Deps, zones: Iterable[Zone]) -> OpenThings:
    """The live bookings, the offers and the waiting entries of some zones. Raises StaleVersion as
    `held` does."""
    bookings: list[str] = []
    entries: list[str] = []
    for zone in zones:
        found = held(deps, zone)
        bookings += found.bookings
        entries += (*found.waiting, *waiting(deps, zone))
    return OpenThings(bookings=tuple(bookings), waiting=tuple(entries))


def ahead(deps: Deps, zone: Zone) -> Iterator[Sheet]:
    """The sheets with holders, from the oldest possible overstay on: one query for each megabyte,
    as far as the caller reads."""
    now, paging = deps.now(), zone.paging
    first = now - lookback(kind=zone.kind, policy=zone.policy)
    last = now + FURTHEST_AHEAD
    return deps.sheets.held_of_zone(zone.zone_id, paging.page_of(first), paging.page_of(last))
