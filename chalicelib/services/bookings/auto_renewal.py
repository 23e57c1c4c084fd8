"""Auto-renewal of a stay at its deadline (docs/rules/auto-renewal.md)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

from chalicelib.domain.bookings import admission
from chalicelib.domain.bookings import auto_renewal as rules
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.core import errors
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.occupancy.occupancy import Sheets
from chalicelib.domain.sites.site import Zone
from chalicelib.services.bookings import debts, free_space
from chalicelib.services.bookings.free_space import Placement
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps
from chalicelib.services.waitlist import offering

SettleOthers = Callable[[Deps, Sheets, str], None]
"""Settles what has not begun in a space. Raises StaleVersion where that freed time."""

_REFUSALS: Final = tuple(rules.REASONS)


def apply(deps: Deps, booking: Booking, *, source: Source, settle_others: SettleOthers) -> Booking:
    """Renew a stay that is due for it: one query and one transaction. Where that is refused, turn
    its auto-renewal off: one transaction. The result is committed. Raises StaleVersion."""
    policy = places.zone_of(deps, booking).policy
    try:
        change = _renewal(deps, booking, source, settle_others)
        deps.commit(change)
    except _REFUSALS as refusal:
        reason = rules.reason_of(refusal)
        change = rules.refuse(booking, reason, source=source, policy=policy, now=deps.now())
        deps.commit(change)
    return change.booking


def _renewal(
    deps: Deps, booking: Booking, source: Source, settle_others: SettleOthers
) -> BookingChange:
    """The change that renews a stay, not committed yet. Raises one of `REASONS`, StaleVersion."""
    site, zone = places.site_of(deps, booking), places.zone_of(deps, booking)
    if booking.renewals >= zone.policy.auto_renew_most:
        raise errors.QuotaReached()
    added = rules.added(booking, zone.policy)
    admission.check_renewal(booking.booked, added, site=site, zone=zone)
    if booking.user_id is not None:
        debts.require_none_at(deps, booking.user_id, booking.site)
    interval = rules.renewed(booking, added)
    place = _place(deps, zone, booking, interval, settle_others)
    if offering.waitlist_comes_first(deps, zone, [added], place.inventory):
        raise errors.StaleVersion()
    tracked = zone.policy.tracks_turnover
    change = rules.renew(
        booking,
        interval,
        source=source,
        policy=zone.policy,
        tz=site.tz,
        sheets=place.sheets,
        now=deps.now(),
        room=deps.rooms.get(booking.zone_id, booking.number) if tracked else None,
    )
    return change.joined_with(place.moves)


def _place(
    deps: Deps, zone: Zone, booking: Booking, interval: Interval, settle_others: SettleOthers
) -> Placement:
    """Its own space for the longer time: free, or made free by moving bookings that have named
    none. Raises SpaceTaken, StaleVersion."""
    own, number = booking.holder, booking.number
    hull = Interval(min(interval.start, booking.occupied.start), interval.end)
    inventory = free_space.read(deps, zone, hull, by_condition=False)
    others = inventory.without(own)
    if others.free(interval, (number,)):
        return Placement.direct(number, inventory)
    settle_others(deps, others.sheets, number)
    found = free_space.by_moving(deps, zone, inventory, interval, (number,), leaving=own)
    if found is None:
        free_space.require_current(booking, inventory.sheets)
        raise errors.SpaceTaken()
    return found
