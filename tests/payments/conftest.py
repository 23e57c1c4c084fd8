from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.gateways.payment_gateways import Gateways
from chalicelib.services.core.deps import Deps
from tests.backend import Backend
from tests.clock import Clock
from tests.payments.car_park import PayingCarPark
from tests.payments.gateway import MemoryGateway


@pytest.fixture
def gateway(clock: Clock) -> MemoryGateway:
    return MemoryGateway(clock.now)


@pytest.fixture
def paying(backend: Backend, gateway: MemoryGateway) -> PayingCarPark:
    """The small world, where a fee can be paid online."""
    deps: Deps = replace(backend.deps, gateways=Gateways(razorpay=lambda: gateway))
    return PayingCarPark(deps, gateway)
