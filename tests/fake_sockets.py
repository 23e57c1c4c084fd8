"""WebSocket connections for tests, and listeners on them."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from chalicelib.domain.core.access import Actor
from chalicelib.domain.core.change import saving
from chalicelib.services.core.deps import Deps
from chalicelib.services.realtime import subscriptions
from chalicelib.services.realtime.subscriptions import Subscribed
from tests import openapi_contract
from tests.world import World


class FakeSockets:
    """Keeps the frames sent to each connection, held to the contract; those in `gone` no longer exist."""

    def __init__(self) -> None:
        self.frames: dict[str, list[dict[str, Any]]] = defaultdict(list)
        self.gone: set[str] = set()
        self.closed: list[str] = []

    def push(self, connection_ids: Sequence[str], text: str) -> frozenset[str]:
        there = [each for each in connection_ids if each not in self.gone]
        for each in there:
            openapi_contract.check_frame(json.loads(text))
            self.frames[each].append(json.loads(text))
        return frozenset(connection_ids) - frozenset(there)

    def close(self, connection_ids: Sequence[str]) -> None:
        self.closed += connection_ids

    def clear(self) -> None:
        self.frames.clear()
        self.gone.clear()
        self.closed.clear()

    def events_of(self, connection_id: str) -> list[str]:
        """The names of the events sent to a connection, in order."""
        return [f["event"] for f in self.frames[connection_id] if f["type"] == "event"]


def fake_sockets(deps: Deps) -> FakeSockets:
    assert isinstance(deps.sockets, FakeSockets)
    return deps.sockets


def listen(world: World, actor: Actor, connection_id: str, site: str = "central") -> Subscribed:
    """Subscribe a connection of `actor` to the events of a site."""
    return subscriptions.subscribe(
        world.deps,
        connection_id,
        token=world.token(actor),
        site=site,
        source_ip="203.0.113.7",
    )


def with_realtime(world: World) -> World:
    """The world, whose car park publishes its events from now on."""
    site = world.deps.catalogue.fresh_site("central")
    world.deps.commit(saving(site.evolve(realtime=True)))
    return world
