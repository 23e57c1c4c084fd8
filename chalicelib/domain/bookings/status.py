"""Where a booking stands, and which steps lead where (docs/rules/lifecycle.md, Steps)."""

from __future__ import annotations

from enum import StrEnum


class Status(StrEnum):
    """Where a booking stands; the last three are final."""

    PENDING = "pending"
    BOOKED = "booked"
    ACTIVE = "active"
    COMPLETED = "completed"
    CANCELLED = "cancelled"
    EXPIRED = "expired"


LIVE = frozenset({Status.PENDING, Status.BOOKED, Status.ACTIVE})

STEPS: dict[Status, frozenset[Status]] = {
    Status.PENDING: frozenset({Status.BOOKED, Status.CANCELLED, Status.EXPIRED}),
    Status.BOOKED: frozenset({Status.ACTIVE, Status.CANCELLED, Status.EXPIRED}),
    Status.ACTIVE: frozenset({Status.COMPLETED, Status.CANCELLED}),
    Status.COMPLETED: frozenset(),
    Status.CANCELLED: frozenset(),
    Status.EXPIRED: frozenset(),
}
"""The legal steps; everything else is refused with IllegalTransition or a more helpful name."""


WHY_OVER = {
    Status.PENDING: "This booking has not been paid yet.",
    Status.BOOKED: "This booking has not begun.",
    Status.ACTIVE: "This booking is inside.",
    Status.COMPLETED: "This stay has ended already.",
    Status.CANCELLED: "This booking was cancelled.",
    Status.EXPIRED: "This booking has expired: nobody came in its time.",
}
"""Why nothing more can be done with a booking in a state that refuses a step."""
