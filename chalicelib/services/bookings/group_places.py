"""The spaces for the dates of a group: what is read for them, and the moves of others that they
need (docs/decisions/rearranging.md)."""

from __future__ import annotations

from dataclasses import dataclass, field

from chalicelib.domain.bookings import group_dates
from chalicelib.domain.bookings.group_dates import Choice, Date, Dates
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.occupancy.inventory import Inventory
from chalicelib.domain.occupancy.shortage import Want
from chalicelib.domain.sites.site import Zone
from chalicelib.services.bookings import arranging, decide, free_space, way_on
from chalicelib.services.core.deps import Deps


@dataclass(frozen=True)
class Decided:
    """Every date with its spaces or its refusal, the inventory that it depends on, and the moves of
    others that it needs."""

    dates: Dates
    inventory: Inventory
    moves: Change = field(default_factory=Change)


def refused(dates: Dates) -> int:
    """How many of the dates are refused."""
    return sum(each.refusal is not None for each in dates)


def by_moving(deps: Deps, zone: Zone, allowed: Dates, decided: Decided, choice: Choice) -> Decided:
    """The decision, with spaces that others make free by moving, for as many dates as possible."""
    inventory = free_space.with_condition(deps, zone, decided.inventory)
    for _ in range(free_space.MOST_WIDENINGS + 1):
        found = _moved(deps, allowed, decided.dates, inventory, choice)
        wider = free_space.widened(deps, inventory)
        if wider is None or refused(found.dates) == refused(allowed):
            break
        inventory = wider
    return found


def _moved(
    deps: Deps, allowed: Dates, dates: Dates, inventory: Inventory, choice: Choice
) -> Decided:
    found = arranging.arranged(
        deps, inventory, lambda before: group_dates.by_moving(allowed, dates, before, choice)
    )
    assert found is not None
    return Decided(found.planned, found.inventory, found.moves)


def inventory_of(deps: Deps, zone: Zone, dates: Dates) -> Inventory:
    """The inventory from the first to the last date that is not refused: one query, and one for the
    condition of rooms where a guest arrives today."""
    intervals = [each.interval for each in dates if each.interval and not each.refusal]
    if not intervals:
        numbers = deps.catalogue.numbers(zone.zone_id)
        return Inventory(zone.zone_id, zone.paging, numbers, (), "", "", deps.now())
    return free_space.read(deps, zone, Interval(intervals[0].start, intervals[-1].end))


def with_way_on(deps: Deps, actor: Actor, order: Order, decided: Decided, date: Date) -> Date:
    """A refused date; for want of space, with the way on. A series wants the same hours on all its
    dates, so there the next free time is not named."""
    if not isinstance(date.refusal, errors.NoRoom) or date.interval is None:
        return date
    zone, numbers = deps.catalogue.zone(order.zone_id), decide.numbers_of(deps, order)
    want = Want(date.interval, numbers, order.quantity)
    names_next = order.repeat is None
    return date.refused(
        way_on.explained(
            deps, actor, zone, want, decided.inventory, date.refusal, names_next=names_next
        )
    )
