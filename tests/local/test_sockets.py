"""A real WebSocket client against the local runtime, as a browser would connect."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from websockets.exceptions import ConnectionClosed, InvalidStatus
from websockets.sync.client import ClientConnection, connect

from tests.local_server import LocalServer

SOON = 20


@pytest.fixture(scope="module")
def running() -> Iterator[LocalServer]:
    berth = LocalServer()
    yield berth
    berth.end()


@pytest.fixture
def desk(running: LocalServer) -> Iterator[ClientConnection]:
    """The front desk, listening to its hotel."""
    with connect(_url(running)) as connection:
        said = _subscribe(connection, running.token("staff2"), "hotel-killarney")
        assert said["type"] == "subscribed"
        yield connection


def _url(berth: LocalServer) -> str:
    return f"ws://127.0.0.1:{berth.port}/ws"


def _subscribe(connection: ClientConnection, token: str, site: str) -> dict[str, Any]:
    connection.send(json.dumps({"action": "subscribe", "site": site, "token": token}))
    return _next(connection)


def _next(connection: ClientConnection) -> dict[str, Any]:
    said: dict[str, Any] = json.loads(connection.recv(SOON))
    return said


def _until(connection: ClientConnection, name: str) -> list[dict[str, Any]]:
    """The messages up to the event called `name`."""
    said = [_next(connection)]
    while said[-1]["event"] != name:
        said.append(_next(connection))
    return said


def _room(berth: LocalServer) -> str:
    now = datetime.now(UTC).replace(microsecond=0)
    wish = {"zone_id": "rooms", "start": now.isoformat(), "minutes": 24 * 60}
    status, booking = berth.ask("POST", "/api/bookings", wish, berth.token("user1"))
    assert status == 201, booking
    return str(booking["booking_id"])


def test_a_client_hears_of_a_stay_from_its_booking_to_its_end(
    running: LocalServer, desk: ClientConnection
) -> None:
    staff = running.token("staff2")
    booking = _room(running)
    heard = _until(desk, "availability-changed")
    for step, body, last in (
        ("check-in", {}, "booking-updated"),
        ("check-out", {"amount_received": "500.00"}, "availability-changed"),
    ):
        status, answer = running.ask("POST", f"/api/bookings/{booking}/{step}", body, staff)
        assert status == 200, answer
        heard += _until(desk, last)

    assert [event["event"] for event in heard] == [
        "booking-updated", "availability-changed",
        "room-status-changed", "booking-updated",
        "room-status-changed", "booking-updated", "booking-checked-out", "availability-changed",
    ]  # fmt: skip
    numbers = [int(event["id"]) for event in heard]
    assert numbers == list(range(numbers[0], numbers[0] + 8))
    assert heard[4]["data"]["condition"] == "CHECKOUT_DIRTY"
    assert heard[6]["data"]["status"] == "completed"
    assert {event["channel"] for event in heard} == {"site-hotel-killarney"}


def test_whoever_was_away_reads_what_the_others_heard(
    running: LocalServer, desk: ClientConnection
) -> None:
    _room(running)
    first, *_ = _until(desk, "availability-changed")
    path = f"/api/events?site=hotel-killarney&cursor={int(first['id']) - 1:015}&limit=1"
    status, page = running.ask("GET", path, token=running.token("staff2"))
    assert status == 200
    assert page["items"][0]["id"] == first["id"]


def test_a_frame_that_cannot_be_understood_is_answered(desk: ClientConnection) -> None:
    for nonsense in ("{", json.dumps({"action": "dance"})):
        desk.send(nonsense)
        assert _next(desk)["error"]["code"] == "VALIDATION_FAILED"
    desk.send(json.dumps({"action": "ping"}))
    assert _next(desk)["type"] == "pong"


def test_a_long_frame_in_parts_is_one(desk: ClientConnection) -> None:
    desk.send(iter(['{"action":', ' "ping"}']))
    assert _next(desk)["type"] == "pong"


def test_a_bad_token_ends_the_connection(running: LocalServer) -> None:
    with connect(_url(running)) as connection:
        said = _subscribe(connection, "nonsense", "hotel-killarney")
        assert said["error"]["code"] == "NOT_AUTHENTICATED"
        with pytest.raises(ConnectionClosed):
            connection.recv(SOON)


def test_the_car_park_publishes_nothing(running: LocalServer) -> None:
    with connect(_url(running)) as connection:
        said = _subscribe(connection, running.token("staff1"), "central")
        assert said["error"]["code"] == "REALTIME_OFF"


def test_there_is_one_address_for_sockets(running: LocalServer) -> None:
    with pytest.raises(InvalidStatus):
        connect(f"ws://127.0.0.1:{running.port}/elsewhere").__enter__()


def test_a_reset_ends_all_connections(running: LocalServer) -> None:
    with connect(_url(running)) as connection:
        _subscribe(connection, running.token("staff2"), "hotel-killarney")
        assert running.ask("POST", "/_local/reset", {})[0] == 200
        with pytest.raises(ConnectionClosed):
            connection.recv(SOON)
