"""Words of the timer system that Berth replaces."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

from chalicelib.domain.bookings.status import Status

STATUS: Final[Mapping[Status, str]] = {
    Status.PENDING: "pending",
    Status.BOOKED: "booked",
    Status.ACTIVE: "booked",
    Status.COMPLETED: "completed",
    Status.CANCELLED: "cancelled",
    Status.EXPIRED: "cancelled",
}
"""A booking is `booked` until its timer has run down. The timer system knows no payment ahead, and
so no word for a booking that waits for it."""
