"""The same races over real HTTP: sockets, gateway, routes, Idempotency-Key."""

from __future__ import annotations

import http.client
import json
import threading
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest

from chalicelib.services.core.deps import Deps
from local.gateway import Gateway
from local.server import Server
from tests import builders
from tests.model import invariants
from tests.races.crowd import rush
from tests.world import World

pytestmark = pytest.mark.engine2

CAR = {"vehicle_number": "KA01AB1234", "owner_name": "Asha"}


@dataclass(frozen=True)
class Caller:
    """A client that opens a connection for each request."""

    port: int
    token: str

    def post(self, path: str, body: dict[str, Any], **headers: str) -> tuple[int, dict[str, Any]]:
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        try:
            named = {name.replace("_", "-"): value for name, value in headers.items()}
            signed = {"Content-Type": "application/json", "Authorization": f"Bearer {self.token}"}
            connection.request("POST", path, json.dumps(body), signed | named)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()


@pytest.fixture
def port(deps: Deps) -> Iterator[int]:
    """Where Berth is served."""
    from app import app

    server = Server(0, Gateway(app).handle)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server.port
    server.shutdown()
    server.server_close()
    thread.join()


def _codes(answers: tuple[tuple[int, dict[str, Any]], ...]) -> Counter[tuple[int, str]]:
    return Counter((status, body.get("error", {}).get("code", "")) for status, body in answers)


def test_of_two_hundred_requests_for_the_last_bay_one_is_served_and_the_others_are_told(
    world: World, port: int
) -> None:
    world.add_zone("lot", builders.METERED, spaces=1)
    callers = [Caller(port, world.token(someone)) for someone in (world.user, world.other)] * 100

    outcome = rush(
        partial(caller.post, "/api/user/book-slot", {"zone_id": "lot", **CAR}) for caller in callers
    )

    assert _codes(outcome.answers) == {(201, ""): 1, (409, "ZONE_FULL"): 199}
    invariants.check(world.deps.now())


def test_fifty_requests_for_fifty_bays_are_all_served(world: World, port: int) -> None:
    world.add_zone("lot", builders.METERED, spaces=50)
    callers = [Caller(port, world.token(someone)) for someone in (world.user, world.other)] * 25

    outcome = rush(
        partial(caller.post, "/api/user/book-slot", {"zone_id": "lot", **CAR}) for caller in callers
    )

    assert _codes(outcome.answers) == {(201, ""): 50}
    assert len({body["space_id"] for _, body in outcome.answers}) == 50
    invariants.check(world.deps.now())


def test_one_key_sent_ten_times_at_once_is_one_booking(world: World, port: int) -> None:
    caller = Caller(port, world.token(world.user))
    send = partial(
        caller.post, "/api/bookings", {"zone_id": "zone-a", "minutes": 60}, Idempotency_Key="k-1"
    )

    outcome = rush([send] * 10)

    assert set(_codes(outcome.answers)) <= {(201, ""), (409, "REQUEST_IN_PROGRESS")}
    stored = invariants.check(world.deps.now())
    assert {send()[1]["booking_id"]} == set(stored.bookings)


def test_one_key_sent_ten_times_at_once_for_a_full_zone_is_refused_ten_times_by_name(
    world: World, port: int
) -> None:
    world.add_zone("lot", builders.METERED, spaces=1)
    world.book(zone="lot")
    caller = Caller(port, world.token(world.other))
    send = partial(
        caller.post, "/api/bookings", {"zone_id": "lot", "minutes": 60}, Idempotency_Key="k-2"
    )

    outcome = rush([send] * 10)

    codes = {(409, "ZONE_FULL"), (409, "REQUEST_IN_PROGRESS")}
    assert set(_codes(outcome.answers)) <= codes
    assert send()[1]["error"]["code"] == "ZONE_FULL"
