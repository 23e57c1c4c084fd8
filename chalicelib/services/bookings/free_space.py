"""The one answer to "is it free?": for bookings, moves, walk-ins, the waitlist and availability
(docs/rules/occupancy.md, docs/decisions/rearranging.md)."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from dataclasses import dataclass, replace
from typing import Final, Self

from chalicelib.domain.bookings import deadline
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.occupancy import occupancy
from chalicelib.domain.occupancy.inventory import Inventory
from chalicelib.domain.occupancy.occupancy import Sheets
from chalicelib.domain.sites.site import Zone
from chalicelib.services.bookings import arranging, room_choice
from chalicelib.services.core.deps import Deps

MOST_WIDENINGS: Final = 3
"""Times that more pages are read, where a booking that could move reaches beyond those read."""

MOST_SEARCHED: Final = 10
"""Later times for which others are moved in memory, to name the next free one."""


@dataclass(frozen=True)
class Placement:
    """A space that is free for an interval once others have moved: its number, the sheets after the
    moves, the inventory that was read, and the change that writes them, not committed yet."""

    number: str
    sheets: Sheets
    inventory: Inventory
    moves: Change

    @classmethod
    def direct(cls, number: str, inventory: Inventory) -> Self:
        """A space that is free as things stand."""
        return cls(number, inventory.sheets, inventory, Change())


def read(deps: Deps, zone: Zone, interval: Interval, *, by_condition: bool = True) -> Inventory:
    """The inventory that decides what is free in a zone for `interval`: one query; for an arrival
    today in a zone with turnover one more, for the condition of the rooms (`by_condition`)."""
    lookback = deadline.lookback(kind=zone.kind, policy=zone.policy)
    pages = occupancy.window(interval, zone.paging, now=deps.now(), lookback=lookback)
    inventory = of_pages(deps, zone, *pages)
    if by_condition and room_choice.matters(deps, zone, interval.start):
        return with_condition(deps, zone, inventory)
    return inventory


def of_pages(deps: Deps, zone: Zone, first: str, last: str) -> Inventory:
    """The inventory of a zone on the pages `first` to `last`, without the condition of its rooms:
    one query."""
    numbers = deps.catalogue.numbers(zone.zone_id)
    sheets = deps.sheets.of_zone(zone.zone_id, first, last)
    return Inventory(zone.zone_id, zone.paging, numbers, sheets, first, last, deps.now())


def require_current(booking: Booking, sheets: Sheets) -> None:
    """Require that a booking has the space that it was read with, before a refusal for want of
    space. Raises StaleVersion where it has got another one since."""
    if booking.holder not in occupancy.held(sheets).get(booking.number, {}):
        raise errors.StaleVersion()


def with_condition(deps: Deps, zone: Zone, inventory: Inventory) -> Inventory:
    """The inventory with the condition of the rooms today: one query in a zone with turnover, none
    in others or if it has them already."""
    if not zone.policy.tracks_turnover or inventory.condition_until is not None:
        return inventory
    tz = deps.catalogue.site(zone.site).tz
    today = localtime.day(localtime.local_date(deps.now(), tz), tz)
    rooms = deps.rooms.of_zone(zone.zone_id)
    return replace(
        inventory,
        out=room_choice.unusable(deps, zone, rooms),
        unready=frozenset(number for number, room in rooms.items() if not room.is_ready),
        condition_until=today.end,
    )


def choose(deps: Deps, inventory: Inventory, interval: Interval, free: tuple[str, ...]) -> str:
    """A random one of the `free` spaces; for an arrival today a ready one if there is any."""
    return occupancy.choose(inventory.ready_first(interval.start, free), deps.random_bits(30))


def widened(deps: Deps, inventory: Inventory) -> Inventory | None:
    """The inventory with the pages of all provisional holders in it: one query. None where it has
    them."""
    beyond = inventory.beyond
    if beyond is None:
        return None
    pages = inventory.paging.pages(beyond)
    first, last = min(inventory.first, pages[0]), max(inventory.last, pages[-1])
    sheets = deps.sheets.of_zone(inventory.zone_id, first, last)
    return replace(inventory, sheets=sheets, first=first, last=last)


def find(
    deps: Deps, zone: Zone, inventory: Inventory, interval: Interval, among: Collection[str]
) -> Placement | None:
    """One of the spaces `among` for `interval`: free as things stand, or made free by moving
    others."""
    if free := inventory.free(interval, among):
        return Placement.direct(choose(deps, inventory, interval, free), inventory)
    return by_moving(deps, zone, inventory, interval, among)


def by_moving(
    deps: Deps,
    zone: Zone,
    inventory: Inventory,
    interval: Interval,
    among: Collection[str],
    *,
    leaving: str | None = None,
) -> Placement | None:
    """One of the spaces `among` for `interval`, made free by moving bookings and offers whose space
    is provisional: one batch read of those that move. `leaving` is a holder that gives up what it
    has. Where a booking reaches beyond the pages read, up to `MOST_WIDENINGS` queries more."""
    if not without(inventory, leaving).may_fit(interval):
        return None
    inventory = with_condition(deps, zone, inventory)
    for _ in range(MOST_WIDENINGS + 1):
        found = _placement(deps, without(inventory, leaving), interval, among)
        wider = None if found else widened(deps, inventory)
        if wider is None:
            return found
        inventory = wider
    return None


def without(inventory: Inventory, holder: str | None) -> Inventory:
    """The inventory without what a holder has, if there is one that leaves."""
    return inventory if holder is None else inventory.without(holder)


def first_by_moving(
    deps: Deps,
    zone: Zone,
    inventory: Inventory,
    intervals: Iterable[Interval],
    among: Collection[str],
    *,
    quantity: int = 1,
    leaving: str | None = None,
) -> Interval | None:
    """The first of some intervals for which `quantity` of the spaces `among` can be made free as in
    `by_moving`, of at most `MOST_SEARCHED`: what `by_moving` reads, once for all of them."""
    tried = [each for each in intervals if without(inventory, leaving).may_fit(each)]
    if not tried:
        return None
    inventory = with_condition(deps, zone, inventory)
    for _ in range(MOST_WIDENINGS):
        inventory = widened(deps, inventory) or inventory
    left = without(inventory, leaving)
    fits = (each for each in tried[:MOST_SEARCHED] if _has_room(deps, left, each, among, quantity))
    return next(fits, None)


def _has_room(
    deps: Deps, inventory: Inventory, interval: Interval, among: Collection[str], quantity: int
) -> bool:
    def plan(before: Inventory) -> tuple[int, Inventory] | None:
        after: Inventory | None = before
        for nth in range(quantity):
            placed = after and after.placed(f"{_NEW}.{nth}", interval, among, provisional=True)
            after = placed[0] if placed else None
        return None if after is None else (quantity, after)

    return arranging.arranged(deps, inventory, plan) is not None


_NEW: Final = "new"


def _placement(
    deps: Deps, inventory: Inventory, interval: Interval, among: Collection[str]
) -> Placement | None:
    def plan(before: Inventory) -> tuple[tuple[str, Sheets], Inventory] | None:
        placed = before.placed(_NEW, interval, among, provisional=False)
        if placed is None:
            return None
        after, number = placed
        return (number, after.without(_NEW).sheets), after

    found = arranging.arranged(deps, inventory, plan)
    return None if found is None else Placement(*found.planned, found.inventory, found.moves)
