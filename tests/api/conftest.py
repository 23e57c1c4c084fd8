from __future__ import annotations

import pytest

from chalicelib.services.bookings import settle
from local.gateway import Gateway
from tests.builders import TIMED
from tests.client import Client
from tests.clock import Clock
from tests.world import World


@pytest.fixture
def client(world: World) -> Client:
    """A client that has not signed in."""
    return Client(world)


@pytest.fixture(scope="session")
def gateway() -> Gateway:
    """The whole way in: HTTP, event, app, answer, HTTP."""
    from app import app

    return Gateway(app)


@pytest.fixture
def unpaid(world: World, clock: Clock) -> str:
    """The id of a stay of `world.user` that time has ended with the bill left due."""
    world.change_zone(world.zone_a, policy=TIMED)
    booking = world.enter(world.book())
    clock.move(minutes=61)
    return settle.read(world.deps, booking.booking_id).booking_id
