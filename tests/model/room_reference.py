"""The reference of a hotel's rooms, without a store: the condition of each, the booking in it, and
its history."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from tests.model.reference import Known

OCCUPIED, READY, OUT = "OCCUPIED", "READY_FOR_GUEST", "OUT_OF_SERVICE"
DIRTY, CLEANING, CLEANED = "CHECKOUT_DIRTY", "CLEANING_IN_PROGRESS", "CLEANED_UNINSPECTED"

WAYS: Mapping[str, set[str]] = {
    OCCUPIED: set(),
    DIRTY: {CLEANING, OUT},
    CLEANING: {CLEANED, OUT},
    CLEANED: {READY, DIRTY, OUT},
    READY: {OUT},
    OUT: {DIRTY},
}
"""The steps of housekeeping. A check-in occupies a room, a check-out leaves it dirty."""

MADE_UP = (DIRTY, CLEANING, CLEANED, READY)

Place = tuple[str, str]
Step = tuple[datetime, str, str, str | None]
"""When, from which condition, to which, and the booking that came or left."""


@dataclass
class Room:
    """One room; `since` is None before its first step."""

    condition: str = READY
    guest: str | None = None
    since: datetime | None = None
    history: Counter[Step] = field(default_factory=Counter)

    def becomes(self, to: str, at: datetime, guest: str | None = None) -> None:
        """Take a step; `guest` is in the room afterwards."""
        self.history[at, self.condition, to, guest or self.guest] += 1
        self.condition, self.guest, self.since = to, guest, at


@dataclass
class RoomReference:
    """All rooms, by zone and number."""

    by_place: dict[Place, Room] = field(default_factory=dict)

    def of(self, known: Known) -> Room:
        """The room of a booking."""
        return self.by_place[known.zone, known.number]

    def ready(self, zone: str, numbers: set[str]) -> set[str]:
        """Those of the rooms a guest may be let into."""
        return {number for number in numbers if self.by_place[zone, number].condition == READY}

    def in_service(self, zone: str, numbers: set[str]) -> set[str]:
        """Those of the rooms that are not out of service."""
        return {number for number in numbers if self.by_place[zone, number].condition != OUT}

    def settle(self, bookings: Mapping[str, Known]) -> None:
        """Leave the rooms whose stay has ended, at the instant at which it ended."""
        for room in self.by_place.values():
            guest = bookings.get(room.guest or "")
            if guest is not None and not guest.is_live:
                assert guest.left is not None, guest
                room.becomes(DIRTY, guest.left)
