"""A time limit for everything that happens on a socket."""

from __future__ import annotations

import contextlib
import socket
import threading
from collections.abc import Iterator


@contextlib.contextmanager
def time_limit(sock: socket.socket, seconds: float) -> Iterator[None]:
    """Shut the socket down when the time is over, and raise TimeoutError. The timeout of the socket
    does not suffice: it applies to each read, so an answer that arrives byte by byte never reaches
    it. The error is raised here, because to the reader a shut socket looks like the end of the
    answer."""
    is_over = threading.Event()
    timer = threading.Timer(seconds, _shut_down, [sock, is_over])
    timer.daemon = True
    timer.start()
    try:
        yield
    finally:
        timer.cancel()
        if is_over.is_set():
            raise TimeoutError


def _shut_down(sock: socket.socket, is_over: threading.Event) -> None:
    is_over.set()
    with contextlib.suppress(OSError):
        sock.shutdown(socket.SHUT_RDWR)
