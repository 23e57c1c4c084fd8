from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.gateways.payment_gateways import Gateways
from tests.backend import Backend
from tests.clock import Clock
from tests.payments.gateway import MemoryGateway
from tests.season_passes.car_park import SeasonCarPark


@pytest.fixture
def gateway(clock: Clock) -> MemoryGateway:
    return MemoryGateway(clock.now)


@pytest.fixture
def park(backend: Backend, gateway: MemoryGateway) -> SeasonCarPark:
    """The small world, which sells season passes."""
    deps = replace(backend.deps, gateways=Gateways(razorpay=lambda: gateway))
    return SeasonCarPark(deps, gateway)
