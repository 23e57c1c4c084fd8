"""The wire below the SDK, over a real connection: what it sends, and what it makes of each answer
and of a connection that breaks (docs/decisions/razorpay.md)."""

from __future__ import annotations

import contextlib
import gzip
import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.core import errors
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.gateway import NewOrder, RefundOrder
from chalicelib.gateways.payments.credentials import LEAST_SECONDS, Credentials
from chalicelib.gateways.payments.protocol import GatewayRefused
from chalicelib.gateways.payments.razorpay import Razorpay
from chalicelib.gateways.payments.razorpay_keys import RazorpayKeys, reader
from chalicelib.gateways.payments.razorpay_wire import LARGEST_ANSWER
from local.gateway import HttpRequest, HttpResponse, json_response
from local.server import Server
from tests.clock import NOON, Clock
from tests.raw_server import Say, answering, raw_server

ORDER = {"id": "order_1", "amount": 15000, "currency": "INR", "receipt": "PY_1", "status": "created"}  # fmt: skip
WANTED = NewOrder("PY_1", Money(15000, "INR"), NOON + timedelta(minutes=15), "Bay A-001", "")
NOTHING: dict[str, Any] = {"items": []}
HTML = (("Content-Type", "text/html"),)


@dataclass
class Far:
    """A server in Razorpay's place. It gives the answers in `says` and keeps what was asked."""

    says: list[Callable[[], HttpResponse]] = field(default_factory=list)
    asked: list[HttpRequest] = field(default_factory=list)
    secret: dict[str, str] = field(
        default_factory=lambda: {"key_id": "rzp_test_1", "key_secret": "s", "webhook_secret": "w"}
    )
    seconds: float = 1000.0

    def answer(self, request: HttpRequest) -> HttpResponse:
        self.asked.append(request)
        return self.says.pop(0)()

    def credentials(self) -> Credentials[RazorpayKeys]:
        return Credentials(
            lambda: json.dumps(self.secret), reader(live=False), steady=lambda: self.seconds
        )


@pytest.fixture
def far() -> Far:
    return Far()


@pytest.fixture
def server(far: Far) -> Iterator[Server]:
    server = Server(0, far.answer)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def gateway(far: Far, server: Server) -> Razorpay:
    return Razorpay(far.credentials(), Clock().now, url=server.address, read_seconds=0.5)


def says(status: int, value: Any, **headers: str) -> Callable[[], HttpResponse]:
    named = [(name.replace("_", "-"), text) for name, text in headers.items()]
    return lambda: json_response(status, value, named)


def error(description: str, code: str = "BAD_REQUEST_ERROR") -> dict[str, Any]:
    return {"error": {"code": code, "description": description, "metadata": {}}}


def test_an_order_is_asked_for_once_with_our_reference(far: Far, gateway: Razorpay) -> None:
    far.says = [says(200, ORDER)]
    order = gateway.create_order(WANTED)
    assert (order.reference, order.order_id, order.amount) == ("PY_1", "order_1", WANTED.amount)
    [asked] = far.asked
    assert (asked.method, asked.path) == ("POST", "/v1/orders")
    assert json.loads(asked.body) == {
        "amount": 15000,
        "currency": "INR",
        "receipt": "PY_1",
        "notes": {"reference": "PY_1"},
        "payment": {
            "capture": "automatic",
            "capture_options": {
                "automatic_expiry_period": 15,
                "manual_expiry_period": 15,
                "refund_speed": "normal",
            },
        },
    }
    assert asked.header("authorization").startswith("Basic ")
    assert asked.header("user-agent").startswith("Razorpay-Python/2.0.1")


@pytest.mark.parametrize(
    ("seconds", "minutes"), [(-60, 12), (60, 12), (719, 12), (721, 13), (10**8, 7200)]
)
def test_an_order_is_captured_until_it_expires_as_far_as_razorpay_goes(
    far: Far, gateway: Razorpay, seconds: int, minutes: int
) -> None:
    far.says = [says(200, ORDER)]
    expires_at = NOON + timedelta(seconds=seconds)
    gateway.create_order(NewOrder("PY_1", WANTED.amount, expires_at, "", ""))
    options = json.loads(far.asked[0].body)["payment"]["capture_options"]
    assert {options["automatic_expiry_period"], options["manual_expiry_period"]} == {minutes}


def test_calls_share_no_values(far: Far, gateway: Razorpay) -> None:
    """The SDK's own defaults are dictionaries that all calls share."""
    first = RefundOrder("RF_1", "PY_1", "order_1", "pay_1", Money(100, "INR"))
    second = RefundOrder("RF_2", "PY_2", "order_2", "pay_2", Money(200, "INR"))
    made = {"id": "rfnd_1", "amount": 100, "currency": "INR", "status": "pending"}
    far.says = [says(200, NOTHING), says(200, made), says(200, NOTHING), says(200, made)]
    gateway.refund(first)
    gateway.refund(second)
    one, two = far.asked[1], far.asked[3]
    assert one.header("x-refund-idempotency") == "refund_RF_1"
    assert two.header("x-refund-idempotency") == "refund_RF_2"
    assert json.loads(two.body) == {
        "amount": 200, "speed": "normal", "receipt": "RF_2", "notes": {"reference": "RF_2"},
    }  # fmt: skip


