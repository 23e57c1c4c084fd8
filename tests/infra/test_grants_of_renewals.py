"""Every request that the sweep makes to renew a stay is allowed by its policy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Final

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.booking import Booking
from chalicelib.services.core.deps import Deps
from chalicelib.services.stays import check_out
from tests import builders
from tests.clock import NOON, Clock
from tests.infra.test_grants import Recorder, allowed
from tests.world import World

END: Final = NOON + timedelta(hours=1)


def _plain(world: World) -> None:
    """Nothing is in the way."""


def _taken(world: World) -> None:
    world.book(world.other, number="A-001", start=END)


def _by_moving(world: World) -> None:
    world.book_by_lot("A-001", "zone-a", start=END, end=END + timedelta(hours=1))


def _with_allowance(world: World) -> None:
    zone = world.deps.catalogue.zone("zone-a")
    world.change_zone(zone, policy=replace(zone.policy, max_hours_per_week=20))


def _owing(world: World, site: str) -> None:
    world.add_zone("debts", builders.METERED, site=site, spaces=["D-1"])
    stay = world.enter(world.book(zone="debts"), world.admin)
    check_out.check_out(world.deps, world.admin, stay.booking_id, tender=None)


def _owing_here(world: World) -> None:
    _owing(world, "central")


def _owing_elsewhere(world: World) -> None:
    world.add_site("north")
    _owing(world, "north")


SCENES: Final[tuple[tuple[Callable[[World], None], int], ...]] = (
    (_plain, 1),
    (_taken, 0),
    (_by_moving, 1),
    (_with_allowance, 1),
    (_owing_here, 0),
    (_owing_elsewhere, 1),
)


@pytest.mark.parametrize(("arrange", "renewals"), SCENES)
def test_whatever_a_renewal_asks_is_allowed(
    arrange: Callable[[World], None], renewals: int, world: World, deps: Deps, clock: Clock
) -> None:
    stay: Booking = world.enter(world.book(number="A-001", auto_renew=True))
    arrange(world)
    clock.move(minutes=45)
    recorder = Recorder(deps)

    with recorder.watching() as asked:
        report = sweeps.run(world.deps, "auto-checkout")

    assert (report.done, world.read(stay).renewals) == (1, renewals)
    assert asked - allowed("auto_checkout") == set()
    assert asked - allowed("reconcile") == set()
