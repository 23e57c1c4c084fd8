"""Stays that renew by themselves, in tests."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any, Final

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import DetailsEdit
from chalicelib.domain.core import effect
from chalicelib.services.bookings import bookings, reschedule
from chalicelib.services.bookings.reschedule import BookingEdit
from chalicelib.services.mail import compose
from tests import batches
from tests.clock import NOON
from tests.world import World

HOUR: Final = timedelta(hours=1)
END: Final = NOON + HOUR
DUE: Final = 40
"""Minutes after the start of an hour at which it renews."""


def a_stay(world: World, zone: str = "zone-a", **wishes: Any) -> Booking:
    wanted: dict[str, Any] = {"auto_renew": True, "number": "A-001"} | wishes
    return world.enter(world.book(zone=zone, **wanted))


def settled(world: World, stay: Booking) -> Booking:
    return bookings.get(world.deps, world.user, stay.booking_id)


def words(booking: Booking) -> list[str]:
    return [entry.what for entry in booking.timeline]


def turn(world: World, stay: Booking, *, on: bool) -> Booking:
    edit = BookingEdit(DetailsEdit(auto_renew=on))
    return reschedule.modify(world.deps, world.user, stay.booking_id, edit)


def set_policy(world: World, **rules: Any) -> None:
    zone = world.deps.catalogue.zone("zone-a")
    world.change_zone(zone, policy=replace(zone.policy, **rules))


def mails(booking: Booking) -> list[str]:
    """The mails in the outbox about a booking."""
    return [
        each["name"]
        for item in batches.stored()
        for each in item.effects
        if each["kind"] == "mail" and each["subject_id"].startswith(booking.booking_id)
    ]


def assert_refused(world: World, stay: Booking, because: str) -> Booking:
    """The stay after it was not renewed."""
    batches.clear()
    refused = settled(world, stay)
    entry = refused.timeline[-1]
    assert (entry.what, entry.note) == ("not_renewed", because)
    assert (refused.booked, refused.details.auto_renew) == (stay.booked, False)
    assert mails(stay) == ["renewal_refused"]
    mail = compose.message(world.deps, effect.mail("renewal_refused", stay.booking_id))
    assert mail is not None
    assert mail.subject.startswith("Not renewed: ")
    return refused
