from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from chalicelib.services.core.deps import Deps
from local.engine import Embedded
from tests.access.stage import Stage
from tests.client import Client
from tests.clock import Clock
from tests.world import World

Tables = dict[str, Any]
"""What is stored, by table, as plain JSON."""


class Scenery:
    """A stage is set up once; every test finds it as it was then. Setting it up anew for each of
    the hundreds of cells would take longer than all they ask."""

    def __init__(self) -> None:
        self._stage: Stage | None = None
        self._kept: dict[str, Any] = {}

    def put_up(self, aws: Embedded, deps: Deps, clock: Clock) -> Stage:
        if self._stage is None:
            self._stage = Stage(World(deps), clock)
            self._kept = {n: copy.deepcopy(table.items) for n, table in _tables(aws)}
        for name, table in _tables(aws):
            table.items = copy.deepcopy(self._kept[name])
        return self._stage


def _tables(aws: Embedded) -> Iterator[tuple[str, Any]]:
    every = dynamodb_backends[DEFAULT_ACCOUNT_ID][aws.settings.region].tables
    return ((name, every[its_name]) for name, its_name in aws.tables.items())


@pytest.fixture(scope="session")
def scenery() -> Scenery:
    return Scenery()


@pytest.fixture
def stage(scenery: Scenery, aws: Embedded, deps: Deps, clock: Clock) -> Stage:
    return scenery.put_up(aws, deps, clock)


@pytest.fixture
def client(stage: Stage) -> Client:
    """Somebody who has not signed in."""
    return Client(stage.world)


@pytest.fixture
def stored(aws: Embedded) -> Callable[[], Tables]:
    """Tells everything that is stored at this moment."""
    return lambda: {name: _plain(table) for name, table in _tables(aws)}


def _plain(table: Any) -> list[Any]:
    """The items of a table, without what only counts calls against a rate limit."""
    items = [item.to_json() for of_key in table.items.values() for item in of_key.values()]
    return sorted((i for i in items if "window#" not in str(i["Attributes"]["pk"])), key=repr)
