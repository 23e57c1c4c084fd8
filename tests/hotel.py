"""A hotel in tests: its rooms by the night, the staff at its desk, and its housekeeping."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date
from typing import Any, Final

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import Guest
from chalicelib.domain.core import localtime
from chalicelib.domain.core.access import Actor, Role
from chalicelib.domain.core.change import Change
from chalicelib.domain.core.localtime import DateOnly
from chalicelib.domain.housekeeping.turnover import Condition, Room, RoomEdit
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.domain.sites.site import default_policy
from chalicelib.services.housekeeping import housekeeping
from chalicelib.services.stays import check_in, check_out
from tests.clock import NOON, Clock
from tests.world import World

NIGHTLY: Final = Tariff("nightly", "EUR", 12000)
GUEST: Final = Guest("Ravi", email="ravi@example.com")
TURNOVER: Final = (
    Condition.CLEANING_IN_PROGRESS,
    Condition.CLEANED_UNINSPECTED,
    Condition.READY_FOR_GUEST,
)
"""The steps of housekeeping from a check-out to the next check-in."""


def day(on: str) -> DateOnly:
    """A date as a client sends it."""
    return DateOnly.fromisoformat(on)


def numbers(count: int) -> list[str]:
    """The numbers of the first `count` rooms.

    >>> numbers(3)
    ['101', '102', '103']
    """
    return [str(101 + nth) for nth in range(count)]


class Hotel:
    """The zone `rooms`, from 15:00 to 11:00, with so many `rooms` from 101 on or with those named,
    at the site `hotel` in Dublin or at one that exists already. `staff` work at its desk; `third`
    is one more customer."""

    def __init__(
        self,
        world: World,
        clock: Clock,
        rooms: int | Sequence[str] = 3,
        *,
        site: str = "hotel",
        tariff: Tariff = NIGHTLY,
        **policy: Any,
    ) -> None:
        self.world, self.deps, self.clock, self.site = world, world.deps, clock, site
        self.staff = world.staff
        if site == "hotel":
            world.add_site(site, timezone="Europe/Dublin", currency="EUR")
            self.staff = world.add_account("desk", Role.STAFF, site)
        self.third = world.add_account("third-guest")
        rules = replace(default_policy("room"), advance_window=730, **policy)
        named = numbers(rooms) if isinstance(rooms, int) else rooms
        self.zone = world.add_zone(
            "rooms", rules, spaces=named, site=site, kind="room", tariff=tariff
        )

    # -- bookings ------------------------------------------------------------------------------

    def book_nights(
        self, arrival: str, departure: str | None, actor: Actor | None = None, **wishes: Any
    ) -> Booking:
        """A booking by dates, of a customer unless `actor` says otherwise."""
        dates = {"start": day(arrival), "end": departure and day(departure), "vehicle_number": None}
        return self.world.book(actor, "rooms", **dates | wishes)

    def book_for(self, name: str, arrival: str, departure: str | None, **wishes: Any) -> Booking:
        """A booking by dates that staff make for a guest."""
        return self.book_nights(arrival, departure, self.staff, guests=(Guest(name),), **wishes)

    def book_room(self, number: str = "101", **wishes: Any) -> Booking:
        """A booking of one room that staff make for a guest with an address: one night from now
        unless the wishes say otherwise."""
        ordinary = {"guests": (GUEST,), "vehicle_number": None, "number": number}
        return self.world.book(self.staff, "rooms", **ordinary | wishes)

    # -- the desk ------------------------------------------------------------------------------

    def check_in(self, booking: Booking, **how: Any) -> Booking:
        return check_in.check_in(self.deps, self.staff, booking.booking_id, site=self.site, **how)

    def check_out(self, booking: Booking, **how: Any) -> Booking:
        return check_out.check_out(
            self.deps, self.staff, booking.booking_id, tender=None, site=self.site, **how
        ).booking

    def stay(self, number: str = "101", **wishes: Any) -> Booking:
        """A guest in the room."""
        return self.check_in(self.book_room(number, **wishes))

    def at(self, on: str, hour: str) -> None:
        """Set the clock to an hour of the wall clock in Dublin."""
        minute = localtime.parse_minute(hour)
        dublin = localtime.zone("Europe/Dublin")
        self.clock.set(localtime.from_minute(date.fromisoformat(on), minute, dublin))

    def audited(self) -> list[tuple[str, str, str]]:
        """Action, subject and detail of what was audited at the hotel today."""
        found = self.deps.audit.list_day("hotel", NOON.date(), limit=100)
        return [(event.action, event.subject, event.detail) for event in found.events]

    # -- housekeeping --------------------------------------------------------------------------

    def room(self, number: str = "101") -> Room:
        return self.deps.rooms.get("rooms", number)

    def board(self) -> tuple[Room, ...]:
        """The rooms as the desk sees them."""
        return housekeeping.board(self.deps, self.staff, self.site)

    def turn(self, *to: Condition, number: str = "101", note: str = "") -> Room:
        """Take the steps of housekeeping one after the other, and return the room as it is then."""
        for each in to:
            room = housekeeping.step(
                self.deps, self.staff, self.site, f"rooms.{number}", each, note=note
            )
        return room

    def record_wrong_guest(self, number: str, booking_id: str = "BKNEVERMADE") -> None:
        """Write a booking into the room's record that is not in the room."""
        room = self.room(number)
        edit = RoomEdit(
            "rooms", number, room.condition, Condition.OCCUPIED, self.clock.now(), "x",
            booking_id=booking_id, previous_id=room.booking_id,
        )  # fmt: skip
        self.deps.commit(Change().turning(edit))
