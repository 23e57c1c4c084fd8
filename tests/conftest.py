"""The ground tests stand on: an embedded AWS, the real wiring over it, a clock that stands still,
and a small car park.

Tests marked `engine2` run on dynoxide as well; where it is not built that half is skipped.
"""

from __future__ import annotations

import contextlib
import dataclasses
import os
from collections.abc import Callable, Iterator

import hypothesis
import pytest

from chalicelib import settings as settings_module
from chalicelib import wiring
from chalicelib.gateways.passwords import Passwords
from chalicelib.services.core import rate_limits
from chalicelib.services.core.deps import Deps
from chalicelib.store.dynamodb import schema
from local import client_meter
from local.engine import Embedded
from local.metering import Meter
from tests.clock import Clock
from tests.engines import ABSENT, dynoxide
from tests.receiver import Receiver, receiver_of
from tests.switchboard import Switchboard, switchboard_of
from tests.world import World

hypothesis.settings.register_profile("berth", deadline=None, derandomize=True, max_examples=60)
hypothesis.settings.register_profile("long", deadline=None, max_examples=2_000)
hypothesis.settings.load_profile(os.environ.get("HYPOTHESIS_PROFILE", "berth"))

os.environ.setdefault("AWS_ACCOUNT_ID_ENDPOINT_MODE", "disabled")

ENVIRONMENT = {
    "STAGE": "test",
    "AWS_REGION": "ap-south-1",
    "MAIL_FROM": "Berth <no-reply@example.com>",
    "BASE_URL": "https://berth.example.com",
    "SIGNING_KEYS": "test:" + "s" * 40,
    "CATALOGUE_SECONDS": "3600",
    "CORS_ORIGINS": "https://app.example.com",
    "LIMITS_FACTOR": "1000",
}


@dataclasses.dataclass
class Bench:
    """One engine with everything wired to it, kept for the whole session."""

    aws: Embedded
    deps: Deps


class Benches:
    """The engines of this session, each started when a test first asks for it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self._stack = contextlib.ExitStack()
        self._kept: dict[str, Bench | None] = {}
        self._bound: str | None = None

    def get(self, name: str) -> Bench | None:
        """The engine called `name`, with the models bound to it; None where it is not built."""
        if name not in self._kept:
            self._kept[name] = self._start(name)
            self._bound = name
        bench = self._kept[name]
        if bench is not None and self._bound != name:
            _meter_again(bench)
            schema.connect(bench.deps.settings)
            self._bound = name
        return bench

    def close(self) -> None:
        self._stack.close()

    def _start(self, name: str) -> Bench | None:
        environment = dict(ENVIRONMENT)
        if name == "dynoxide":
            endpoint = self._stack.enter_context(dynoxide())
            if endpoint is None:
                return None
            environment |= {"DYNAMODB_ENDPOINT": endpoint, "STAGE": "test2"}
        settings = settings_module.read(environment)
        aws = self._stack.enter_context(Embedded(settings, Meter(), self.clock.now))
        deps = wiring.build(settings, self.clock.now)
        return Bench(
            aws,
            dataclasses.replace(
                deps,
                passwords=Passwords(fast=True),
                sockets=Switchboard(),
                webhook_client=Receiver(),
            ),
        )


def _meter_again(bench: Bench) -> None:
    """An engine outside is metered at the clients made for it, and another engine that came and
    went in between has taken the meter along."""
    endpoint = bench.deps.settings.dynamodb_endpoint
    if bench.aws.meter is not None and endpoint is not None:
        client_meter.attach(bench.aws.meter, endpoint)


@pytest.fixture(scope="session")
def benches() -> Iterator[Benches]:
    every = Benches()
    yield every
    every.close()


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    if "bench" in metafunc.fixturenames:
        both = metafunc.definition.get_closest_marker("engine2")
        metafunc.parametrize("bench", ["moto", "dynoxide"] if both else ["moto"], indirect=True)


@pytest.fixture
def bench(request: pytest.FixtureRequest, benches: Benches) -> Bench:
    """An engine, empty."""
    found = benches.get(request.param)
    if found is None:
        pytest.skip(ABSENT)
    found.aws.clear()
    found.deps.catalogue.forget()
    found.deps.accounts.forget_all()
    rate_limits.forget()
    switchboard_of(found.deps).clear()
    receiver_of(found.deps).clear()
    benches.clock.reset()
    return found


@pytest.fixture
def clock(benches: Benches, bench: Bench) -> Clock:
    return benches.clock


@pytest.fixture
def aws(bench: Bench) -> Embedded:
    return bench.aws


@pytest.fixture
def meter(bench: Bench) -> Meter:
    """Counts requests to DynamoDB; reset it where the counting begins."""
    assert bench.aws.meter is not None
    return bench.aws.meter


@pytest.fixture
def deps(bench: Bench) -> Iterator[Deps]:
    wiring.use(bench.deps)
    yield bench.deps
    wiring.use(None)


@pytest.fixture
def world(deps: Deps) -> World:
    """A car park in Kolkata, a hotel in Dublin, and people."""
    return World(deps)


@pytest.fixture
def deliver(aws: Embedded, deps: Deps) -> Callable[[], list[object]]:
    """Deliver what waits in the outbox, as its stream would, and return the mails sent so far."""
    from chalicelib.services.delivery import outbox

    def once() -> list[object]:
        outbox.sweep_due(
            dataclasses.replace(deps, now=lambda: deps.now() + outbox.STREAM_LEASE),
            dry_run=False,
            out_of_time=lambda: False,
            workers=1,
        )
        return list(aws.sent_mails())

    return once
