from __future__ import annotations

import pytest

from tests.client import Client
from tests.world import World


@pytest.fixture
def client(world: World) -> Client:
    """Somebody who has not signed in."""
    return Client(world)
