from __future__ import annotations

import http.client
import json
import socket
import threading
from collections.abc import Iterator

import pytest

from local.gateway import HttpRequest, HttpResponse
from local.server import LARGEST_BODY, Server


def echo(request: HttpRequest) -> HttpResponse:
    if request.path == "/empty":
        return HttpResponse(204)
    text = f"{request.method} {request.target} {request.header('x-name')} {len(request.body)}"
    return HttpResponse(200, text.encode(), (("Content-Type", "text/plain"), ("X-Two", "1")))


@pytest.fixture(scope="module")
def server() -> Iterator[Server]:
    server = Server(0, echo)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield server
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture
def connection(server: Server) -> Iterator[http.client.HTTPConnection]:
    connection = http.client.HTTPConnection("127.0.0.1", server.server_address[1], timeout=10)
    yield connection
    connection.close()


def raw(server: Server, sent: bytes) -> tuple[int, dict[str, dict[str, str]]]:
    with socket.create_connection(("127.0.0.1", server.server_port), timeout=10) as plain:
        plain.sendall(sent)
        answer = http.client.HTTPResponse(plain)
        answer.begin()
        return answer.status, json.loads(answer.read())


def test_requests_share_a_connection(connection: http.client.HTTPConnection) -> None:
    for number in range(3):
        connection.request("POST", f"/a?n={number}", b"x" * number, {"X-Name": "ann"})
        answer = connection.getresponse()
        assert answer.read().decode() == f"POST /a?n={number} ann {number}"
        assert answer.getheader("X-Two") == "1"


def test_any_method_reaches_the_app(connection: http.client.HTTPConnection) -> None:
    connection.request("BREW", "/pot")
    assert connection.getresponse().read() == b"BREW /pot  0"


def test_head_and_no_content_have_no_body(connection: http.client.HTTPConnection) -> None:
    connection.request("HEAD", "/a")
    answer = connection.getresponse()
    assert (answer.read(), answer.getheader("Content-Length")) == (b"", "10")
    connection.request("GET", "/empty")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (204, b"")


def test_a_chunked_body_is_put_together(connection: http.client.HTTPConnection) -> None:
    connection.request("POST", "/a", iter([b"abc", b"de"]), encode_chunked=True)
    assert connection.getresponse().read() == b"POST /a  5"


def test_a_body_over_six_megabytes_is_answered_413(connection: http.client.HTTPConnection) -> None:
    connection.request("POST", "/a", b"x" * (LARGEST_BODY + 1))
    answer = connection.getresponse()
    assert answer.status == 413
    assert json.loads(answer.read())["error"]["code"] == "PAYLOAD_TOO_LARGE"


def test_a_client_that_asks_first_need_not_send_too_much(server: Server) -> None:
    head = (
        b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999\r\nExpect: 100-continue\r\n\r\n"
    )
    status, answer = raw(server, head)
    assert (status, answer["error"]["code"]) == (413, "PAYLOAD_TOO_LARGE")


@pytest.mark.parametrize(
    "sent",
    [
        b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: -1\r\n\r\n",
        b"POST /a HTTP/1.1\r\nHost: x\r\nContent-Length: many\r\n\r\n",
        b"POST /a HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
        b"GET /a HTTP/9\r\n\r\n",
    ],
)
def test_malformed_http_is_refused_in_the_shape_of_the_api(server: Server, sent: bytes) -> None:
    status, answer = raw(server, sent)
    assert status == 400
    assert answer["error"]["message"]
