"""Persistent HTTP connections: to AWS, and to payment gateways."""

from __future__ import annotations

import contextlib
import select
import weakref
from collections import deque
from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import cached_property
from http.client import HTTPConnection, HTTPException, HTTPResponse, HTTPSConnection
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
    """An HTTP reply. The names of `headers` are case-insensitive."""

    url: str
    status_code: int
    headers: Any
    content: bytes


class Endpoint:
    """The URL of a service with its idle connections; thread-safe. `read_seconds` is the limit of
    each read. For a service other than AWS, `call_seconds` limits a whole call once it is
    connected, and `largest` the bytes of an answer. Redirects are not followed."""

    def __init__(
        self,
        url: str,
        *,
        connect_seconds: float,
        read_seconds: float,
        call_seconds: float | None = None,
        largest: int | None = None,
    ) -> None:
        self.url = url.rstrip("/")
        parts = urlsplit(self.url)
        self.host, self.path = parts.netloc, parts.path
        self.connect_seconds = connect_seconds
        self.read_seconds = read_seconds
        self.call_seconds = call_seconds
        self.largest = largest
        self._idle: deque[HTTPConnection] = deque()
        self.close = weakref.finalize(self, _close, self._idle)

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """Send a request and return the reply. Raises ConnectTimeoutError, EndpointConnectionError,
        ReadTimeoutError, ConnectionClosedError of botocore."""
        connection = self._idle_connection() or self._open()
        try:
            with self._time_limit(connection):
                connection.request(method, path, body, dict(headers))
                answer = connection.getresponse()
                content = self._content(answer)
            reply = Reply(self.url, answer.status, answer.headers, content)
        except TimeoutError as error:
            connection.close()
            raise ReadTimeoutError(endpoint_url=self.url, error=error) from error
        except (HTTPException, OSError) as error:
            connection.close()
            raise ConnectionClosedError(endpoint_url=self.url, error=error) from error
        self._idle.append(connection)
        return reply

    def _time_limit(self, connection: HTTPConnection) -> AbstractContextManager[None]:
        if self.call_seconds is None:
            return contextlib.nullcontext()
        from chalicelib.aws.time_limit import time_limit

        return time_limit(connection.sock, self.call_seconds)

    def _content(self, answer: HTTPResponse) -> bytes:
        if self.largest is None:
            return answer.read()
        content = answer.read(self.largest + 1)
        if len(content) > self.largest:
            raise HTTPException(f"an answer of more than {self.largest} bytes")
        return content

    def _idle_connection(self) -> HTTPConnection | None:
        """An idle connection that is still open, the most recently used first; None without one."""
        while self._idle:
            try:
                connection = self._idle.pop()
            except IndexError:  # another thread took it
                return None
            if not _is_closed(connection):
                return connection
            connection.close()
        return None

    def _open(self) -> HTTPConnection:
        connection = self._new_connection()
        try:
            connection.connect()
        except TimeoutError as error:
            raise ConnectTimeoutError(endpoint_url=self.url, error=error) from error
        except OSError as error:
            raise EndpointConnectionError(endpoint_url=self.url, error=error) from error
        connection.sock.settimeout(self.read_seconds)
        return connection

    def _new_connection(self) -> HTTPConnection:
        if self.url.startswith("https:"):
            return HTTPSConnection(
                self.host, timeout=self.connect_seconds, context=self._tls_context
            )
        return HTTPConnection(self.host, timeout=self.connect_seconds)

    @cached_property
    def _tls_context(self) -> ssl.SSLContext:
        import ssl

        return ssl.create_default_context()


def _is_closed(connection: HTTPConnection) -> bool:
    """Whether the server has closed it, as happens while a Lambda is frozen: an idle connection is
    readable only after the server closed it."""
    if connection.sock is None:
        return True
    poll = select.poll()
    poll.register(connection.sock, select.POLLIN)
    return bool(poll.poll(0))


def _close(idle: deque[HTTPConnection]) -> None:
    for connection in idle:
        connection.close()