# -- refusals


@pytest.mark.parametrize(
    ("status", "value", "code", "text"),
    [
        (400, error("The amount must be at least INR 1.00"), "BAD_REQUEST_ERROR", "The amount must be at least INR 1.00"),
        (403, error("Access Denied", "ACCESS_DENIED"), "ACCESS_DENIED", "Access Denied"),
        (409, error("Different request with the same idempotency key has already been processed."), "BAD_REQUEST_ERROR", "Different request with the same idempotency key has already been processed."),
        (422, {"error": "no"}, "HTTP_422", ""),
        (400, {}, "HTTP_400", ""),
        (400, {"error": {"code": None, "description": None}}, "HTTP_400", ""),
    ],
)  # fmt: skip
def test_what_razorpay_refuses_is_refused(
    far: Far, gateway: Razorpay, status: int, value: Any, code: str, text: str
) -> None:
    far.says = [says(status, value)]
    with pytest.raises(GatewayRefused) as refused:
        gateway.create_order(WANTED)
    assert (refused.value.code, str(refused.value)) == (code, f"{code}: {text}")
    assert len(far.asked) == 1


@pytest.mark.parametrize(
    ("answer", "wait"),
    [
        (says(429, error("Too many requests"), Retry_After="7"), 7),
        (says(429, error("Too many requests")), 10),
        (says(429, error("Too many requests"), Retry_After="soon"), 10),
        (says(429, error("Too many requests"), Retry_After="99999"), 3600),
        (lambda: HttpResponse(429, b"<html>", HTML), 10),
        (says(409, error("Another request with the same idempotency key is still in progress.")), 10),
        (says(500, error("We are facing some trouble", "SERVER_ERROR")), None),
        (says(502, error("Wait for the bank", "GATEWAY_ERROR")), None),
        (lambda: HttpResponse(502, b"<html><h1>Bad Gateway</h1>", HTML), None),
        (lambda: HttpResponse(404, b"<html><h1>Not Found</h1>", HTML), None),
        (lambda: HttpResponse(200, b"<html>Maintenance", HTML), None),
        (lambda: HttpResponse(200, b'{"id": "order_1"', ()), None),
        (lambda: HttpResponse(200, b"[" * 100_000, ()), None),
        (says(200, [ORDER]), None),
        (lambda: HttpResponse(204), None),
        (says(200, {"id": "order_1", "amount": "a lot", "currency": "INR"}), None),
        (says(302, {}, Location="http://127.0.0.1:1/v1/orders"), 10),
        (lambda: HttpResponse(200, b" " * (LARGEST_ANSWER + 1), ()), None),
    ],
)  # fmt: skip
def test_what_is_no_answer_leaves_it_open_whether_the_call_had_its_effect(
    far: Far,
    gateway: Razorpay,
    answer: Callable[[], HttpResponse],
    wait: int | None,
    capsys: pytest.CaptureFixture[str],
) -> None:
    far.says = [answer]
    with pytest.raises(errors.Unavailable) as away:
        gateway.create_order(WANTED)
    assert away.value.retry_after == wait
    assert away.value.cause
    assert len(far.asked) == 1
    assert capsys.readouterr() == ("", "")


# -- connections


def hung_up() -> HttpResponse:
    raise ConnectionResetError


def silent() -> HttpResponse:
    time.sleep(0.8)
    raise ConnectionResetError


