"""The old parking URLs over real HTTP: curl's form posts."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.local_server import LocalServer

CAR = {"vehicle_number": "DL-01-AB-1234", "owner_name": "John Doe", "zone_id": "zone-a"}


@pytest.fixture(scope="module")
def server() -> Iterator[LocalServer]:
    with LocalServer() as running:
        yield running


def asked(
    server: LocalServer, method: str, path: str, fields: dict[str, str], token: str
) -> tuple[int, Any]:
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    headers = {
        "Content-Type": "application/x-www-form-urlencoded",
        "Authorization": f"Bearer {token}",
    }
    connection.request(method, path, urlencode(fields), headers)
    reply = connection.getresponse()
    body = json.loads(reply.read())
    connection.close()
    return reply.status, body


def test_the_curl_commands_of_the_document(server: LocalServer) -> None:
    server.reset()
    token = server.signed_in("superadmin")
    status, car = asked(server, "POST", "/parking/entry/", CAR, token)
    assert (status, car["message"]) == (200, "Slot allocated: A-001")
    scan = {"qr_code": car["data"]["qr_code"]}
    status, entry = asked(server, "POST", "/parking/entry-qr-scan/", scan, token)
    assert (status, entry["message"]) == (200, "Entry QR scanned successfully")
    status, zone = asked(server, "GET", "/parking/zone/zone-a/status/", {}, token)
    assert (status, zone["available_slots"], zone["hourly_rate"]) == (200, 9, "50.00")
    paid = scan | {"payment_method": "CASH"}
    status, out = asked(server, "POST", "/parking/exit-qr-scan/", paid, token)
    assert (status, out["data"]["amount_charged"]) == (200, 50.0)
    status, _ = asked(server, "POST", "/parking/cancel-booking/", scan, token)
    assert status == 400


@pytest.mark.parametrize("method", ["post", "PoSt", "BREW"])
def test_a_method_written_otherwise_does_nothing(server: LocalServer, method: str) -> None:
    server.reset()
    token = server.signed_in("superadmin")
    status, body = asked(server, method, "/parking/entry/", CAR, token)
    assert (status, body["success"]) == (405, False)
    _, zone = asked(server, "GET", "/parking/zone/zone-a/status/", {}, token)
    assert zone["occupied_slots"] == 0
