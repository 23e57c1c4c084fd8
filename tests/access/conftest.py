from __future__ import annotations

import copy
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from moto.core.models import DEFAULT_ACCOUNT_ID
from moto.dynamodb.models import dynamodb_backends

from chalicelib.services.core.deps import Deps
from local.engine import Embedded
from tests.access.given import TwoSites
from tests.client import Client
from tests.clock import Clock
from tests.world import World

Tables = dict[str, Any]
"""What is stored, by table, as plain JSON."""


class Snapshot:
    """The two sites, set up once and restored for every test: to set them up for each of the
    hundreds of cells takes longer than all the requests."""

    def __init__(self) -> None:
        self._two_sites: TwoSites | None = None
        self._items: dict[str, Any] = {}

    def restored(self, aws: Embedded, deps: Deps, clock: Clock) -> TwoSites:
        if self._two_sites is None:
            self._two_sites = TwoSites(World(deps), clock)
            self._items = {name: copy.deepcopy(table.items) for name, table in _tables(aws)}
        for name, table in _tables(aws):
            table.items = copy.deepcopy(self._items[name])
        return self._two_sites


def _tables(aws: Embedded) -> Iterator[tuple[str, Any]]:
    every = dynamodb_backends[DEFAULT_ACCOUNT_ID][aws.settings.region].tables
    return ((name, every[its_name]) for name, its_name in aws.tables.items())


@pytest.fixture(scope="session")
def snapshot() -> Snapshot:
    return Snapshot()


@pytest.fixture
def two_sites(snapshot: Snapshot, aws: Embedded, deps: Deps, clock: Clock) -> TwoSites:
    return snapshot.restored(aws, deps, clock)


@pytest.fixture
def client(two_sites: TwoSites) -> Client:
    """A caller who has not signed in."""
    return Client(two_sites.world)


@pytest.fixture
def stored(aws: Embedded) -> Callable[[], Tables]:
    """Returns everything that is stored at this moment."""
    return lambda: {name: _plain(table) for name, table in _tables(aws)}


def _plain(table: Any) -> list[Any]:
    """The items of a table, without what only counts calls against a rate limit."""
    items = [item.to_json() for of_key in table.items.values() for item in of_key.values()]
    return sorted((i for i in items if "window#" not in str(i["Attributes"]["pk"])), key=repr)
