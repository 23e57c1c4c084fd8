"""A hotel whose rooms are cleaned between guests."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import Guest
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.change import Change, saving
from chalicelib.domain.housekeeping.turnover import Condition, Room, RoomEdit
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.sites.site import Space, default_policy
from chalicelib.services.housekeeping import housekeeping
from chalicelib.services.stays import check_in as presence
from chalicelib.services.stays import check_out as leaving
from tests.clock import NOON, Clock
from tests.world import World

TURN = (
    Condition.CLEANING_IN_PROGRESS,
    Condition.CLEANED_UNINSPECTED,
    Condition.READY_FOR_GUEST,
)
"""From the check-out to the next guest."""


class Desk:
    """Rooms 101 and up, their desk, and guests with an address to write to. The hotel is in Dublin
    unless it is at a site there is already."""

    def __init__(
        self, world: World, clock: Clock, rooms: int = 3, *, site: str = "hotel", **policy: Any
    ) -> None:
        self.world, self.clock, self.deps, self.site = world, clock, world.deps, site
        self.desk = world.staff
        if site == "hotel":
            world.add_site(site, timezone="Europe/Dublin", currency="EUR")
            self.desk = world.add_account("desk", Role.STAFF, site)
        world.add_zone(
            "rooms",
            replace(default_policy("room"), **policy),
            spaces=0,
            site=site,
            kind="room",
            tariff=Tariff("flat", "EUR", 12000),
        )
        numbers = [str(101 + n) for n in range(rooms)]
        for first in range(0, rooms, 90):
            self.deps.commit(saving(*(Space("rooms", n) for n in numbers[first : first + 90])))
        self.deps.catalogue.forget()

    def book(self, number: str = "101", **wishes: Any) -> Booking:
        """A night in a room, from now unless said otherwise."""
        guest = Guest("Ravi", email="ravi@example.com")
        wishes = {"guests": (guest,), "vehicle_number": None, "number": number} | wishes
        return self.world.book(self.desk, "rooms", **wishes)

    def check_in(self, booking: Booking, **how: Any) -> Booking:
        return presence.check_in(self.deps, self.desk, booking.booking_id, site=self.site, **how)

    def check_out(self, booking: Booking, **how: Any) -> Booking:
        return leaving.check_out(
            self.deps, self.desk, booking.booking_id, tender=None, site=self.site, **how
        )

    def stay(self, number: str = "101", **wishes: Any) -> Booking:
        """Somebody is in the room."""
        return self.check_in(self.book(number, **wishes))

    def room(self, number: str = "101") -> Room:
        return self.deps.rooms.get("rooms", number)

    def turn(self, *to: Condition, number: str = "101", note: str = "") -> Room:
        """Housekeeping takes its steps."""
        for each in to:
            room = housekeeping.step(
                self.deps, self.desk, self.site, f"rooms.{number}", each, note=note
            )
        return room

    def haunt(self, number: str, booking_id: str = "BKNEVERMADE") -> None:
        """The room's record names somebody who is not in it, whoever is."""
        room = self.room(number)
        edit = RoomEdit(
            "rooms", number, room.condition, Condition.OCCUPIED, self.clock.now(), "x",
            booking_id=booking_id, previous_id=room.booking_id,
        )  # fmt: skip
        self.deps.commit(Change().turning(edit))

    def audited(self) -> list[tuple[str, str, str]]:
        """Action, subject and detail of what was audited at the hotel today."""
        found = self.deps.audit.list_day("hotel", NOON.date(), limit=100)
        return [(e.action, e.subject, e.detail) for e in found.events]
