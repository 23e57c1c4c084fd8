"""Operations to measure: bookings, before they begin."""

from __future__ import annotations

from datetime import datetime

from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.recurrence import Repeat
from chalicelib.domain.core.change import saving
from chalicelib.domain.promos.promo import Promo, UseLimits
from chalicelib.services.bookings import (
    book_group,
    bookings,
    cancel_group,
    lists,
    reschedule,
    short_codes,
)
from chalicelib.services.bookings.lists import Filters
from tests import builders, scenarios
from tests.clock import NOON, Clock
from tests.figures.measure import Step, warm
from tests.scenarios import HOUR
from tests.world import World


def book(world: World, clock: Clock) -> Step:
    warm(world)
    return lambda: world.book(zone="lot")


def book_ahead(world: World, clock: Clock) -> Step:
    warm(world)
    return lambda: world.book(zone="lot", number="A-002", start=NOON + 3 * HOUR)


def with_code(world: World, clock: Clock) -> Step:
    warm(world)
    limits = UseLimits(total=100, per_person=1)
    promo = Promo("central", "SUMMER20", "PR1", NOON, percent=20, limits=limits)
    world.deps.commit(saving(promo))
    return lambda: world.book(zone="lot", promo_code="SUMMER20")


def _fragments(world: World) -> tuple[datetime, datetime]:
    """Two bays, one taken in the first hour and the other in the second, by lot. Both hours."""
    warm(world).add_zone("fragments", builders.METERED, spaces=2)
    start, middle, end = (NOON + hours * HOUR for hours in (3, 4, 5))
    world.book_by_lot("A-001", "fragments", start=start, end=middle)
    world.book_by_lot("A-002", "fragments", start=middle, end=end)
    return start, end


def book_by_rearranging(world: World, clock: Clock) -> Step:
    start, end = _fragments(world)
    return lambda: world.book(zone="fragments", start=start, end=end)


def extend_by_rearranging(world: World, clock: Clock) -> Step:
    start, end = _fragments(world)
    mine = world.book(zone="fragments", number="A-002", start=start, end=start + HOUR)
    longer = reschedule.BookingEdit(end=end)
    return lambda: reschedule.modify(world.deps, world.user, mine.booking_id, longer)


def book_over_midnight(world: World, clock: Clock) -> Step:
    warm(world)
    return lambda: world.book(zone="lot", start=NOON + 17 * HOUR, minutes=60)


def book_a_group(world: World, clock: Clock) -> Step:
    warm(world)
    order = Order("lot", start=NOON + HOUR, minutes=60, quantity=10)
    return lambda: book_group.book(world.deps, world.user, order)


def book_a_year_of_weeks(world: World, clock: Clock) -> Step:
    warm(world)
    scenarios.a_hall_for_a_year(world, spaces=2)
    world.deps.catalogue.zone("hall")
    world.deps.catalogue.site("central")
    world.deps.catalogue.numbers("hall")
    order = Order("hall", start=NOON + HOUR, minutes=60, repeat=Repeat("week", times=52))
    return lambda: book_group.book(world.deps, world.user, order)


def cancel_a_group(world: World, clock: Clock) -> Step:
    made = book_a_group(world, clock)()
    assert isinstance(made, book_group.Group)
    first = made.bookings[0].booking_id
    return lambda: cancel_group.cancel(world.deps, world.user, first, "all", reason="rain")


def get(world: World, clock: Clock) -> Step:
    booking = warm(world).book(zone="lot")
    return lambda: bookings.get(world.deps, world.user, booking.booking_id)


def list_own(world: World, clock: Clock) -> Step:
    warm(world)
    for _ in range(25):
        world.book(zone="lot", start=NOON + HOUR)
    return lambda: lists.own(world.deps, world.user, Filters(), limit=25, after=None)


def move(world: World, clock: Clock) -> Step:
    booking = warm(world).book(zone="lot", start=NOON + HOUR)
    later = reschedule.BookingEdit(start=NOON + 5 * HOUR)
    return lambda: reschedule.modify(world.deps, world.user, booking.booking_id, later)


def move_to_another_day(world: World, clock: Clock) -> Step:
    booking = warm(world).book(zone="lot", start=NOON + HOUR)
    tomorrow = reschedule.BookingEdit(start=NOON + 25 * HOUR)
    return lambda: reschedule.modify(world.deps, world.user, booking.booking_id, tomorrow)


def find_by_code(world: World, clock: Clock) -> Step:
    """Of today, as a desk is asked most often."""
    booking = warm(world).book(zone="lot", start=NOON + HOUR)
    return lambda: short_codes.find(world.deps, "central", booking.code)


def cancel(world: World, clock: Clock) -> Step:
    booking = warm(world).book(zone="lot")
    return lambda: bookings.cancel(world.deps, world.user, booking.booking_id)
