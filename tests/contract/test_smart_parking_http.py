"""The old parking URLs over real HTTP: curl's form posts, and the forms in a browser."""

from __future__ import annotations

import http.client
import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import urlencode

import pytest

from tests.browser import chromium
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


@pytest.mark.skipif(chromium.binary() is None, reason=chromium.ABSENT)
def test_an_attendant_works_with_the_forms_alone(server: LocalServer) -> None:
    server.reset()
    program = chromium.binary()
    assert program is not None
    with chromium.started(program) as browser:
        page = browser.new_page()

        def opens(path: str) -> None:
            page.goto(server.address + path)
            page.fill("#username", "staff1")
            page.fill("#password", "password123")
            page.click("#sign-in button")
            page.get_by_text("You are signed in.").wait_for()

        opens("/parking/entry/")
        page.fill("#vehicle_number", CAR["vehicle_number"])
        page.fill("#owner_name", CAR["owner_name"])
        page.select_option("#zone_id", "zone-a")
        page.click("#work button")
        page.get_by_text("Slot allocated: A-001").wait_for()
        page.locator("#pass").wait_for()
        code = page.locator("#facts dt:text-is('QR code') + dd").inner_text()
        opens("/entry-qr-scan")
        page.fill("#qr_code", code)
        page.press("#qr_code", "Enter")  # as a scanner does
        page.get_by_text("Entry QR scanned successfully").wait_for()
        page.fill("#qr_code", code)
        page.press("#qr_code", "Enter")
        page.get_by_text("Entry QR already scanned. Cannot scan twice!").wait_for()
        opens("/parking/exit-qr-scan")
        page.fill("#qr_code", code)
        page.click("#work button")
        page.get_by_text("Exit processed successfully").wait_for()
        assert page.locator("#facts dt:text-is('Amount') + dd").inner_text() == "50"
