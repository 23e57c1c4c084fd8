"""Lists of bookings: a customer's own, a site's, and what is going on right now."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from chalicelib.domain import access, deadline, errors, occupancy
from chalicelib.domain.access import Actor
from chalicelib.domain.booking import Booking, Status
from chalicelib.domain.interval import Interval
from chalicelib.domain.site import Site, Zone
from chalicelib.services import settle
from chalicelib.services.deps import Deps
from chalicelib.store.bookings import Cursor, Page

LOOK_AHEAD = 100
"""Bookings read for one page when filters apply, so that a page is still one query. A filtered
page may hold fewer than asked for, and a cursor all the same."""

LONGEST_LIST = timedelta(days=366)
CURRENT = 50
"""The newest bookings in which a customer's live ones are looked for."""


@dataclass(frozen=True)
class Filters:
    """Which bookings are wanted; the span is about their booked start."""

    status: Status | None = None
    since: datetime | None = None
    until: datetime | None = None
    zone_id: str | None = None

    @property
    def any(self) -> bool:
        return (self.status, self.since, self.until, self.zone_id) != (None, None, None, None)

    def pass_(self, booking: Booking) -> bool:
        """Whether the booking is wanted."""
        return (
            (self.status is None or booking.status is self.status)
            and (self.zone_id is None or booking.zone_id == self.zone_id)
            and (self.since is None or booking.booked.start >= self.since)
            and (self.until is None or booking.booked.start < self.until)
        )
