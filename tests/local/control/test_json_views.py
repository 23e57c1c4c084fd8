from __future__ import annotations

import json
from typing import Any

import pytest

from local.metering import Charge
from tests.local.control.conftest import NOON, Product


def ask(product: Product, method: str, target: str, body: Any = None) -> tuple[int, Any]:
    sent = body if isinstance(body, bytes) else json.dumps(body).encode() if body else b""
    response = product.ask(method, target, sent)
    return response.status, json.loads(response.body)


def test_mails_are_listed_newest_first(product: Product) -> None:
    status, answer = ask(product, "GET", "/_local/outbox")
    assert status == 200
    assert [mail["subject"] for mail in answer["items"]] == ["second", "first"]


@pytest.mark.parametrize(
    "query", ["?to=ann@example.com", "?to=ann%40example.com", "/?to=ann@example.com"]
)
def test_mails_are_listed_by_recipient(product: Product, query: str) -> None:
    _, answer = ask(product, "GET", f"/_local/outbox{query}")
    assert [mail["subject"] for mail in answer["items"]] == ["first"]


def test_the_clock_is_shown_and_moved(product: Product) -> None:
    assert ask(product, "GET", "/_local/clock") == (
        200,
        {"now": "2026-11-21T12:00:00Z", "offset_seconds": 0},
    )
    _, answer = ask(product, "POST", "/_local/clock", {"advance_seconds": 3600})
    assert answer == {"now": "2026-11-21T13:00:00Z", "offset_seconds": 3600}
    _, answer = ask(product, "POST", "/_local/clock", {"now": "2027-01-01T05:30:00+05:30"})
    assert answer["now"] == "2027-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("body", "fields"),
    [
        (b"{", {"body"}),
        (b"[" * 100_000, {"body"}),
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
        ({"now": "0001-01-01T00:00:00+14:00"}, {"now"}),
        ({"forward": 1}, {"forward"}),
    ],
)
def test_a_wrong_move_of_the_clock_names_the_field(
    product: Product, body: Any, fields: set[str]
) -> None:
    status, answer = ask(product, "POST", "/_local/clock", body)
    assert (status, answer["error"]["code"]) == (400, "VALIDATION_FAILED")
    assert set(answer["error"]["fields"]) == fields
    assert product.clock.now() == NOON


def test_a_sweep_runs_or_only_counts(product: Product) -> None:
    assert ask(product, "POST", "/_local/sweeps/auto-checkout")[1]["dry_run"] is False
    assert ask(product, "POST", "/_local/sweeps/outbox", {"dry_run": True})[1]["dry_run"] is True
    assert product.calls == [("auto-checkout", False), ("outbox", True)]


def test_a_wrong_sweep_is_refused(product: Product) -> None:
    status, answer = ask(product, "POST", "/_local/sweeps/unknown")
    assert (status, answer["error"]["code"]) == (404, "SWEEP_NOT_FOUND")
    status, answer = ask(product, "POST", "/_local/sweeps/outbox", {"dry_run": "yes"})
    assert (status, answer["error"]["fields"]) == (400, {"dry_run": "must be true or false"})


def test_a_delivery_event_is_reported(product: Product) -> None:
    event = {"to": "ann@example.com", "kind": "bounce"}
    assert ask(product, "POST", "/_local/mail-events", event) == (200, event)
    assert product.calls == [("bounce", "ann@example.com")]


@pytest.mark.parametrize(
    ("body", "status", "fields"),
    [
        ({}, 400, {"to"}),
        ({"to": 7, "kind": "bounce"}, 400, {"to"}),
        ({"to": "ann@example.com", "kind": "eaten"}, 400, {"kind"}),
        ({"to": "ann@example.com", "kind": ["bounce"]}, 400, {"kind"}),
        ({"to": "ann@example.com", "kind": "bounce", "why": ""}, 400, {"why"}),
        ({"to": "eve@example.com", "kind": "bounce"}, 404, set()),
    ],
)
def test_a_wrong_delivery_event_is_refused(
    product: Product, body: Any, status: int, fields: set[str]
) -> None:
    answered, answer = ask(product, "POST", "/_local/mail-events", body)
    assert answered == status
    assert set(answer["error"].get("fields", ())) == fields


def test_stats_are_shown_after_delivery_and_reset_on_request(product: Product) -> None:
    product.meter.add("PutItem", [Charge("t", writes={"table": 1})])
    assert ask(product, "GET", "/_local/stats")[1]["write_units"] == 1
    assert ask(product, "GET", "/_local/stats?reset=1")[1]["total_requests"] == 1
    assert ask(product, "GET", "/_local/stats")[1]["requests"] == {}
    assert product.calls == ["settle"] * 3


def test_reset_starts_over(product: Product) -> None:
    assert ask(product, "POST", "/_local/reset")[0] == 200
    assert product.calls == ["reset"]


@pytest.mark.parametrize(
    ("method", "target", "status"),
    [
        ("GET", "/_local/nothing", 404),
        ("POST", "/_local/payments/order_1/refund", 404),
        ("DELETE", "/_local/clock", 405),
        ("GET", "/_local/reset", 405),
    ],
)
def test_other_addresses_are_refused(
    product: Product, method: str, target: str, status: int
) -> None:
    assert ask(product, method, target)[0] == status


def test_a_head_request_is_answered_like_a_get(product: Product) -> None:
    assert ask(product, "HEAD", "/_local/clock") == ask(product, "GET", "/_local/clock")


def test_an_unknown_address_names_the_page_that_lists_the_others(product: Product) -> None:
    assert "/_local/ " in ask(product, "GET", "/_local/nothing")[1]["error"]["message"]
