"""Calls of a gateway that may say anything, over real sockets."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from chalicelib.domain.core import errors
from chalicelib.gateways.payments.json_api import LARGEST_ANSWER, JsonApi, NotKnown, NotSignedIn
from chalicelib.gateways.payments.protocol import GatewayRefused
from tests.raw_server import RawServer, answering, raw_server

REFUSAL = b'{"code": "BAD_REQUEST", "message": "amount"}'


@pytest.fixture
def server() -> Iterator[RawServer]:
    with raw_server(answering("200 OK", b'{"a": 1}')) as server:
        yield server


def call(server: RawServer, **limits: float) -> Any:
    return JsonApi(server.url + "/api", **limits).get("/x", {"x-key": "1"})


def test_a_call_goes_below_the_url_and_its_answer_is_an_object(server: RawServer) -> None:
    assert call(server) == {"a": 1}
    [head] = server.asked
    assert head.startswith(b"GET /api/x HTTP/1.1\r\n")
    assert b"x-key: 1" in head


@pytest.mark.parametrize(
    "url",
    [
        "http://api.phonepe.com/apis/pg",  # not encrypted
        "http://10.0.0.1/", "https://10.0.0.1/", "https://169.254.169.254/",  # inside
        "https://user@api.phonepe.com/", "https://api.phonepe.com:8443/", "ftp://a.b/", "",
    ],
)  # fmt: skip
def test_only_https_is_trusted_and_this_machine(url: str) -> None:
    with pytest.raises(errors.Invalid):
        JsonApi(url)


@pytest.mark.parametrize("status", ["400 Bad", "403 No", "417 Used", "422 No"])
def test_a_refusal_has_the_code_of_the_gateway(server: RawServer, status: str) -> None:
    server.say = answering(status, REFUSAL)
    with pytest.raises(GatewayRefused) as refused:
        call(server)
    assert (refused.value.code, str(refused.value)) == ("BAD_REQUEST", "BAD_REQUEST: amount")


def test_what_is_not_known_is_a_refusal_of_its_own(server: RawServer) -> None:
    server.say = answering("404 No", REFUSAL)
    with pytest.raises(NotKnown):
        call(server)


@pytest.mark.parametrize(
    ("status", "body"),
    [("401 No", b""), ("401 No", REFUSAL), ("400 No", b'{"code": "AUTHORIZATION_FAILED"}')],
)
def test_a_key_that_is_not_taken_is_no_refusal_of_the_call(
    server: RawServer, status: str, body: bytes
) -> None:
    server.say = answering(status, body)
    with pytest.raises(NotSignedIn):
        call(server)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        ("200 OK", b""),
        ("200 OK", b"<html>"),
        ("200 OK", b"[1]"),
        ("200 OK", b'"text"'),
        ("200 OK", b"[" * 200_000),  # deeper than the parser goes
        ("200 OK", b'{"a": ' + b"9" * 5_000 + b"}"),  # a number of more digits than Python reads
        ("200 OK", b"\xff\xfe{"),
        ("302 Found", REFUSAL),
        ("404 Not Found", b"<html>no such page</html>"),
        ("400 Bad", b'{"code": ["a"]}'),
        ("429 Slow", REFUSAL),
        ("409 Twin", REFUSAL),
        ("400 Bad", b'{"code": "INTERNAL_SERVER_ERROR"}'),
        ("500 Error", REFUSAL),
        ("502 Bad Gateway", b"<html>"),
        ("200 OK", b'{"a": "' + b"x" * LARGEST_ANSWER + b'"}'),
    ],
    ids=range(16),
)
def test_any_other_answer_is_none(server: RawServer, status: str, body: bytes) -> None:
    server.say = answering(status, body)
    with pytest.raises(errors.Unavailable) as unavailable:
        call(server)
    assert unavailable.value.retry_after
    assert not isinstance(unavailable.value, NotSignedIn)


def test_an_answer_may_be_as_large_as_the_limit(server: RawServer) -> None:
    text = b"x" * (LARGEST_ANSWER - len(b'{"a": ""}'))
    server.say = answering("200 OK", b'{"a": "' + text + b'"}')
    assert call(server) == {"a": text.decode()}


def test_a_redirect_is_not_followed(server: RawServer) -> None:
    server.say = answering("302 Found", b"{}", f"Location: {server.url}/elsewhere")
    with pytest.raises(errors.Unavailable):
        call(server)
    assert len(server.asked) == 1


@pytest.mark.parametrize("said", [b"", b"nonsense\r\n\r\n", b"HTTP/1.1 200 OK\r\n"])
def test_what_is_no_http_is_no_answer(server: RawServer, said: bytes) -> None:
    server.say = lambda connection: connection.sendall(said)
    with pytest.raises(errors.Unavailable):
        call(server)


def test_half_an_answer_is_none(server: RawServer) -> None:
    head = b"HTTP/1.1 200 OK\r\nContent-Length: 100\r\n\r\n"
    server.say = lambda connection: connection.sendall(head + b'{"a": 1}')
    assert call(server) == {"a": 1}, "what arrived is a whole object"
    server.say = lambda connection: connection.sendall(head + b'{"a": ')
    with pytest.raises(errors.Unavailable):
        call(server)


def test_an_answer_byte_by_byte_is_cut_off(server: RawServer) -> None:
    over = threading.Event()

    def drip(connection: socket.socket) -> None:
        connection.sendall(b"HTTP/1.1 200 OK\r\nX-Slow: ")
        while not over.wait(0.02):
            connection.sendall(b"x")

    server.say = drip
    with pytest.raises(errors.Unavailable):
        call(server, read_seconds=20, call_seconds=0.3)
    over.set()


def test_silence_is_not_waited_for(server: RawServer) -> None:
    over = threading.Event()

    def wait(connection: socket.socket) -> None:
        over.wait(20)

    server.say = wait
    with pytest.raises(errors.Unavailable) as unavailable:
        call(server, read_seconds=0.2, call_seconds=20)
    over.set()
    assert unavailable.value.cause == "ReadTimeoutError"


def test_a_machine_that_is_off() -> None:
    with raw_server(answering("200 OK", b"{}")) as server:
        url = server.url
    with pytest.raises(errors.Unavailable):
        JsonApi(url).get("/", {})
