"""Scenes in which tests of faults, of costs and of access begin.

Each function arranges one scene in a world and returns what it is about. What a test tries then,
and through which door, is the test's own.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.access import Actor
from chalicelib.domain.operations.shift import Shift
from chalicelib.domain.sites.site import Zone
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.services.bookings import confirmations
from chalicelib.services.operations import shifts
from tests import builders
from tests.clock import NOON, Clock
from tests.hall import Hall
from tests.hotel import Hotel
from tests.world import World

HOUR: Final = timedelta(hours=1)
LIMIT: Final = timedelta(minutes=60)
"""How long a stay in the zone `timed` lasts at most."""

FLOAT: Final = "500"

# -- a car park ------------------------------------------------------------------------------------


def a_stay(world: World, clock: Clock, *, minutes: int = 0, **wishes: Any) -> Booking:
    """A car that entered so many minutes ago."""
    stay = world.enter(world.book(**wishes))
    clock.move(minutes=minutes)
    return stay


def a_stay_about_to_end(world: World, clock: Clock) -> Booking:
    """A stay that may be renewed, for three more minutes."""
    return a_stay(world, clock, minutes=57)


def overdue_stays(world: World, clock: Clock, count: int = 1) -> list[Booking]:
    """Stays that have reached the limit of their zone; neither a sweep nor a reader has ended them
    yet."""
    world.add_zone("timed", builders.TIMED, spaces=count)
    stays = [world.enter(world.book(zone="timed")) for _ in range(count)]
    clock.move(hours=2)
    return stays


def a_bay_that_is_still_in_use(world: World, clock: Clock) -> Booking:
    """A booking that has begun, of a bay that the previous car has not left."""
    a_stay(world, clock, number="A-001")
    booking = world.book(world.other, number="A-001", start=NOON + HOUR)
    clock.move(minutes=61)
    return booking


def a_zone_without_check_in(world: World) -> Zone:
    """Stays begin and end there by themselves."""
    return world.add_zone("timer", builders.TIMER, tariff=builders.FREE)


# -- halls -----------------------------------------------------------------------------------------


def a_hall_for_a_year(world: World, spaces: int = 1) -> Zone:
    """A hall that can be booked every week of the next year."""
    policy = replace(builders.VENUE, advance_window=400)
    return world.add_zone("hall", policy, kind="venue", tariff=builders.FREE, spaces=spaces)


def an_unconfirmed_booking(world: World, clock: Clock) -> Booking:
    """A hall in a day, whose reminder is due now."""
    booking = world.book_hall()
    clock.move(hours=24)
    return booking


def a_reminded_booking(world: World, clock: Clock) -> Booking:
    """A hall in a day, whose reminder has left and has no answer."""
    booking = an_unconfirmed_booking(world, clock)
    sweeps.run(world.deps, "reminders")
    confirmations.reminder_left(world.deps, booking.booking_id)
    return booking


def a_full_hall(world: World, clock: Clock) -> tuple[Hall, Booking]:
    """The only hall, booked by its `fourth` customer for an hour in two days."""
    hall = Hall(world, clock)
    return hall, hall.book(actor=hall.fourth)


def an_offer(world: World, clock: Clock, *waiters: Actor) -> tuple[Hall, Entry]:
    """A hall that was given up and is now offered to the first of those who wait for it."""
    hall, booking = a_full_hall(world, clock)
    entries = [hall.join(waiter) for waiter in waiters or (world.other, hall.third)]
    hall.cancel(booking, hall.fourth)
    return hall, entries[0]


# -- a hotel ---------------------------------------------------------------------------------------


def a_room_to_clean(world: World, clock: Clock, *, site: str = "hotel") -> Hotel:
    """A hotel whose room 101 was left just now."""
    hotel = Hotel(world, clock, site=site)
    hotel.check_out(hotel.stay())
    return hotel


# -- work ------------------------------------------------------------------------------------------


def an_open_shift(world: World, actor: Actor | None = None) -> Shift:
    """A shift at the car park with cash in its drawer."""
    return shifts.open_shift(world.deps, actor or world.staff, "central", FLOAT, source_ip="-")
