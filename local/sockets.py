"""API Gateway's WebSocket API on this machine: the same handlers, called with the same events, and
the connections they write to."""

from __future__ import annotations

import contextlib
import logging
import socket
import threading
import time
import uuid
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from websockets.exceptions import InvalidState
from websockets.frames import CloseCode, Frame, Opcode
from websockets.http11 import Request
from websockets.protocol import State
from websockets.server import ServerProtocol

from local.gateway import HttpRequest
from local.invocation import API_SECONDS, Context

log = logging.getLogger("local.sockets")

LARGEST_FRAME: Final = 128 * 1024
IDLE_SECONDS: Final = 600
"""After this API Gateway ends a connection that is silent."""

LONGEST_WRITE: Final = 2.0
"""Seconds that one write may take: a client that reads nothing holds up nobody else for longer."""

_CHUNK: Final = 64 * 1024


class LocalSockets:
    """The connections that are open. It is a `gateways.sockets.Sockets`."""

    def __init__(self, handlers: Mapping[str, Any], now: Callable[[], datetime]) -> None:
        self._handlers = handlers
        self._now = now
        self._open: dict[str, Link] = {}

    def push(self, connection_ids: Sequence[str], text: str) -> frozenset[str]:
        return frozenset(each for each in connection_ids if not self._sent(each, text))

    def close(self, connection_ids: Sequence[str]) -> None:
        for link in map(self._open.get, connection_ids):
            if link is not None:
                link.close()

    def close_all(self) -> None:
        """End every connection."""
        self.close(list(self._open))

    def serve(self, connection: socket.socket, request: HttpRequest) -> None:
        """Shake hands, then hand every message to the app until the connection ends."""
        connection_id = uuid.uuid4().hex
        context = _context(connection_id, request.address, self._now())
        if self._call("socket_opened", context).get("statusCode") != 200:
            connection.sendall(b"HTTP/1.1 429 Too Many Requests\r\nContent-Length: 0\r\n\r\n")
            return
        link = Link(connection, request)
        self._open[connection_id] = link
        try:
            for message in link.messages():
                self._call("socket_message", context, body=message)
        finally:
            self._open.pop(connection_id, None)
            self._call("socket_closed", context)

    def _sent(self, connection_id: str, text: str) -> bool:
        link = self._open.get(connection_id)
        return link is not None and link.send(text)

    def _call(self, name: str, context: dict[str, Any], **more: str) -> dict[str, Any]:
        try:
            event = {"requestContext": context, "isBase64Encoded": False, **more}
            answer: dict[str, Any] = self._handlers[name](event, Context(name, API_SECONDS))
            return answer
        except Exception:
            log.exception("%s failed", name)
            return {"statusCode": 500}


class Link:
    """One connection: a socket, and the protocol spoken on it. Several threads may write."""

    def __init__(self, connection: socket.socket, request: HttpRequest) -> None:
        connection.settimeout(LONGEST_WRITE)
        self._socket = connection
        self._lock = threading.Lock()
        self._protocol = ServerProtocol(max_size=LARGEST_FRAME)
        self._protocol.receive_data(_as_sent(request))
        for asked in self._protocol.events_received():
            if isinstance(asked, Request):
                self._protocol.send_response(self._protocol.accept(asked))
        self._flush()

    def send(self, text: str) -> bool:
        """Whether the connection is still there."""
        try:
            with self._lock:
                self._protocol.send_text(text.encode())
                self._flush()
        except (OSError, InvalidState):
            return False
        return True

    def close(self) -> None:
        """Say that it ends; the other side then ends it."""
        with contextlib.suppress(OSError, InvalidState), self._lock:
            self._protocol.send_close(CloseCode.NORMAL_CLOSURE)
            self._flush()

    def messages(self) -> Iterator[str]:
        """The texts received, until either side ends the connection or it is silent for long."""
        parts: list[bytes] = []
        while self._protocol.state is State.OPEN:
            for frame in self._received():
                if frame.opcode in (Opcode.TEXT, Opcode.CONT):
                    parts.append(bytes(frame.data))
                    if frame.fin:
                        yield b"".join(parts).decode("utf-8", "replace")
                        parts.clear()

    def _received(self) -> list[Frame]:
        """The frames that have come."""
        data = self._read()
        with self._lock:
            self._protocol.receive_data(data) if data else self._protocol.receive_eof()
            with contextlib.suppress(OSError):
                self._flush()
            return [f for f in self._protocol.events_received() if isinstance(f, Frame)]

    def _read(self) -> bytes:
        silent_since = time.monotonic()
        while time.monotonic() - silent_since < IDLE_SECONDS:
            try:
                return self._socket.recv(_CHUNK)
            except TimeoutError:
                continue
            except OSError:
                return b""
        return b""

    def _flush(self) -> None:
        for data in self._protocol.data_to_send():
            if data:
                self._socket.sendall(data)


def _as_sent(request: HttpRequest) -> bytes:
    lines = [f"{request.method} {request.target} HTTP/1.1"]
    lines += [f"{name}: {value}" for name, value in request.headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode("latin-1")


def _context(connection_id: str, address: str, now: datetime) -> dict[str, Any]:
    return {
        "connectionId": connection_id,
        "connectedAt": int(now.timestamp() * 1000),
        "identity": {"sourceIp": address},
        "apiId": "local",
        "stage": "local",
        "domainName": "127.0.0.1",
    }
