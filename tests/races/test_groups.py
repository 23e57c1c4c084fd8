"""Groups in a rush: each gets all of what it asked for, or nothing."""

from __future__ import annotations

import dataclasses
from collections import Counter
from datetime import timedelta
from functools import partial
from typing import Any

import pytest

from chalicelib.domain.bookings.order import Order
from chalicelib.domain.bookings.recurrence import Repeat
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.sites.policy import Policy
from chalicelib.services.bookings import book_group, bookings, cancel_group
from chalicelib.services.bookings.book_group import Group
from tests import builders
from tests.clock import NOON
from tests.model import invariants
from tests.races.crowd import rush
from tests.world import World

pytestmark = pytest.mark.engine2

TOMORROW = NOON + timedelta(days=1)


def _group(world: World, zone: str, **wishes: Any) -> Group:
    order = Order(zone, start=TOMORROW, minutes=60, **wishes)
    return book_group.book(world.deps, world.user, order)


def _sizes(world: World) -> list[int]:
    """The number of bookings of each group that has any."""
    stored = invariants.check(world.deps.now()).bookings.values()
    return sorted(Counter(b.group_id for b in stored if b.status is Status.BOOKED).values())


def test_of_ten_groups_of_ten_for_fifty_spaces_none_is_ever_partial(world: World) -> None:
    world.add_zone("wide", builders.METERED, spaces=50)

    outcome = rush([partial(_group, world, "wide", quantity=10)] * 10)

    assert _sizes(world) == [10] * len(outcome.answers)
    assert 1 <= len(outcome.answers) <= 5
    assert set(outcome.codes) <= {"ZONE_FULL", "CHANGED_MEANWHILE"}


def test_of_series_that_want_the_same_hall_one_gets_all_of_its_dates(world: World) -> None:
    """Each group needs two transactions; the holds of the losers are released."""
    policy = dataclasses.replace(builders.VENUE, advance_window=400)
    world.add_zone("hall", policy, kind="venue", tariff=builders.FREE, spaces=1)

    outcome = rush([partial(_group, world, "hall", repeat=Repeat("week", times=52))] * 4)

    assert _sizes(world) == [52] * len(outcome.answers)
    assert len(outcome.answers) <= 1
    assert set(outcome.codes) <= {"DATES_UNAVAILABLE", "CHANGED_MEANWHILE"}


def test_a_group_and_its_neighbours_never_share_a_space(world: World) -> None:
    world.add_zone("lot", builders.METERED, spaces=8)
    single = partial(world.book, world.other, "lot", start=TOMORROW)

    outcome = rush([partial(_group, world, "lot", quantity=4), *[single] * 8])

    taken = sum(len(each.bookings) if isinstance(each, Group) else 1 for each in outcome.answers)
    assert taken == 8
    assert _sizes(world)[0] in (4, 8)


def test_a_quota_holds_for_groups_in_parallel(world: World) -> None:
    world.add_zone("few", Policy(quota_per_user=5), spaces=40)

    outcome = rush([partial(_group, world, "few", quantity=2)] * 8)

    assert len(outcome.answers) == 2
    assert set(outcome.codes) <= {"QUOTA_REACHED"}
    assert _sizes(world) == [2, 2]


def test_whoever_cancels_one_while_all_are_cancelled_cancels_nothing_twice(world: World) -> None:
    world.add_zone("lot", builders.METERED, spaces=8)
    made = _group(world, "lot", quantity=8).bookings
    one = [partial(bookings.cancel, world.deps, world.user, b.booking_id) for b in made]
    every = partial(
        cancel_group.cancel, world.deps, world.user, made[0].booking_id, "all", reason="rain"
    )

    outcome = rush([*one, every, every])

    assert set(outcome.codes) <= {"ALREADY_ENDED"}
    stored = invariants.check(world.deps.now()).bookings
    assert Counter(b.status for b in stored.values()) == {Status.CANCELLED: 8}
