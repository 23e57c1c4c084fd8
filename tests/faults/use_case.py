"""What the fault tests try: one request or one sweep, in a world arranged for it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from chalicelib import sweeps
from chalicelib.domain.core.access import Actor
from tests.client import Client
from tests.clock import Clock
from tests.world import World

Act = Callable[[], Any]


@dataclass(frozen=True)
class UseCase:
    """`arrange` prepares the world and returns what is then tried, and tried again; `repeated` are
    the named conflicts that may answer a request whose first attempt was carried out; `cold` starts
    with empty caches."""

    name: str
    arrange: Callable[[World, Clock], Act]
    repeated: frozenset[str] = frozenset()
    cold: bool = False


def request(
    world: World,
    method: str,
    path: str,
    body: dict[str, Any] | None = None,
    *,
    by: Actor | None = None,
    key: str | None = None,
) -> Act:
    """One request, of a customer unless `by` says otherwise, under an Idempotency-Key if one is
    given."""
    client = Client(world).by(by or world.user)
    client = client.sending(Idempotency_Key=key) if key else client
    return lambda: client.call(method, path, body)


def post(
    world: World,
    path: str,
    body: dict[str, Any] | None = None,
    *,
    by: Actor | None = None,
    key: str | None = None,
) -> Act:
    return request(world, "POST", path, body or {}, by=by, key=key)


def sweep(world: World, name: str) -> Act:
    """One run of a sweep."""
    return lambda: sweeps.run(world.deps, name)
