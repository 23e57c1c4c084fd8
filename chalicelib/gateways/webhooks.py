"""Calls to webhooks: to public addresses only, and with nothing taken on trust from the other side.

A name is resolved once, every address it stands for is checked, and the connection goes to one of
the checked addresses: asking again would give whoever runs the name a second chance to answer. The
certificate is checked against the name all the same. Redirects are not followed, an answer is read
up to a point, and the whole call has an end whatever the other side does.
"""

from __future__ import annotations

import contextlib
import http.client
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from chalicelib.domain import errors
from chalicelib.domain.address import Target, is_public, target

if TYPE_CHECKING:
    import ssl

SECONDS: Final = 5.0
"""For connecting, and for the call as a whole once connected."""

LARGEST_ANSWER: Final = 64 * 1024
"""Bytes of an answer that are read."""


@dataclass(frozen=True)
class Outcome:
    """How a call went: the status and the text of the answer, or why there is none."""

    status: int | None
    text: str
    error: str | None
    duration_ms: int


class Caller(Protocol):
    """Calls webhooks."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        """Send `body` to `url`. Never raises: what went wrong stands in the outcome."""
        ...


class _Refused(Exception):
    """The call is not made; says why."""


class Https:
    """A Caller over the network. `loopback` allows http to this machine, for trying things out;
    the other arguments are the time and the wires, for tests."""

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

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> Outcome:
        started = time.perf_counter()
        status, text, error = None, "", None
        try:
            status, text = self._post(target(url, loopback=self._loopback), body, headers)
        except errors.Invalid as invalid:
            error = invalid.fields["url"]
        except _Refused as refused:
            error = str(refused)
        except (OSError, http.client.HTTPException, ValueError) as problem:
            error = _described(problem)
        return Outcome(status, text, error, round((time.perf_counter() - started) * 1000))

    def _post(self, to: Target, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        wire = self._secured(to, self._dial((self._address(to), to.port), self._seconds))
        with contextlib.closing(wire), _ending(wire, self._seconds):
            _shake_hands(wire)
            connection = http.client.HTTPConnection(to.host, to.port)
            connection.sock = wire
            connection.request("POST", to.path, body, {"Host": _host(to), **headers})
            answer = connection.getresponse()
            return answer.status, answer.read(LARGEST_ANSWER).decode("utf-8", "replace")

    def _address(self, to: Target) -> str:
        """The first of its addresses, when each of them is public."""
        found = self._resolve(to.host, to.port, type=socket.SOCK_STREAM)
        addresses = [str(each[4][0]) for each in found]
        if to.is_secure and not all(map(is_public, addresses)):
            raise _Refused("the name leads to an address that is not public")
        if not addresses:
            raise _Refused("the name leads nowhere")
        return addresses[0]

    def _secured(self, to: Target, wire: socket.socket) -> socket.socket:
        if not to.is_secure:
            return wire
        import ssl

        context = (self._context or ssl.create_default_context)()
        return context.wrap_socket(wire, server_hostname=to.host, do_handshake_on_connect=False)


def _shake_hands(wire: socket.socket) -> None:
    """Agree on a key and check the certificate against the name. It is not done on connecting,
    because then its end would not be ours to set."""
    if hasattr(wire, "do_handshake"):
        wire.do_handshake()


@contextlib.contextmanager
def _ending(wire: socket.socket, seconds: float) -> Iterator[None]:
    """Cut the wire when the time for the call is over: a timeout of its own has every read, so
    somebody who answers byte by byte would never run into one. Raises TimeoutError then, because
    to the reader a wire that was cut looks like the end of the answer."""
    over = threading.Event()
    timer = threading.Timer(seconds, _cut, [wire, over])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if over.is_set():
            raise TimeoutError


def _cut(wire: socket.socket, over: threading.Event) -> None:
    over.set()
    with contextlib.suppress(OSError):
        wire.shutdown(socket.SHUT_RDWR)


def _host(to: Target) -> str:
    return to.host if to.is_secure else f"{to.host}:{to.port}"


def _described(problem: Exception) -> str:
    """What went wrong, in words that hold nothing from the other side."""
    if isinstance(problem, TimeoutError):
        return "no answer in time"
    if isinstance(problem, socket.gaierror):
        return "the name cannot be resolved"
    return f"no connection ({type(problem).__name__})"
