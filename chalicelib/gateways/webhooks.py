"""HTTP calls to webhooks: to public addresses only, without trust in the receiver.

A name is resolved once, all its addresses are checked, and the connection uses a checked address: a
second look-up could return another one (DNS rebinding). The certificate is verified against the
name. Redirects are not followed, an answer is read up to a limit, and one time limit covers the
whole call, from the look-up to the last byte.
"""

from __future__ import annotations

import contextlib
import http.client
import queue
import socket
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from chalicelib.aws.time_limit import time_limit
from chalicelib.domain.core import errors
from chalicelib.domain.realtime.webhook_target import Target, is_public, target

if TYPE_CHECKING:
    import ssl

SECONDS: Final = 5.0
"""Time limit of the whole call."""

LARGEST_ANSWER: Final = 64 * 1024
"""Bytes of an answer that are read at most."""


@dataclass(frozen=True)
class CallResult:
    """The result of a call: status and text of the answer, or the error where there is none."""

    status: int | None
    text: str
    error: str | None
    duration_ms: int


class WebhookClient(Protocol):
    """Calls webhooks."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> CallResult:
        """Send `body` to `url`. Never raises: the result contains the error."""
        ...


class _BadTarget(Exception):
    """The call is not made; the text is the reason."""


class HttpsWebhookClient:
    """A WebhookClient over HTTPS. `loopback` allows HTTP to this machine, for the local runtime.
    The other arguments replace the time limit and the network in tests."""

    def __init__(
        self,
        *,
        loopback: bool = False,
        seconds: float = SECONDS,
        resolve: Callable[..., list[Any]] = socket.getaddrinfo,
        dial: Callable[..., socket.socket] = socket.create_connection,
        context: Callable[[], ssl.SSLContext] | None = None,
    ) -> None:
        self._loopback = loopback
        self._seconds = seconds
        self._resolve = resolve
        self._dial = dial
        self._context = context

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> CallResult:
        started = time.perf_counter()
        status, text, error = None, "", None
        try:
            status, text = self._post(target(url, loopback=self._loopback), body, headers)
        except errors.Invalid as invalid:
            error = invalid.fields["url"]
        except _BadTarget as bad_target:
            error = str(bad_target)
        except (OSError, http.client.HTTPException, ValueError) as problem:
            error = _describe(problem)
        return CallResult(status, text, error, round((time.perf_counter() - started) * 1000))

    def _post(self, to: Target, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        seconds_left = _countdown(self._seconds)
        sock = self._with_tls(to, self._connected(to, seconds_left))
        with contextlib.closing(sock), time_limit(sock, seconds_left()):
            _handshake(sock)
            connection = http.client.HTTPConnection(to.host, to.port)
            connection.sock = sock
            connection.request("POST", to.path, body, {"Host": _host(to), **headers})
            answer = connection.getresponse()
            return answer.status, answer.read(LARGEST_ANSWER).decode("utf-8", "replace")

    def _connected(self, to: Target, seconds_left: Callable[[], float]) -> socket.socket:
        """A connection to the first address that accepts one. Raises _BadTarget, OSError."""
        *others, last = self._addresses(to, seconds_left())
        for address in others:
            with contextlib.suppress(OSError):
                return self._dial((address, to.port), seconds_left() / 2)
        return self._dial((last, to.port), seconds_left())

    def _addresses(self, to: Target, seconds: float) -> list[str]:
        """The addresses of the target. Raises OSError, and _BadTarget unless all are public."""
        found = _resolve_within(
            seconds, lambda: self._resolve(to.host, to.port, type=socket.SOCK_STREAM)
        )
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        if to.is_secure and not all(map(is_public, addresses)):
            raise _BadTarget("the name resolves to an address that is not public")
        if not addresses:
            raise _BadTarget("the name has no address")
        return addresses

    def _with_tls(self, to: Target, sock: socket.socket) -> socket.socket:
        if not to.is_secure:
            return sock
        import ssl

        context = (self._context or ssl.create_default_context)()
        return context.wrap_socket(sock, server_hostname=to.host, do_handshake_on_connect=False)


def _countdown(seconds: float) -> Callable[[], float]:
    """A function that returns the seconds left. It raises TimeoutError when the time is over."""
    end = time.monotonic() + seconds

    def seconds_left() -> float:
        rest = end - time.monotonic()
        if rest <= 0:
            raise TimeoutError
        return rest

    return seconds_left


def _resolve_within(seconds: float, resolve: Callable[[], list[Any]]) -> list[Any]:
    """The result of `resolve`, within a time limit. It cannot be interrupted, so after the limit it
    continues on its own thread and the result is ignored: a name server may be slow on purpose.
    Raises OSError, ValueError."""
    found: queue.SimpleQueue[list[Any] | OSError | ValueError] = queue.SimpleQueue()

    def look_up() -> None:
        try:
            found.put(resolve())
        except (OSError, ValueError) as problem:
            found.put(problem)

    threading.Thread(target=look_up, daemon=True).start()
    try:
        answer = found.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, list):
        return answer
    raise answer


def _handshake(sock: socket.socket) -> None:
    """The TLS handshake. It is separate from the connection, so that the time limit covers it."""
    if hasattr(sock, "do_handshake"):
        sock.do_handshake()


def _host(to: Target) -> str:
    return to.host if to.is_secure else f"{to.host}:{to.port}"


def _describe(problem: Exception) -> str:
    """The error in our own words, without text from the receiver."""
    if isinstance(problem, TimeoutError):
        return "no answer in time"
    if isinstance(problem, socket.gaierror):
        return "the name cannot be resolved"
    return f"no connection ({type(problem).__name__})"
