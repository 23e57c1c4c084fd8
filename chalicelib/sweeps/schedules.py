"""When the sweeps run: every function of the bundle declares them at its start."""

from __future__ import annotations

from typing import Final

SCHEDULES: Final = {
    "auto-checkout": 15,
    "expire-bookings": 5,
    "reminders": 60,
    "auto-cancel": 30,
    "waitlist-expiry": 5,
    "outbox": 1,
    "reconcile": 60,
    "books": 360,
}
"""The sweeps, and the minutes between two runs."""
