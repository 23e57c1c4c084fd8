from __future__ import annotations

from dataclasses import replace

import pytest

from chalicelib.services.deps import Deps
from tests.postman import Postman


@pytest.fixture
def postman() -> Postman:
    return Postman()


@pytest.fixture
def office(deps: Deps, postman: Postman) -> Deps:
    """The outbox with that mailer."""
    return replace(deps, mailer=postman)
