"""Calls to webhooks: to public addresses only, and with nothing taken on trust from the other side.

A name is resolved once, every address it stands for is checked, and the connection goes to one of
the checked addresses: asking again would give whoever runs the name a second chance to answer. The
certificate is checked against the name all the same. Redirects are not followed, an answer is read
up to a point, and the whole call, from the name to the last byte, has an end whatever the other
side does.
"""

from __future__ import annotations

import contextlib
import http.client
import queue
import socket
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final, Protocol

from chalicelib.domain.core import errors
from chalicelib.domain.realtime.webhook_target import Target, is_public, target

if TYPE_CHECKING:
    import ssl

SECONDS: Final = 5.0
"""For the call as a whole."""

LARGEST_ANSWER: Final = 64 * 1024
"""Bytes of an answer that are read."""


@dataclass(frozen=True)
class CallResult:
    """How a call went: the status and the text of the answer, or why there is none."""

    status: int | None
    text: str
    error: str | None
    duration_ms: int


class WebhookClient(Protocol):
    """Calls webhooks."""

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> CallResult:
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

    def post(self, url: str, body: bytes, headers: Mapping[str, str]) -> CallResult:
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
        return CallResult(status, text, error, round((time.perf_counter() - started) * 1000))

    def _post(self, to: Target, body: bytes, headers: Mapping[str, str]) -> tuple[int, str]:
        left = _countdown(self._seconds)
        wire = self._secured(to, self._dialled(to, left))
        with contextlib.closing(wire), _ending(wire, left()):
            _shake_hands(wire)
            connection = http.client.HTTPConnection(to.host, to.port)
            connection.sock = wire
            connection.request("POST", to.path, body, {"Host": _host(to), **headers})
            answer = connection.getresponse()
            return answer.status, answer.read(LARGEST_ANSWER).decode("utf-8", "replace")

    def _dialled(self, to: Target, left: Callable[[], float]) -> socket.socket:
        """A connection to the first of its addresses that takes one. Raises OSError."""
        *others, last = self._addresses(to, left())
        for address in others:
            with contextlib.suppress(OSError):
                return self._dial((address, to.port), left() / 2)
        return self._dial((last, to.port), left())

    def _addresses(self, to: Target, seconds: float) -> list[str]:
        """Its addresses, when each of them is public. Raises _Refused, OSError."""
        found = _within(seconds, lambda: self._resolve(to.host, to.port, type=socket.SOCK_STREAM))
        addresses = list(dict.fromkeys(str(each[4][0]) for each in found))
        if to.is_secure and not all(map(is_public, addresses)):
            raise _Refused("the name leads to an address that is not public")
        if not addresses:
            raise _Refused("the name leads nowhere")
        return addresses

    def _secured(self, to: Target, wire: socket.socket) -> socket.socket:
        if not to.is_secure:
            return wire
        import ssl

        context = (self._context or ssl.create_default_context)()
        return context.wrap_socket(wire, server_hostname=to.host, do_handshake_on_connect=False)


def _countdown(seconds: float) -> Callable[[], float]:
    """What is left of them. Raises TimeoutError when nothing is."""
    end = time.monotonic() + seconds

    def left() -> float:
        rest = end - time.monotonic()
        if rest <= 0:
            raise TimeoutError
        return rest

    return left


def _within(seconds: float, resolve: Callable[[], list[Any]]) -> list[Any]:
    """What `resolve` finds. Nobody can interrupt it, so it is left behind on its thread when the
    time is over: whoever runs the name may keep silent for long. Raises OSError, ValueError."""
    found: queue.SimpleQueue[list[Any] | OSError | ValueError] = queue.SimpleQueue()

    def ask() -> None:
        try:
            found.put(resolve())
        except (OSError, ValueError) as problem:
            found.put(problem)

    threading.Thread(target=ask, daemon=True).start()
    try:
        answer = found.get(timeout=seconds)
    except queue.Empty:
        raise TimeoutError from None
    if isinstance(answer, list):
        return answer
    raise answer


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
