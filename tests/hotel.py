"""A hotel in Dublin: rooms by the night, from 15:00 to 11:00."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import Any

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import Guest
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.localtime import DateOnly
from chalicelib.domain.housekeeping.turnover import Room
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.sites.site import default_policy
from chalicelib.services.housekeeping import housekeeping
from chalicelib.services.stays import check_in as presence
from chalicelib.services.stays import check_out as leaving
from tests.clock import Clock
from tests.world import World

NIGHTLY = Tariff("nightly", "EUR", 12000)


def day(on: str) -> DateOnly:
    """A date as a client says it."""
    return DateOnly.fromisoformat(on)


class Hotel:
    """Rooms `A-001` on of the site `hotel`, with one who works there; `third` is one more guest."""

    def __init__(
        self, world: World, clock: Clock, rooms: int = 2, tariff: Tariff = NIGHTLY, **policy: Any
    ) -> None:
        self.world, self.deps, self.clock = world, world.deps, clock
        world.add_site("hotel", timezone="Europe/Dublin", currency="EUR")
        rules = replace(default_policy("room"), advance_window=730, **policy)
        self.zone = world.add_zone(
            "rooms", rules, spaces=rooms, site="hotel", kind="room", tariff=tariff
        )
        self.staff = world.add_account("receptionist", Role.STAFF, "hotel")
        self.third = world.add_account("third-guest")

    def book(
        self, arrival: str, departure: str | None, actor: Actor | None = None, **wishes: Any
    ) -> Booking:
        dates = {"start": day(arrival), "end": departure and day(departure), "vehicle_number": None}
        return self.world.book(actor, "rooms", **dates | wishes)

    def book_for(self, name: str, arrival: str, departure: str | None, **wishes: Any) -> Booking:
        """What staff book for a guest."""
        return self.book(arrival, departure, self.staff, guests=(Guest(name),), **wishes)

    def check_in(self, booking: Booking, **how: Any) -> Booking:
        return presence.check_in(self.deps, self.staff, booking.booking_id, **how)

    def check_out(self, booking: Booking) -> Booking:
        return leaving.check_out(self.deps, self.staff, booking.booking_id, tender=None)

    def board(self) -> tuple[Room, ...]:
        """The rooms as the desk sees them."""
        return housekeeping.board(self.deps, self.staff, "hotel")

    def at(self, on: str, hour: str) -> None:
        """Move the clock to that hour of the wall clock there."""
        from chalicelib.domain.core import localtime

        wall = date.fromisoformat(on)
        minute = localtime.parse_minute(hour)
        self.clock.set(localtime.from_minute(wall, minute, localtime.zone("Europe/Dublin")))
