from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from chalicelib import wiring
from tests.backend import Backend
from tests.faults.harness import Harness
from tests.faults.wire import tapped


@pytest.fixture
def harness(backend: Backend) -> Iterator[Harness]:
    """A backend whose wire can break, and whose retries do not wait."""
    deps = dataclasses.replace(backend.deps, sleep=lambda _: None)
    wiring.use(deps)
    with tapped(deps) as wire:
        yield Harness(backend, deps, wire)
    wiring.use(None)
