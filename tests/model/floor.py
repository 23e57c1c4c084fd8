"""The rooms of a hotel as docs/rules/turnover.md has them, without a store: in what condition each
is, who is in it, and how it came to that."""

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
"""Where housekeeping may bring a room. Guests alone make it occupied, and leave it dirty."""

MADE_UP = (DIRTY, CLEANING, CLEANED, READY)

Place = tuple[str, str]
Step = tuple[datetime, str, str, str | None]
"""When, from where, to where, and which guest came or left."""


@dataclass
class Room:
    """One room; `since` is None while nobody has touched it."""

    condition: str = READY
    guest: str | None = None
    since: datetime | None = None
    history: Counter[Step] = field(default_factory=Counter)

    def becomes(self, to: str, at: datetime, guest: str | None = None) -> None:
        """A step; `guest` is in it afterwards."""
        self.history[at, self.condition, to, guest or self.guest] += 1
        self.condition, self.guest, self.since = to, guest, at


@dataclass
class Floor:
    """All rooms there are, by zone and number."""

    rooms: dict[Place, Room] = field(default_factory=dict)

    def of(self, known: Known) -> Room:
        """The room a booking has."""
        return self.rooms[known.zone, known.number]

    def ready(self, zone: str, numbers: set[str]) -> set[str]:
        """Those of the rooms a guest may be let into."""
        return {number for number in numbers if self.rooms[zone, number].condition == READY}

    def in_service(self, zone: str, numbers: set[str]) -> set[str]:
        """Those of the rooms that are not out of service."""
        return {number for number in numbers if self.rooms[zone, number].condition != OUT}

    def told(self, bookings: Mapping[str, Known]) -> None:
        """Whoever is over has left their room at that instant, whatever ended the stay."""
        for room in self.rooms.values():
            guest = bookings.get(room.guest or "")
            if guest is not None and not guest.is_live:
                assert guest.left is not None, guest
                room.becomes(DIRTY, guest.left)
