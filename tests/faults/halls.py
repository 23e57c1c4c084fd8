"""Use cases: confirming a hall, and waiting for one."""

from __future__ import annotations

from typing import Final

from chalicelib.domain.core.change import saving
from chalicelib.services.waitlist import leaving
from tests import scenarios
from tests.clock import Clock
from tests.faults.bookings import BOOKINGS, ENDED
from tests.faults.use_case import Act, UseCase, post, request, sweep
from tests.hall import START, Hall
from tests.world import World

WAITLIST: Final = "/api/waitlist"
THE_HOUR: Final = {"zone_id": "halls", "start": "2026-11-23T06:30:00Z", "minutes": 60}

# -- confirmation ----------------------------------------------------------------------------------


def _confirm(world: World, clock: Clock) -> Act:
    return post(world, f"{BOOKINGS}/{world.book_hall().booking_id}/confirm")


def _confirm_for_the_guest(world: World, clock: Clock) -> Act:
    path = f"{BOOKINGS}/{world.book_hall().booking_id}/override-autocancel"
    return post(world, path, by=world.owner)


def _remind(world: World, clock: Clock) -> Act:
    scenarios.an_unconfirmed_booking(world, clock)
    return sweep(world, "reminders")


def _auto_cancel(world: World, clock: Clock) -> Act:
    scenarios.a_reminded_booking(world, clock)
    clock.move(hours=22)
    return sweep(world, "auto-cancel")


# -- the waitlist ----------------------------------------------------------------------------------


def _join(world: World, clock: Clock) -> Act:
    """The first to wait for that day: its sheets are marked before."""
    Hall(world, clock, spaces=2)
    for number in ("A-001", "A-002"):
        world.book(zone="halls", number=number, start=START, minutes=60)
    return post(world, WAITLIST, THE_HOUR, by=world.other, key="k")


def _claim(world: World, clock: Clock) -> Act:
    _, entry = scenarios.an_offer(world, clock)
    return post(world, f"{WAITLIST}/{entry.entry_id}/claim", by=world.other, key="k")


def _decline(world: World, clock: Clock) -> Act:
    """The offer goes to the next."""
    _, entry = scenarios.an_offer(world, clock)
    return request(world, "DELETE", f"{WAITLIST}/{entry.entry_id}/leave", by=world.other, key="k")


def _cancel(world: World, clock: Clock) -> Act:
    """Two are served by one gap, a third is not."""
    hall = Hall(world, clock)
    booking = hall.book(0, 2)
    hall.join(world.other, 0, 1)
    hall.join(hall.third, 1, 2)
    hall.join(hall.fourth, 0, 2)
    return post(world, f"{BOOKINGS}/{booking.booking_id}/cancel", key="k")


def _lapse(world: World, clock: Clock) -> Act:
    scenarios.an_offer(world, clock)
    clock.move(minutes=15)
    return sweep(world, "waitlist-expiry")


def _end_waiting(world: World, clock: Clock) -> Act:
    """An account is switched off that holds an offer and waits for another hour."""
    hall, _ = scenarios.an_offer(world, clock, world.other)
    hall.book(2, 3)
    hall.join(world.other, 2, 3)
    hall.join(hall.third, 0, 1)
    off = world.deps.accounts.get(world.other.account_id).evolve(active=False)
    world.deps.commit(saving(off))
    return lambda: leaving.leave_if_switched_off(world.deps, world.other.account_id)


def _book_a_lapsed_offer(world: World, clock: Clock) -> Act:
    """The sheet still holds the space for the offer, and nobody else waits."""
    hall, _ = scenarios.an_offer(world, clock, world.other)
    clock.move(minutes=15)
    return post(world, BOOKINGS, THE_HOUR, by=hall.third, key="k")


CASES: Final = (
    UseCase("confirm", _confirm),
    UseCase("confirm on the guest's behalf", _confirm_for_the_guest),
    UseCase("remind", _remind),
    UseCase("auto-cancel", _auto_cancel),
    UseCase("join the waitlist", _join, frozenset({"ALREADY_WAITING"})),
    UseCase("claim an offer", _claim, frozenset({"ALREADY_CLAIMED"})),
    UseCase("decline an offer", _decline),
    UseCase("cancel what others wait for", _cancel, ENDED),
    UseCase("an offer lapses", _lapse),
    UseCase("end the entries of an account that is off", _end_waiting),
    UseCase("book what a lapsed offer holds", _book_a_lapsed_offer),
)
