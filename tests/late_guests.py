"""Hotel guests in tests who have not left at their booked end."""

from __future__ import annotations

from typing import Any, Final

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import BookingDetails
from chalicelib.domain.bookings.order import Order
from chalicelib.domain.core.change import saving
from chalicelib.domain.pricing.tariff import Tariff
from chalicelib.services.front_desk import walk_ins
from chalicelib.store.outbox import OutboxItem
from tests.clock import Clock
from tests.hotel import GUEST, Hotel
from tests.world import World

RATE: Final = Tariff("nightly", "EUR", 10000, late_fee=2500)


def a_hotel(world: World, clock: Clock) -> Hotel:
    """Christmas Eve at a hotel with the rooms 101 to 103, realtime, and a mail address of its
    desk."""
    hotel = Hotel(world, clock, rooms=3, tariff=RATE)
    site = hotel.deps.catalogue.site("hotel")
    hotel.deps.commit(saving(site.evolve(contact="01 555 0100, desk@hotel.ie", realtime=True)))
    hotel.at("2026-12-24", "15:00")
    return hotel


def a_late_guest(hotel: Hotel) -> Booking:
    """The guest of 101, whose three nights are over now, on the 27th at 11:00."""
    stay = hotel.check_in(hotel.book_for("Byrne", "2026-12-24", "2026-12-27", number="101"))
    hotel.at("2026-12-27", "11:00")
    return stay


def walk_in(hotel: Hotel, number: str | None = None, **how: Any) -> Booking:
    order = Order("rooms", number, nights=1, details=BookingDetails(guests=(GUEST,)))
    return walk_ins.walk_in(hotel.deps, hotel.staff, "hotel", order, **how)


def effects(name: str) -> list[str]:
    """The subjects of the effects of that name in the outbox."""
    batches = OutboxItem.scan(OutboxItem.pk.startswith("waiting."))
    rows = (row for batch in batches for row in batch.effects)
    return [row["subject_id"] for row in rows if row["name"] == name]
