"""A webhook of the local runtime that leads to a server on this machine."""

from __future__ import annotations

import http.server
import queue
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from tests.fake_webhook_client import documented_check
from tests.local_server import LocalServer

SOON = 20


class Door(http.server.BaseHTTPRequestHandler):
    """A display beside the door of the hall."""

    server: Any

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.calls.put((dict(self.headers), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture(scope="module")
def running() -> Iterator[LocalServer]:
    berth = LocalServer()
    yield berth
    berth.end()


@pytest.fixture
def door() -> Iterator[Any]:
    server: Any = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Door)
    server.calls = queue.Queue()
    threading.Thread(target=server.serve_forever, args=[0.01], daemon=True).start()
    yield server
    server.shutdown()
    server.server_close()


def test_a_display_hears_of_a_booking_and_can_tell_that_it_is_ours(
    running: LocalServer, door: Any
) -> None:
    owner = running.token("owner")
    new = {
        "site": "hall", "events": ["booking-updated"],
        "url": f"http://127.0.0.1:{door.server_address[1]}/",
    }  # fmt: skip
    status, hook = running.ask("POST", "/api/admin/webhooks", new, owner)
    assert status == 201, hook
    start = (datetime.now(UTC) + timedelta(days=3)).replace(microsecond=0)
    wish = {"space_id": "halls.aula", "start": start.isoformat(), "minutes": 60}
    status, booking = running.ask("POST", "/api/bookings", wish, running.token("user1"))
    assert status == 201, booking

    headers, body = door.calls.get(timeout=SOON)
    assert booking["booking_id"].encode() in body
    assert documented_check()(hook["secret"], headers, body)

    path = f"/api/admin/webhooks/{hook['webhook_id']}"
    status, tried = running.ask("POST", f"{path}/test", {}, owner)
    assert (status, tried["status"], tried["event"]) == (200, 204, "ping")
    status, calls = running.ask("GET", f"{path}/deliveries", token=owner)
    assert {call["event"] for call in calls["items"]} == {"booking-updated", "ping"}
