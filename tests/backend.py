"""What tests run on: an embedded AWS with the product wired to it.

The engine below is `moto`, in this process, or `dynoxide` (`tests/dynoxide.py`), a DynamoDB beside
it.
"""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Iterator
from typing import Any, Final

from chalicelib import settings as settings_module
from chalicelib import wiring
from chalicelib.gateways.passwords import Passwords
from chalicelib.services.core import rate_limits
from chalicelib.services.core.deps import Deps
from chalicelib.services.unit_of_work import UnitOfWork
from chalicelib.store.booking_item import BookingItem
from chalicelib.store.commit import Commit
from chalicelib.store.dynamodb import schema
from local import client_meter, shortcut
from local.engine import Embedded
from local.metering import Meter
from tests.clock import Clock
from tests.dynoxide import dynoxide
from tests.fake_sockets import FakeSockets, fake_sockets
from tests.fake_webhook_client import FakeWebhookClient, fake_webhook_client

ENVIRONMENT: Final = {
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
class Backend:
    """One embedded AWS, the dependencies wired to it, and the clock of both."""

    aws: Embedded
    deps: Deps
    clock: Clock

    def reset(self) -> None:
        """Empty the tables, the caches and the fakes, and set the clock back."""
        self.aws.clear()
        self.forget()
        rate_limits.forget()
        fake_sockets(self.deps).clear()
        fake_webhook_client(self.deps).clear()
        self.clock.reset()

    def forget(self) -> None:
        """Empty the caches."""
        self.deps.catalogue.forget()
        self.deps.accounts.forget_all()
        self.deps.sessions.forget_all()
        self.deps.api_keys.forget_all()

    @contextlib.contextmanager
    def direct(self) -> Iterator[None]:
        """Let calls go straight to moto's tables while the block runs: signing, HTTP and parsing
        are half of their time. Nothing is metered then. dynoxide is called by HTTP all the same."""
        if not self.aws.in_process:
            yield
            return
        region = self.deps.settings.region
        with shortcut.taken(*dynamodb_clients(self.deps), region=region):
            yield


class Backends:
    """The backends of one session, each started when a test first asks for it."""

    def __init__(self) -> None:
        self.clock = Clock()
        self._stack = contextlib.ExitStack()
        self._started: dict[str, Backend | None] = {}
        self._bound: str | None = None

    def get(self, name: str) -> Backend | None:
        """The backend on the engine `name`, with the models bound to it; None where that is not
        built."""
        if name not in self._started:
            self._started[name] = self._start(name)
            self._bound = name
        backend = self._started[name]
        if backend is not None and self._bound != name:
            _meter_again(backend)
            schema.connect(backend.deps.settings)
            self._bound = name
        return backend

    def close(self) -> None:
        self._stack.close()

    def _start(self, name: str) -> Backend | None:
        environment = dict(ENVIRONMENT)
        if name == "dynoxide":
            endpoint = self._stack.enter_context(dynoxide())
            if endpoint is None:
                return None
            environment |= {"DYNAMODB_ENDPOINT": endpoint, "STAGE": "test2"}
        settings = settings_module.read(environment)
        aws = self._stack.enter_context(Embedded(settings, Meter(), self.clock.now))
        deps = dataclasses.replace(
            wiring.build(settings, self.clock.now),
            passwords=Passwords(fast=True),
            sockets=FakeSockets(),
            webhook_client=FakeWebhookClient(),
        )
        return Backend(aws, deps, self.clock)


def dynamodb_clients(deps: Deps) -> tuple[Any, ...]:
    """The client that reads and the one that commits: two, once models were bound anew to an
    engine the tests came back to."""
    reads = BookingItem._get_connection().connection.client
    assert isinstance(deps.commit, UnitOfWork)
    store = deps.commit.deps.commit
    assert isinstance(store, Commit)
    commits = store._connection.client
    return (reads,) if reads is commits else (reads, commits)


def _meter_again(backend: Backend) -> None:
    """An engine outside is metered at the clients made for it, and another engine that was used in
    between has taken the meter along."""
    endpoint = backend.deps.settings.dynamodb_endpoint
    if backend.aws.meter is not None and endpoint is not None:
        client_meter.attach(backend.aws.meter, endpoint)
