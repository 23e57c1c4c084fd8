from __future__ import annotations

from collections.abc import Iterator

import pytest

from chalicelib import wiring
from tests.client import Client
from tests.clock import Clock
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway
from tests.world import World


@pytest.fixture
def paying(world: World, clock: Clock) -> Iterator[PayingCarPark]:
    """The small world behind the API, where a fee can be paid online."""
    car_park = PayingCarPark.of(world, MemoryGateway(clock.now))
    wiring.use(car_park.deps)
    yield car_park
    wiring.use(None)


@pytest.fixture
def client(paying: PayingCarPark) -> Client:
    """A customer's client."""
    return Client(paying).by(paying.user)
