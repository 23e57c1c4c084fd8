"""Every use case that writes, as a client or a schedule starts it and starts it again."""

from __future__ import annotations

from typing import Final

from tests.faults import bookings, halls, keys, rooms, stays, work

USE_CASES: Final = (
    *bookings.CASES,
    *stays.CASES,
    *halls.CASES,
    *rooms.CASES,
    *work.CASES,
    *keys.CASES,
)
