"""The record of a stay that time has ended, for the statistics of its site
(docs/rules/checkout.md)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Self

from chalicelib.domain.bookings.booking import Booking


@dataclass(frozen=True)
class AutoCheckout:
    """A stay of a site that time has ended, and when it really began and ended. It is written with
    its end and never changed."""

    site: str
    booking_id: str
    started_at: datetime
    ended_at: datetime
    version: int = 1

    @classmethod
    def of(cls, ended: Booking) -> tuple[Self, ...]:
        """The record of a stay that has ended; none where time did not end it."""
        if not ended.auto_checkout or ended.actual_start is None or ended.actual_end is None:
            return ()
        return (cls(ended.site, ended.booking_id, ended.actual_start, ended.actual_end),)
