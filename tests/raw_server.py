"""A server that says what a test lets it say, byte for byte."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

Say = Callable[[socket.socket], None]


@dataclass
class RawServer:
    """Reads the head of each request, lets `say` answer, and hangs up."""

    url: str
    say: Say
    asked: list[bytes] = field(default_factory=list)


@contextlib.contextmanager
def raw_server(say: Say) -> Iterator[RawServer]:
    """A server on a port of its own."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = RawServer(f"http://127.0.0.1:{listening.getsockname()[1]}", say)
    running = threading.Thread(target=_serve, args=(listening, server))
    running.start()
    try:
        yield server
    finally:
        listening.shutdown(socket.SHUT_RDWR)
        listening.close()
        running.join()


def answering(status: str, body: bytes, *headers: str) -> Say:
    """An answer with these bytes."""
    head = "\r\n".join([f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""])
    return lambda connection: connection.sendall(head.encode() + body)


def _serve(listening: socket.socket, server: RawServer) -> None:
    while True:
        try:
            connection, _ = listening.accept()
        except OSError:
            return
        with connection, contextlib.suppress(OSError):
            server.asked.append(_head(connection))
            server.say(connection)


def _head(connection: socket.socket) -> bytes:
    head = b""
    while b"\r\n\r\n" not in head and (part := connection.recv(65536)):
        head += part
    return head