@pytest.mark.parametrize(
    ("answer", "cause"), [(hung_up, "ConnectionError"), (silent, "ReadTimeout")]
)
def test_a_connection_that_breaks_or_stays_silent_is_no_answer_and_is_not_tried_again(
    far: Far,
    gateway: Razorpay,
    answer: Callable[[], HttpResponse],
    cause: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    far.says = [answer]
    with pytest.raises(errors.Unavailable) as away:
        gateway.create_order(WANTED)
    assert away.value.cause == cause
    assert len(far.asked) == 1
    assert capsys.readouterr() == ("", "")


def dripping(connection: socket.socket) -> None:
    """An answer that never ends, a byte at a time."""
    connection.sendall(b"HTTP/1.1 200 OK\r\nContent-Length: 1000000\r\n\r\n")
    with contextlib.suppress(OSError):
        while True:
            connection.sendall(b" ")
            time.sleep(0.02)


def cut_off(connection: socket.socket) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n{"id": "order_1"')


def chunked_and_cut_off(connection: socket.socket) -> None:
    connection.sendall(b'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n{"id"\r\n')


def no_http(connection: socket.socket) -> None:
    connection.sendall(b"SSH-2.0-OpenSSH_9.2\r\n")


def no_gzip(connection: socket.socket) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: 2\r\n\r\n{}"
    connection.sendall(head)


@pytest.mark.parametrize("say", [dripping, cut_off, chunked_and_cut_off, no_http, no_gzip])
def test_an_answer_that_does_not_end_or_begin_is_no_answer(
    far: Far, say: Say, capsys: pytest.CaptureFixture[str]
) -> None:
    with raw_server(say) as raw:
        gateway = Razorpay(far.credentials(), Clock().now, url=raw.url, body_seconds=0.2)
        with pytest.raises(errors.Unavailable) as away:
            gateway.find_order("PY_1", None)
        assert len(raw.asked) == 1
    assert away.value.cause
    assert capsys.readouterr() == ("", "")


def test_a_packed_answer_is_read(far: Far) -> None:
    body = gzip.compress(json.dumps({"items": []}).encode())
    with raw_server(answering("200 OK", body, "Content-Encoding: gzip")) as raw:
        assert (
            Razorpay(far.credentials(), Clock().now, url=raw.url).find_order("PY_1", None) is None
        )


def test_where_nothing_listens_there_is_no_answer(
    far: Far, capsys: pytest.CaptureFixture[str]
) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    gateway = Razorpay(far.credentials(), Clock().now, url=f"http://127.0.0.1:{port}")
    with pytest.raises(errors.Unavailable) as away:
        gateway.find_order("PY_1", None)
    assert away.value.cause == "ConnectionError"
    assert capsys.readouterr() == ("", "")


def test_neither_proxies_nor_passwords_of_the_environment_are_used(
    far: Far, gateway: Razorpay, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HTTP_PROXY", "http://127.0.0.1:1")
    monkeypatch.setenv("ALL_PROXY", "http://127.0.0.1:1")
    far.says = [says(200, ORDER)]
    assert gateway.create_order(WANTED).order_id == "order_1"


# -- keys


REFUSALS = [
    says(401, error("Authentication failed")),
    says(400, error("The api key provided is invalid")),
    says(401, {}),
]


@pytest.mark.parametrize("refusal", REFUSALS)
def test_a_call_that_the_key_is_refused_for_is_repeated_with_the_new_key(
    far: Far, gateway: Razorpay, refusal: Callable[[], HttpResponse]
) -> None:
    far.says = [says(200, ORDER), refusal, says(200, ORDER)]
    gateway.create_order(WANTED)
    far.secret = far.secret | {"key_secret": "new"}
    far.seconds += LEAST_SECONDS
    assert gateway.create_order(WANTED).order_id == "order_1"
    first, refused, repeated = far.asked
    assert first.header("authorization") == refused.header("authorization")
    assert repeated.header("authorization") != refused.header("authorization")
    assert repeated.body == refused.body


def test_a_key_that_stays_wrong_is_no_answer(far: Far, gateway: Razorpay) -> None:
    far.says = [REFUSALS[0], REFUSALS[0], REFUSALS[0]]
    with pytest.raises(errors.Unavailable, match="unavailable") as away:
        gateway.create_order(WANTED)
    assert "rzp_test_1" in away.value.cause
    far.secret = far.secret | {"key_id": "rzp_test_2"}
    far.seconds += LEAST_SECONDS
    with pytest.raises(errors.Unavailable) as away:
        gateway.create_order(WANTED)
    assert "rzp_test_2" in away.value.cause
    assert len(far.asked) == 3


# -- lists


def test_lists_are_read_to_their_end(far: Far, gateway: Razorpay) -> None:
    def row(number: int) -> dict[str, Any]:
        return {"entity_id": f"pay_{number}", "type": "payment", "credit": 100, "currency": "INR"}

    pages = [range(1000), range(1000, 2000), range(2000, 2001)]
    far.says = [says(200, {"items": [row(n) for n in page]}) for page in pages]
    rows = list(gateway.settlement(NOON.date()))
    assert [each.gateway_id for each in rows] == [f"pay_{n}" for n in range(2001)]
    asked = [{name: value[0] for name, value in each.query.items()} for each in far.asked]
    assert [each["skip"] for each in asked] == ["0", "1000", "2000"]
    assert {(each["year"], each["month"], each["day"], each["count"]) for each in asked} == {
        (str(NOON.year), str(NOON.month), str(NOON.day), "1000")
    }


def test_of_several_orders_with_one_reference_that_on_which_most_was_done_counts(
    far: Far, gateway: Razorpay
) -> None:
    orders = [
        ORDER | {"id": "order_new", "created_at": 2},
        ORDER | {"id": "order_old", "created_at": 1},
        ORDER | {"id": "order_tried", "attempts": 1, "created_at": 3},
        ORDER | {"id": "order_of_another", "receipt": "PY_11", "status": "paid"},
    ]
    for count, expected in ((2, "order_old"), (4, "order_tried")):
        far.says = [says(200, {"items": orders[:count]}), says(200, NOTHING)]
        found = gateway.find_order("PY_1", None)
        assert found is not None
        assert found.order_id == expected


def test_an_order_that_razorpay_does_not_have_is_none(far: Far, gateway: Razorpay) -> None:
    far.says = [says(200, NOTHING), says(400, error("The id provided does not exist"))]
    assert gateway.find_order("PY_1", None) is None
    assert gateway.find_order("PY_1", "order_1") is None
    far.says = [says(403, error("Access Denied", "ACCESS_DENIED"))]
    with pytest.raises(GatewayRefused):
        gateway.find_order("PY_1", "order_1")
