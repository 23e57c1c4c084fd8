"""Fixtures of all tests: a backend, a clock that stands still, and a small world.

Tests marked `engine2` run on dynoxide as well; where it is not built that half is skipped.

Two profiles of Hypothesis (`HYPOTHESIS_PROFILE`): `ci`, here and in CI, tries the same examples in
every run, so that a red build is due to its change; `long` tries new ones, and more.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterator

import hypothesis
import pytest

from chalicelib import wiring
from chalicelib.services.core.deps import Deps
from local.engine import Embedded
from local.metering import Meter
from tests.backend import Backend, Backends
from tests.clock import Clock
from tests.dynoxide import ABSENT
from tests.world import World

hypothesis.settings.register_profile("ci", deadline=None, derandomize=True, max_examples=60)
hypothesis.settings.register_profile("long", deadline=None, max_examples=2_000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "ci"))

os.environ.setdefault("AWS_ACCOUNT_ID_ENDPOINT_MODE", "disabled")


@pytest.fixture(scope="session")
def backends() -> Iterator[Backends]:
    every = Backends()
    yield every
    every.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "backend" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("engine2")
        metafunc.parametrize("backend", ["moto", "dynoxide"] if both else ["moto"], indirect=True)


@pytest.fixture
def by_http() -> None:
    """Requests of this test go to DynamoDB by HTTP (`pytest.mark.usefixtures`)."""


@pytest.fixture
def backend(request: pytest.FixtureRequest, backends: Backends) -> Iterator[Backend]:
    """A backend, empty. Requests go straight to the tables, unless by HTTP is asked for."""
    found = backends.get(request.param)
    if found is None:
        pytest.skip(ABSENT)
    found.reset()
    by_http = "by_http" in request.fixturenames
    with contextlib.nullcontext() if by_http else found.direct():
        yield found


@pytest.fixture
def clock(backend: Backend) -> Clock:
    return backend.clock


@pytest.fixture
def aws(backend: Backend) -> Embedded:
    return backend.aws


@pytest.fixture
def meter(by_http: None, backend: Backend) -> Meter:
    """Counts requests to DynamoDB; reset it where the counting begins."""
    assert backend.aws.meter is not None
    return backend.aws.meter


@pytest.fixture
def deps(backend: Backend) -> Iterator[Deps]:
    wiring.use(backend.deps)
    yield backend.deps
    wiring.use(None)


@pytest.fixture
def world(deps: Deps) -> World:
    return World(deps)


@pytest.fixture
def deliver(aws: Embedded, deps: Deps) -> Callable[[], list[object]]:
    """Deliver what waits in the outbox, as its stream does, and return the mails sent so far."""
    from chalicelib.services.delivery import outbox as delivery

    def once() -> list[object]:
        delivery.sweep_due(
            dataclasses.replace(deps, now=lambda: deps.now() + delivery.STREAM_LEASE),
            dry_run=False,
            out_of_time=lambda: False,
            workers=1,
        )
        return list(aws.sent_mails())

    return once
