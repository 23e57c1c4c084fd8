"""Operations to measure: confirming a hall, and waiting for one."""

from __future__ import annotations

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.effect import id_in, mail
from chalicelib.services.bookings import confirmations
from chalicelib.services.delivery import outbox
from chalicelib.services.mail import bounces
from tests import batches, builders, scenarios, ses
from tests.clock import Clock
from tests.figures.measure import Step, warm
from tests.figures.stays import MANY
from tests.hall import Hall
from tests.world import World


def _booked(world: World) -> Booking:
    """A hall in two days; nothing waits in the outbox."""
    booking = warm(world).book_hall()
    batches.clear()
    return booking


def _reminder_due(world: World, clock: Clock) -> Booking:
    booking = _booked(world)
    clock.move(hours=24)
    return booking


def confirm(world: World, clock: Clock) -> Step:
    booking = _booked(world)
    return lambda: confirmations.confirm(world.deps, world.user, booking.booking_id)


def remind(world: World, clock: Clock) -> Step:
    _reminder_due(world, clock)
    return lambda: sweeps.run(world.deps, "reminders")


def deliver_a_reminder(world: World, clock: Clock) -> Step:
    remind(world, clock)()
    (batch,) = batches.stored()
    return lambda: outbox.from_stream(world.deps, batch.sk)


def bounce(world: World, clock: Clock) -> Step:
    booking = world.read(_reminder_due(world, clock))
    sweeps.run(world.deps, "reminders")
    report = ses.bounce(id_in("EF1", mail("reminder", booking.booking_id)))
    return lambda: bounces.receive(world.deps, report)


def remind_many(world: World, clock: Clock) -> Step:
    warm(world)
    world.add_zone("halls", builders.VENUE, spaces=MANY, kind="venue", tariff=builders.FREE)
    for _ in range(MANY):
        world.book_hall()
    batches.clear()
    clock.move(hours=24)
    return lambda: sweeps.run(world.deps, "reminders")


def deliver_many_reminders(world: World, clock: Clock) -> Step:
    remind_many(world, clock)()
    clock.move(minutes=2)
    return lambda: sweeps.run(world.deps, "outbox")


def auto_cancel(world: World, clock: Clock) -> Step:
    deliver_a_reminder(world, clock)()
    clock.move(hours=22)
    return lambda: sweeps.run(world.deps, "auto-cancel")


# -- the waitlist ----------------------------------------------------------------------------------


def _waited_for(world: World, clock: Clock) -> tuple[Hall, Booking]:
    """A hall that is booked, and that a customer waits for."""
    hall, booking = scenarios.a_full_hall(warm(world), clock)
    for actor in (hall.third, hall.fourth):
        world.deps.accounts.known(actor.account_id)
    hall.join(world.other)
    return hall, booking


def join(world: World, clock: Clock) -> Step:
    hall, _ = _waited_for(world, clock)
    return lambda: hall.join(hall.third)


def cancel_what_is_waited_for(world: World, clock: Clock) -> Step:
    hall, booking = _waited_for(world, clock)
    return lambda: hall.cancel(booking, hall.fourth)


def claim(world: World, clock: Clock) -> Step:
    hall, entry = scenarios.an_offer(warm(world), clock, world.other)
    return lambda: hall.claim(entry, world.other)


def lapse(world: World, clock: Clock) -> Step:
    hall, booking = _waited_for(world, clock)
    hall.join(hall.third)
    hall.cancel(booking, hall.fourth)
    clock.move(minutes=15)
    return lambda: sweeps.run(world.deps, "waitlist-expiry")
