from __future__ import annotations

import pytest

from local.gateway import Gateway
from tests.client import Client
from tests.world import World


@pytest.fixture
def client(world: World) -> Client:
    """Somebody who has not signed in."""
    return Client(world)


@pytest.fixture(scope="session")
def gateway() -> Gateway:
    """The whole way in: HTTP, event, app, answer, HTTP."""
    from app import app

    return Gateway(app)
