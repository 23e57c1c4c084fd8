from __future__ import annotations

import dataclasses
from collections.abc import Iterator

import pytest

from chalicelib import wiring
from tests.clock import Clock
from tests.conftest import Bench
from tests.faults.ground import Ground
from tests.faults.wire import tapped


@pytest.fixture
def ground(bench: Bench, clock: Clock) -> Iterator[Ground]:
    """An engine whose wire can break, and whose retries do not wait."""
    deps = dataclasses.replace(bench.deps, sleep=lambda _: None)
    wiring.use(deps)
    with tapped(deps) as wire:
        yield Ground(bench, deps, wire, clock)
    wiring.use(None)
