from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from local.clock import MovableClock
from local.control import Control
from local.gateway import HttpRequest
from local.mailbox import SentMail
from local.metering import Charge, Meter

NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)


class Stage:
    """Stands for the running product; notes what it was told to do."""

    def __init__(self) -> None:
        self.clock = MovableClock(lambda: NOON, lambda: 0.0)
        self.meter = Meter()
        self.told: list[Any] = []

    def sent_mails(self) -> list[SentMail]:
        def mail(to: str, subject: str) -> SentMail:
            return SentMail((to,), "berth@example.com", subject, "", "", NOON, (), "")

        return [mail("ann@example.com", "first"), mail("bob@example.com", "second")]

    def settle_stream(self) -> None:
        self.told.append("settle")

    def sweep(self, name: str, *, dry_run: bool) -> dict[str, Any] | None:
        self.told.append((name, dry_run))
        return None if name == "unknown" else {"sweep": name, "dry_run": dry_run}

    def mail_event(self, kind: str, to: str) -> bool:
        self.told.append((kind, to))
        return to == "ann@example.com"

    def reset(self) -> None:
        self.told.append("reset")


@pytest.fixture
def stage() -> Stage:
    return Stage()


def ask(stage: Stage, method: str, target: str, body: Any = None) -> tuple[int, Any]:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode() if body else b""
    response = Control(stage).handle(HttpRequest(method, target, (), sent))
    return response.status, json.loads(response.body)


def test_mails_are_listed_newest_first(stage: Stage) -> None:
    status, answer = ask(stage, "GET", "/_local/outbox")
    assert status == 200
    assert [mail["subject"] for mail in answer["items"]] == ["second", "first"]


@pytest.mark.parametrize(
    "query", ["?to=ann@example.com", "?to=ann%40example.com", "/?to=ann@example.com"]
)
def test_mails_are_listed_by_who_gets_them(stage: Stage, query: str) -> None:
    _, answer = ask(stage, "GET", f"/_local/outbox{query}")
    assert [mail["subject"] for mail in answer["items"]] == ["first"]


def test_the_clock_is_shown_and_moved(stage: Stage) -> None:
    assert ask(stage, "GET", "/_local/clock") == (
        200,
        {"now": "2026-11-21T12:00:00Z", "offset_seconds": 0},
    )
    _, answer = ask(stage, "POST", "/_local/clock", {"advance_seconds": 3600})
    assert answer == {"now": "2026-11-21T13:00:00Z", "offset_seconds": 3600}
    _, answer = ask(stage, "POST", "/_local/clock", {"now": "2027-01-01T05:30:00+05:30"})
    assert answer["now"] == "2027-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"{", {"body"}),
        (b"[]", {"body"}),
        (b"\xff", {"body"}),
        ({}, {"advance_seconds", "now"}),
        ({"advance_seconds": 1, "now": "2027-01-01T00:00:00Z"}, {"advance_seconds", "now"}),
        ({"advance_seconds": "1"}, {"advance_seconds"}),
        ({"advance_seconds": True}, {"advance_seconds"}),
        ({"advance_seconds": 10**30}, {"advance_seconds"}),
        ({"now": "soon"}, {"now"}),
        ({"now": 7}, {"now"}),
        ({"now": "2027-01-01T00:00:00"}, {"now"}),  # no zone
        ({"now": "1980-01-01T00:00:00Z"}, {"now"}),
        ({"forward": 1}, {"forward"}),
    ],
)
def test_a_wrong_move_of_the_clock_names_the_field(
    stage: Stage, body: Any, fields: set[str]
) -> None:
    status, answer = ask(stage, "POST", "/_local/clock", body)
    assert (status, answer["error"]["code"]) == (400, "VALIDATION_FAILED")
    assert set(answer["error"]["fields"]) == fields
    assert stage.clock.now() == NOON


def test_a_sweep_runs_or_only_looks(stage: Stage) -> None:
    assert ask(stage, "POST", "/_local/sweeps/auto-checkout")[1]["dry_run"] is False
    assert ask(stage, "POST", "/_local/sweeps/outbox", {"dry_run": True})[1]["dry_run"] is True
    assert stage.told == [("auto-checkout", False), ("outbox", True)]


def test_a_wrong_sweep_is_refused(stage: Stage) -> None:
    status, answer = ask(stage, "POST", "/_local/sweeps/unknown")
    assert (status, answer["error"]["code"]) == (404, "SWEEP_NOT_FOUND")
    status, answer = ask(stage, "POST", "/_local/sweeps/outbox", {"dry_run": "yes"})
    assert (status, answer["error"]["fields"]) == (400, {"dry_run": "must be true or false"})


def test_what_becomes_of_a_mail_is_told(stage: Stage) -> None:
    word = {"to": "ann@example.com", "kind": "bounce"}
    assert ask(stage, "POST", "/_local/mail-events", word) == (200, word)
    assert stage.told == [("bounce", "ann@example.com")]


@pytest.mark.parametrize(
    ("body", "status", "told"),
    [
        ({}, 400, {"to"}),
        ({"to": 7, "kind": "bounce"}, 400, {"to"}),
        ({"to": "ann@example.com", "kind": "eaten"}, 400, {"kind"}),
        ({"to": "ann@example.com", "kind": ["bounce"]}, 400, {"kind"}),
        ({"to": "ann@example.com", "kind": "bounce", "why": ""}, 400, {"why"}),
        ({"to": "eve@example.com", "kind": "bounce"}, 404, set()),
    ],
)
def test_what_becomes_of_no_mail_is_refused(
    stage: Stage, body: Any, status: int, told: set[str]
) -> None:
    answered, answer = ask(stage, "POST", "/_local/mail-events", body)
    assert answered == status
    assert set(answer["error"].get("fields", ())) == told


def test_online_payment_is_not_in_yet(stage: Stage) -> None:
    for act in ("capture", "fail"):
        status, answer = ask(stage, "POST", f"/_local/payments/order_1/{act}")
        assert (status, answer["error"]["code"]) == (404, "ORDER_NOT_FOUND")
        assert "not in this version yet" in answer["error"]["message"]


def test_stats_are_shown_after_delivery_and_reset_on_request(stage: Stage) -> None:
    stage.meter.add("PutItem", [Charge("t", writes={"table": 1})])
    assert ask(stage, "GET", "/_local/stats")[1]["write_units"] == 1
    assert ask(stage, "GET", "/_local/stats?reset=1")[1]["total_requests"] == 1
    assert ask(stage, "GET", "/_local/stats")[1]["requests"] == {}
    assert stage.told == ["settle"] * 3


def test_reset_starts_over(stage: Stage) -> None:
    assert ask(stage, "POST", "/_local/reset")[0] == 200
    assert stage.told == ["reset"]


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/_local/", 404),
        ("GET", "/_local/nothing", 404),
        ("POST", "/_local/payments/order_1/refund", 404),
        ("DELETE", "/_local/clock", 405),
        ("GET", "/_local/reset", 405),
    ],
)
def test_other_addresses_are_refused(stage: Stage, method: str, target: str, status: int) -> None:
    assert ask(stage, method, target)[0] == status
