"""Connections to AWS that are kept open from one request to the next."""

from __future__ import annotations

import select
import weakref
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPSConnection
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from botocore.exceptions import (
    ConnectionClosedError,
    ConnectTimeoutError,
    EndpointConnectionError,
    ReadTimeoutError,
)

if TYPE_CHECKING:
    import ssl


@dataclass(frozen=True)
class Reply:
    """What came back. `headers` are found in any case of letters."""

    url: str
    status_code: int
    headers: Any
    content: bytes


class Endpoint:
    """One address of AWS, with its idle connections; threads may share it."""

    def __init__(self, url: str, *, connect_seconds: float, read_seconds: float) -> None:
        self.url = url.rstrip("/")
        parts = urlsplit(self.url)
        self.host, self.path = parts.netloc, parts.path
        self.connect_seconds = connect_seconds
        self.read_seconds = read_seconds
        self._idle: deque[HTTPConnection] = deque()
        self.close = weakref.finalize(self, _close, self._idle)

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send and wait. Raises botocore's errors of a connection: ConnectTimeoutError,
        EndpointConnectionError, ReadTimeoutError, ConnectionClosedError."""
        connection = self._kept() or self._opened()
        try:
            connection.request(method, path, body, dict(headers))
            answer = connection.getresponse()
            reply = Reply(self.url, answer.status, answer.headers, answer.read())
        except TimeoutError as error:
            connection.close()
            raise ReadTimeoutError(endpoint_url=self.url, error=error) from error
        except (HTTPException, OSError) as error:
            connection.close()
            raise ConnectionClosedError(endpoint_url=self.url, error=error) from error
        self._idle.append(connection)
        return reply

    def _kept(self) -> HTTPConnection | None:
        """An idle connection that is still open, the last one used first."""
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread took it
                return None
            if not _is_gone(connection):
                return connection
            connection.close()
        return None

    def _opened(self) -> HTTPConnection:
        connection = self._made()
        try:
            connection.connect()
        except TimeoutError as error:
            raise ConnectTimeoutError(endpoint_url=self.url, error=error) from error
        except OSError as error:
            raise EndpointConnectionError(endpoint_url=self.url, error=error) from error
        connection.sock.settimeout(self.read_seconds)
        return connection

    def _made(self) -> HTTPConnection:
        if self.url.startswith("https:"):
            return HTTPSConnection(self.host, timeout=self.connect_seconds, context=self._trust)
        return HTTPConnection(self.host, timeout=self.connect_seconds)

    @cached_property
    def _trust(self) -> ssl.SSLContext:
        import ssl

        return ssl.create_default_context()


def _is_gone(connection: HTTPConnection) -> bool:
    """Whether the other end has closed it, as happens while a Lambda sleeps: then there is
    something to read on it, though nothing was asked."""
    if connection.sock is None:
        return True
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))


def _close(idle: deque[HTTPConnection]) -> None:
    for connection in idle:
        connection.close()
