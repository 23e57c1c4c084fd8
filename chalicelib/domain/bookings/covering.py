"""The check-in of a stay that a season pass covers (docs/rules/passes.md, Cover)."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.bookings.cover import AtPlate, Cover, Inside
from chalicelib.domain.core.access import SYSTEM
from chalicelib.domain.core.timeline import TimelineEntry
from chalicelib.domain.sites.site import Zone


def covered(change: BookingChange, zone: Zone, found: AtPlate) -> BookingChange:
    """The check-in `change`, with its cover where the pass that is `found` covers it."""
    booking, held = change.booking, found.season_pass
    if booking.actual_start is None or held is None:
        return change
    cover = found.cover(zone, booking.actual_start)
    if cover is None:
        return change
    inside = Inside(held.site, held.plate, booking.booking_id, held.pass_id, held.version)
    saves = (_covered(each, cover) if each is booking else each for each in change.saves)
    return replace(change, saves=tuple(saves)).saving(inside)


def _covered(booking: Booking, cover: Cover) -> Booking:
    at, source = booking.updated_at, booking.timeline[-1].source
    entry = TimelineEntry(at, "covered", SYSTEM.account_id, source, cover.pass_id)
    return replace(booking, cover=cover, timeline=(*booking.timeline, entry))
