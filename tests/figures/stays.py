"""Operations to measure: stays at a car park, and the shifts of those who work there."""

from __future__ import annotations

from datetime import timedelta
from typing import Final

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.operations.incident import IncidentKind
from chalicelib.domain.operations.shift import Shift
from chalicelib.services.bookings import settle
from chalicelib.services.delivery import outbox
from chalicelib.services.operations import incidents, shifts
from chalicelib.services.operations.incidents import NewIncident
from chalicelib.services.stays import auto_checkouts, check_out
from tests import batches, builders, scenarios
from tests.clock import NOON, Clock
from tests.figures.measure import Step, warm
from tests.scenarios import HOUR
from tests.world import World

MANY: Final = 100
"""Stays, reminders or rooms in one run."""

EARLY: Final = timedelta(minutes=10)


def enter(world: World, clock: Clock) -> Step:
    booking = warm(world).book(zone="lot")
    return lambda: world.enter(booking)


def enter_on_time(world: World, clock: Clock) -> Step:
    booking = warm(world).book(zone="lot", start=NOON + HOUR)
    clock.move(hours=1)
    return lambda: world.enter(booking)


def enter_early(world: World, clock: Clock) -> Step:
    booking = warm(world).book(zone="lot", start=NOON + EARLY)
    return lambda: world.enter(booking)


def enter_after_another_stay(world: World, clock: Clock) -> Step:
    """The bay was used and left on the same day."""
    first = scenarios.a_stay(warm(world), clock, minutes=30, zone="lot", number="A-001")
    world.leave(first)
    booking = world.book(zone="lot", number="A-001")
    return lambda: world.enter(booking)


def _stay(world: World, clock: Clock) -> Booking:
    return scenarios.a_stay(warm(world), clock, minutes=50, zone="lot")


def leave(world: World, clock: Clock) -> Step:
    stay = _stay(world, clock)
    return lambda: world.leave(stay)


def check_out_at_the_desk(world: World, clock: Clock) -> Step:
    stay = _stay(world, clock)
    return lambda: check_out.check_out(
        world.deps, world.staff, stay.booking_id, tender=builders.cash("50")
    )


def read_after_the_limit(world: World, clock: Clock) -> Step:
    stay = _stay(world, clock)
    clock.move(hours=30)
    return lambda: settle.read(world.deps, stay.booking_id)


def renew_by_itself(world: World, clock: Clock) -> Step:
    stay = scenarios.a_stay(warm(world), clock, minutes=45, zone="lot", auto_renew=True)
    return lambda: settle.read(world.deps, stay.booking_id)


def auto_checkout(world: World, clock: Clock) -> Step:
    warm(world)
    world.add_zone("wide", builders.METERED, spaces=MANY)
    for _ in range(MANY):
        scenarios.a_stay(world, clock, zone="wide")
    clock.move(hours=30)
    return lambda: sweeps.run(world.deps, "auto-checkout")


def statistics_of_auto_checkouts(world: World, clock: Clock) -> Step:
    auto_checkout(world, clock)()
    return lambda: auto_checkouts.of_site(world.deps, world.staff, "central")


def nothing_due(world: World, clock: Clock) -> Step:
    _stay(world, clock)
    return lambda: sweeps.run(world.deps, "auto-checkout")


def deliver_a_mail(world: World, clock: Clock) -> Step:
    warm(world)
    batches.clear()
    world.book(zone="lot")
    (batch,) = batches.stored()
    return lambda: outbox.from_stream(world.deps, batch.sk)


def whole_life(world: World, clock: Clock) -> Step:
    warm(world)
    return lambda: world.leave(scenarios.a_stay(world, clock, minutes=50, zone="lot"))


# -- work ------------------------------------------------------------------------------------------


def _shift(world: World, clock: Clock) -> Shift:
    """A shift in which a customer has paid."""
    warm(world)
    world.deps.catalogue.site("central")
    shift = scenarios.an_open_shift(world)
    leave(world, clock)()
    return shift


def _close(world: World, shift: Shift) -> Shift:
    return shifts.close(world.deps, world.staff, shift.shift_id, "550", note="Keys.", source_ip="-")


def open_a_shift(world: World, clock: Clock) -> Step:
    _close(world, _shift(world, clock))
    return lambda: scenarios.an_open_shift(world)


def close_a_shift(world: World, clock: Clock) -> Step:
    shift = _shift(world, clock)
    return lambda: _close(world, shift)


def report_a_shift(world: World, clock: Clock) -> Step:
    shift = _close(world, _shift(world, clock))
    return lambda: shifts.report(world.deps, world.staff, shift.shift_id)


def list_shifts(world: World, clock: Clock) -> Step:
    _close(world, _shift(world, clock))
    return lambda: shifts.list_of(world.deps, world.staff, "central", limit=20, after=None)


def report_an_incident(world: World, clock: Clock) -> Step:
    booking = _stay(world, clock)
    new = NewIncident(IncidentKind.DAMAGE, "The barrier is bent.", booking_id=booking.booking_id)
    return lambda: incidents.report(world.deps, world.staff, new)
