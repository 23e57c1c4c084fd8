"""Overstays: notice one at its booked end, and keep it on the sheets of the present until its guest
leaves (docs/decisions/overstays.md)."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from chalicelib.domain.bookings import deadline
from chalicelib.domain.bookings.booking import Booking, BookingChange
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.timeline import Source
from chalicelib.domain.stays import overstay
from chalicelib.services.core import places
from chalicelib.services.core.deps import Deps

SOON: Final = timedelta(days=1)
"""How long before its start an overstay counts as in the way of a booking."""


def keep(deps: Deps, booking: Booking, *, source: Source) -> BookingChange:
    """The change that keeps the space for a stay that outlasts its booked end, to be committed: one
    batch read."""
    now = deps.now()
    listed = overstay.listed(booking, now).holding.pages
    pages = [page for page in listed if page not in booking.holding.pages]
    return overstay.keep(
        booking,
        source=source,
        policy=places.zone_of(deps, booking).policy,
        sheets=deps.sheets.of_space(booking.zone_id, booking.number, pages),
        now=now,
        mails_desk=places.site_of(deps, booking).desk_mailbox is not None,
    )


def has_late_guest(deps: Deps, booking: Booking) -> bool:
    """Whether an overstay occupies the space of a booking that begins within `SOON`: one batch read
    then. Stays in a car park end by themselves."""
    now, zone = deps.now(), places.zone_of(deps, booking)
    lookback = deadline.lookback(kind=zone.kind, policy=zone.policy)
    if zone.kind == "parking" or not lookback or booking.booked.start > now + SOON:
        return False
    pages = zone.paging.pages(Interval.of_stay(now - lookback, now))
    sheets = deps.sheets.of_space(booking.zone_id, booking.number, pages)
    late = [who for who, taken in booking.others_in(sheets).items() if taken.end <= now]
    return any(each.overstays(now) for each in deps.bookings.many(late))
