"""Use cases: coming to a car park, leaving it, and what time does to bookings and stays."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from functools import partial
from typing import Final

from chalicelib.domain.bookings.booking import Booking
from tests import scenarios
from tests.clock import NOON, Clock
from tests.faults.bookings import BOOKINGS, ENDED
from tests.faults.use_case import Act, UseCase, post, request, sweep
from tests.scenarios import HOUR
from tests.world import World

ENTERED: Final = frozenset({"ALREADY_CHECKED_IN"})


def _scan(world: World, gate: str, booking: Booking) -> Act:
    scan = {"qr_code": world.deps.tokens.qr(booking)}
    if gate == "exit":
        scan["payment_method"] = "CASH"
    return post(world, f"/api/staff/{gate}", scan, by=world.staff)


def _enter(world: World, clock: Clock) -> Act:
    return _scan(world, "entry", world.book())


def _enter_early(world: World, clock: Clock) -> Act:
    return _scan(world, "entry", world.book(start=NOON + timedelta(minutes=10)))


def _enter_another_bay(world: World, clock: Clock) -> Act:
    return _scan(world, "entry", scenarios.a_bay_that_is_still_in_use(world, clock))


def _exit(world: World, clock: Clock) -> Act:
    return _scan(world, "exit", scenarios.a_stay(world, clock, minutes=70))


def _exit_after_the_limit(world: World, clock: Clock) -> Act:
    (stay,) = scenarios.overdue_stays(world, clock)
    return _scan(world, "exit", stay)


def _waive(world: World, clock: Clock) -> Act:
    (stay,) = scenarios.overdue_stays(world, clock)
    path = f"{BOOKINGS}/{stay.booking_id}/waive"
    return post(world, path, {"reason": "broken barrier"}, by=world.owner)


def _terminate(world: World, clock: Clock) -> Act:
    path = f"{BOOKINGS}/{scenarios.a_stay(world, clock).booking_id}/terminate"
    return post(world, path, {"reason": "fire"}, by=world.admin)


def _auto_checkout(world: World, clock: Clock) -> Act:
    scenarios.overdue_stays(world, clock, 2)
    return sweep(world, "auto-checkout")


def _auto_start(world: World, clock: Clock) -> Act:
    scenarios.a_zone_without_check_in(world)
    world.book(zone="timer", start=NOON + HOUR)
    clock.move(hours=4)
    return sweep(world, "auto-checkout")


def _expire(world: World, clock: Clock, *, fee: int = 0) -> Act:
    world.change_zone(world.zone_a, tariff=replace(world.zone_a.tariff, no_show_fee=fee))
    for _ in range(2):
        world.book()
    clock.move(hours=2)
    return sweep(world, "expire-bookings")


def _read_after_the_limit(world: World, clock: Clock) -> Act:
    (stay,) = scenarios.overdue_stays(world, clock)
    return request(world, "GET", f"{BOOKINGS}/{stay.booking_id}")


def _attach(world: World, clock: Clock) -> Act:
    path = f"{BOOKINGS}/{scenarios.a_stay(world, clock).booking_id}/attachments"
    return post(world, path, {"kind": "push_token", "ref": "phone-1"})


CASES: Final = (
    UseCase("enter", _enter, ENTERED, cold=True),
    UseCase("enter early", _enter_early, ENTERED),
    UseCase("enter another bay", _enter_another_bay, ENTERED),
    UseCase("exit", _exit, ENDED, cold=True),
    UseCase("exit after the limit", _exit_after_the_limit, ENDED),
    UseCase("waive", _waive, frozenset({"NOTHING_DUE"})),
    UseCase("terminate", _terminate, frozenset({"ILLEGAL_TRANSITION"})),
    UseCase("auto-checkout", _auto_checkout),
    UseCase("auto-start and auto-checkout", _auto_start),
    UseCase("expire", _expire),
    UseCase("expire with a no-show fee", partial(_expire, fee=2500)),
    UseCase("read after the limit", _read_after_the_limit),
    UseCase("attach", _attach),
)
