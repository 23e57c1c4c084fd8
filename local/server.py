"""The HTTP front: sockets, keep-alive and limits. Requests are answered elsewhere."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

from local.gateway import HttpRequest, HttpResponse, refusal

Handler = Callable[[HttpRequest], HttpResponse]
Listen = Callable[[socket.socket, HttpRequest], None]
"""Serves a WebSocket on a connection until it ends."""

SOCKET_PATH = "/ws"

LARGEST_BODY = 6 * 1024 * 1024
"""Bytes that Lambda accepts as an event."""

_DISCARDED = 64 * 1024 * 1024
_CHUNK = 64 * 1024
_IDLE_SECONDS = 75
_BODILESS = (204, 304)


class BodyError(Exception):
    """The body cannot be read. Carries the answer."""

    def __init__(self, response: HttpResponse) -> None:
        super().__init__(response.status)
        self.response = response


def too_large() -> HttpResponse:
    """The answer to a body over LARGEST_BODY."""
    return refusal(413, "PAYLOAD_TOO_LARGE", "The body may have 6 MB at most.")


def starting(_: HttpRequest) -> HttpResponse:
    """The answer until the product has started."""
    return refusal(503, "UNAVAILABLE", "Berth is starting.")


class Server(ThreadingHTTPServer):
    """Answers requests with `answer`, one thread per connection, and WebSockets with `listen`."""

    daemon_threads = True
    block_on_close = False
    request_queue_size = 512
    allow_reuse_address = True

    def __init__(self, port: int, answer: Handler = starting, host: str = "127.0.0.1") -> None:
        self.answer = answer
        self.listen: Listen | None = None
        super().__init__((host, port), _Connection)

    @property
    def port(self) -> int:
        """The port it listens on. The system chooses one for port 0."""
        return self.server_address[1]

    @property
    def address(self) -> str:
        """The address it listens on, such as `http://127.0.0.1:8000`."""
        return f"http://{self.server_address[0]!s}:{self.port}"

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Ignore clients that close the connection early."""


class _Connection(BaseHTTPRequestHandler):
    server: Server
    protocol_version = "HTTP/1.1"
    server_version = "Berth"
    sys_version = ""
    disable_nagle_algorithm = True
    wbufsize = -1
    timeout = _IDLE_SECONDS

    def handle_one_request(self) -> None:
        with contextlib.suppress(ConnectionError, socket.timeout):
            super().handle_one_request()
            return
        self.close_connection = True

    def __getattr__(self, name: str) -> Callable[[], None]:
        if name.startswith("do_"):
            return self._answer
        raise AttributeError(name)

    def _answer(self) -> None:
        try:
            request = self._request()
            if self.server.listen is not None and self._wants_socket():
                self.close_connection = True
                self.server.listen(self.connection, request)
                return
            response = self.server.answer(request)
        except BodyError as problem:
            self.close_connection = True
            response = problem.response
        self._send(response)

    def _wants_socket(self) -> bool:
        upgrade = self.headers.get("Upgrade", "").lower()
        return upgrade == "websocket" and self.path.partition("?")[0] == SOCKET_PATH

    def _request(self) -> HttpRequest:
        body, address = self._body(), str(self.client_address[0])
        return HttpRequest(self.command, self.path, tuple(self.headers.items()), body, address)

    def _body(self) -> bytes:
        if "chunked" in self.headers.get("Transfer-Encoding", "").lower():
            return self._chunked_body()
        length = self._length()
        if length > LARGEST_BODY:
            self._discard(length)
            raise BodyError(too_large())
        return self.rfile.read(length) if length else b""

    def _length(self) -> int:
        text = self.headers.get("Content-Length", "0").strip()
        if not (text.isascii() and text.isdigit() and len(text) < 19):
            raise BodyError(refusal(400, "VALIDATION_FAILED", "Content-Length is not a number."))
        return int(text)

    def _chunked_body(self) -> bytes:
        body = bytearray()
        while size := self._chunk_size():
            if len(body) + size > LARGEST_BODY:
                raise BodyError(too_large())
            body += self.rfile.read(size)
            self.rfile.readline()
        while self.rfile.readline(_CHUNK).strip():
            pass
        return bytes(body)

    def _chunk_size(self) -> int:
        try:
            return int(self.rfile.readline(_CHUNK).partition(b";")[0].strip(), 16)
        except ValueError:
            problem = refusal(400, "VALIDATION_FAILED", "The chunked body is malformed.")
            raise BodyError(problem) from None

    def _discard(self, length: int) -> None:
        """Read and drop the body: with unread bytes the client sees a reset, not the answer."""
        left = min(length, _DISCARDED)
        while left > 0 and (chunk := self.rfile.read(min(_CHUNK, left))):
            left -= len(chunk)

    def handle_expect_100(self) -> bool:
        """Refuse a body that is too large before the client sends it."""
        length = self.headers.get("Content-Length", "0")
        if length.isdigit() and int(length) > LARGEST_BODY:
            self.close_connection = True
            self._send(too_large())
            self.wfile.flush()
            return False
        return super().handle_expect_100()

    def _send(self, response: HttpResponse) -> None:
        self.send_response_only(response.status)
        for name, value in response.headers:
            if name.lower() not in ("content-length", "connection", "transfer-encoding"):
                self.send_header(name, value)
        if response.status not in _BODILESS:
            self.send_header("Content-Length", str(len(response.body)))
        if self.close_connection:
            self.send_header("Connection", "close")
        self.end_headers()
        if self.command != "HEAD" and response.status not in _BODILESS:
            self.wfile.write(response.body)

    def send_error(self, code: int, message: str | None = None, explain: str | None = None) -> None:
        """Answer malformed HTTP in the error shape of the API."""
        self.close_connection = True
        self.request_version = self.protocol_version
        self._send(refusal(int(code), "BAD_REQUEST", message or "This is not HTTP."))

    def log_message(self, *_: Any) -> None:
        """Log nothing: the app logs its requests."""
