from __future__ import annotations

import base64
import signal
import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from local.demo import ACCOUNTS
from tests.local_server import LocalServer


@pytest.fixture(scope="module")
def running() -> Iterator[LocalServer]:
    berth = LocalServer()
    yield berth
    berth.end()


@pytest.fixture
def berth(running: LocalServer) -> LocalServer:
    """The server with fresh demo data."""
    running.reset()
    return running


def test_it_prints_the_address_the_accounts_and_what_to_try(running: LocalServer) -> None:
    assert f"http://127.0.0.1:{running.port}" in running.banner
    assert all(person.username in running.banner for person in ACCOUNTS)
    assert running.banner.count("curl") >= 3


def test_a_wrong_method_is_refused_in_the_shape_of_the_api(running: LocalServer) -> None:
    status, answer = running.ask("DELETE", "/api/public/zones")
    assert (status, answer["error"]["code"]) == (405, "METHOD_NOT_ALLOWED")


def test_the_demo_zones_are_there(berth: LocalServer) -> None:
    _, answer = berth.ask("GET", "/api/user/zones", token=berth.token("user1"))
    free = {zone["zone_id"]: zone["available_slots"] for zone in answer["items"]}
    assert free == {"zone-a": 10, "zone-b": 8, "zone-t": 5, "halls": 2, "rooms": 10}


@pytest.mark.parametrize("username", [person.username for person in ACCOUNTS])
def test_every_demo_account_can_log_in(berth: LocalServer, username: str) -> None:
    assert berth.token(username)


def test_a_booking_is_confirmed_by_mail_with_its_pass(berth: LocalServer) -> None:
    booking = berth.book("user1")
    _, answer = berth.ask("GET", "/_local/outbox?to=user1@example.com")
    (mail,) = answer["items"]
    assert booking["slot_number"] in mail["text"]
    kinds = {attachment["content_type"]: attachment for attachment in mail["attachments"]}
    assert base64.b64decode(kinds["image/png"]["content"]).startswith(b"\x89PNG")
    assert booking["booking_id"] in kinds["text/calendar"]["text"]


def test_time_ends_a_booking_nobody_came_for(berth: LocalServer) -> None:
    booking = berth.book("user2", "zone-b")
    berth.ask("POST", "/_local/clock", {"advance_seconds": 7200})
    _, summary = berth.ask("POST", "/_local/sweeps/expire-bookings", {"dry_run": True})
    assert (summary["due"], summary["done"]) == (1, 0)
    _, summary = berth.ask("POST", "/_local/sweeps/expire-bookings")
    assert (summary["due"], summary["done"]) == (1, 1)
    path = f"/api/bookings/{booking['booking_id']}"
    assert berth.ask("GET", path, token=berth.token("user2"))[1]["status"] == "expired"


def test_a_mail_that_bounces_is_told_to_the_product(berth: LocalServer) -> None:
    user, now = berth.token("user1"), datetime.now(UTC)
    start = f"{now + timedelta(days=3):%Y-%m-%dT08:00:00Z}"
    wish = {"space_id": "halls.aula", "start": start, "minutes": 60}
    status, booking = berth.ask("POST", "/api/bookings", wish, user)
    assert status == 201, booking
    berth.ask("POST", "/_local/clock", {"now": f"{now + timedelta(days=2):%Y-%m-%dT09:00:00Z}"})
    berth.ask("POST", "/_local/sweeps/reminders")
    word = {"to": "user1@example.com", "kind": "bounce"}
    assert berth.ask("POST", "/_local/mail-events", word)[0] == 200
    path = f"/api/bookings/{booking['booking_id']}"
    told = berth.ask("GET", path, token=berth.token("user1"))[1]["timeline"]
    assert [entry["event"] for entry in told][-2:] == ["reminded", "reminder_failed"]


def test_what_a_request_costs_is_told(berth: LocalServer) -> None:
    token = berth.token("user1")
    berth.ask("GET", "/_local/stats?reset=1")
    booking_id = berth.ask(
        "POST",
        "/api/user/book-slot",
        {"zone_id": "zone-a", "vehicle_number": "KA01AB1234", "owner_name": "Asha"},
        token,
    )[1]["booking_id"]
    _, stats = berth.ask("GET", "/_local/stats?reset=1")
    assert stats["requests"]["TransactWriteItems"] >= 1
    assert stats["write_units"] > 0
    berth.ask("GET", f"/api/bookings/{booking_id}", token=token)
    assert berth.ask("GET", "/_local/stats")[1]["write_units"] == 0


def test_reset_brings_back_the_demo_data(berth: LocalServer) -> None:
    berth.book("user1")
    berth.ask("POST", "/_local/clock", {"advance_seconds": 86400})
    _, clock = berth.ask("POST", "/_local/reset")
    assert clock["offset_seconds"] == 0
    assert berth.ask("GET", "/_local/outbox")[1]["items"] == []
    _, history = berth.ask("GET", "/api/user/history", token=berth.token("user1"))
    assert history["items"] == []


def test_callers_at_once_each_get_a_bay_or_a_clear_answer(berth: LocalServer) -> None:
    tokens = [berth.token(f"user{number}") for number in range(1, 6)]
    answers: list[tuple[int, Any]] = []

    def ask(token: str) -> None:
        wish = {"zone_id": "zone-a", "vehicle_number": "KA01AB1234", "owner_name": "Asha"}
        answers.append(berth.ask("POST", "/api/user/book-slot", wish, token))

    threads = [threading.Thread(target=ask, args=(tokens[n % 5],)) for n in range(15)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    statuses = sorted(status for status, _ in answers)
    assert statuses == [201] * 10 + [409] * 5, answers
    bays = [answer["slot_number"] for status, answer in answers if status == 201]
    assert len(set(bays)) == 10


@pytest.mark.parametrize("signal_number", [signal.SIGINT, signal.SIGTERM])
def test_it_ends_cleanly(signal_number: int) -> None:
    code, errors = LocalServer().end(signal_number)
    assert code == 0
    assert "Traceback" not in errors
