"""Many people use one promo code at the same moment; its limits hold."""

from __future__ import annotations

from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import saving
from chalicelib.domain.promos.promo import Promo, UseLimits
from chalicelib.services.bookings import bookings
from chalicelib.services.promos import promos
from tests import builders
from tests.clock import NOON, Clock
from tests.model import invariants
from tests.races.crowd import rush
from tests.world import World

pytestmark = pytest.mark.engine2

DAY = timedelta(days=1)


def car_park(world: World, **limits: Any) -> Promo:
    world.add_zone("wide", builders.METERED, spaces=20)
    promo = Promo(
        "central", "SUMMER20", "PR1", NOON, percent=20, limits=UseLimits(**limits)
    )  # fmt: skip
    world.deps.commit(saving(promo))
    return promo


def book(world: World, actor: Actor, nth: int) -> Booking:
    return world.book(
        actor, "wide", number=f"A-{nth:03}", start=NOON + DAY, minutes=60, promo_code="summer20"
    )


def used(world: World, promo: Promo) -> int:
    return promos.with_uses(world.deps, promo).used


def test_one_use_that_is_left_goes_to_one_of_many(world: World, clock: Clock) -> None:
    promo = car_park(world, total=2, per_day=5)
    book(world, world.other, 20)

    outcome = rush(partial(book, world, world.user, nth) for nth in range(1, 9))

    assert len(outcome.answers) == 1
    assert outcome.codes == {"PROMO_USED_UP": 7}
    assert used(world, promo) == 2
    invariants.check(clock.now())


def test_one_person_at_once_from_two_devices_stays_within_the_limit(
    world: World, clock: Clock
) -> None:
    promo = car_park(world, per_person=1)
    mine = [partial(book, world, world.user, nth) for nth in (1, 2, 3)]
    others = [partial(book, world, world.other, nth) for nth in (4, 5, 6)]

    outcome = rush([*mine, *others])

    assert len(outcome.answers) == 2
    assert {each.user_id for each in outcome.answers} == {
        world.user.account_id, world.other.account_id,
    }  # fmt: skip
    assert used(world, promo) == 2
    invariants.check(clock.now())


def test_cancellations_and_bookings_at_once_leave_the_count_right(
    world: World, clock: Clock
) -> None:
    promo = car_park(world, total=3)
    made = [book(world, world.user, nth) for nth in (1, 2, 3)]
    gone = [partial(bookings.cancel, world.deps, world.user, each.booking_id) for each in made]
    twice = [partial(bookings.cancel, world.deps, world.user, made[0].booking_id)]
    new = [partial(book, world, world.other, nth) for nth in range(10, 15)]

    outcome = rush([*gone, *twice, *new])

    live = [each for each in outcome.answers if isinstance(each, Booking)]
    assert used(world, promo) == len(live) <= 3
    assert set(outcome.codes) <= {"PROMO_USED_UP", "ALREADY_ENDED"}
    invariants.check(clock.now())
