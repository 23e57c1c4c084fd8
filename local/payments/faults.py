"""Faults of a gateway on request: what the next calls get in place of the answer."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Final, Literal

from local.gateway import HttpResponse, json_response

FaultKind = Literal["hang_up", "silent", "busy", "html", "garbage", "error", "signed_out"]

PAGE: Final = b"<html><body><h1>502 Bad Gateway</h1></body></html>"


class HungUp(ConnectionError):
    """The connection ends without an answer."""


@dataclass(frozen=True)
class Fault:
    """What the next `times` calls of `operation` (None: of any) get. With `after` the call has its
    effect first. A silent gateway keeps the connection for `seconds` before it hangs up."""

    kind: FaultKind
    operation: str | None = None
    times: int = 1
    after: bool = False
    seconds: float = 10.0


@dataclass
class Faults:
    """The faults that were asked for, in order; thread-safe."""

    _asked: list[Fault] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)

    def ask(self, fault: Fault) -> None:
        """Add a fault behind those that wait."""
        with self._lock:
            self._asked += [fault] * fault.times

    def clear(self) -> None:
        """Forget the faults that wait."""
        with self._lock:
            self._asked.clear()

    def answer(self, operation: str, call: Callable[[], HttpResponse]) -> HttpResponse:
        """The answer to a call: `call()`, or that of the next fault for the operation. Raises
        HungUp."""
        fault = self._next(operation)
        if fault is None:
            return call()
        if fault.after:
            call()
        return _answer(fault)

    def _next(self, operation: str) -> Fault | None:
        with self._lock:
            for fault in self._asked:
                if fault.operation in (None, operation):
                    self._asked.remove(fault)
                    return fault
        return None


def _answer(fault: Fault) -> HttpResponse:
    match fault.kind:
        case "hang_up":
            raise HungUp
        case "silent":
            threading.Event().wait(fault.seconds)
            raise HungUp
        case "busy":
            return json_response(429, {"code": "TOO_MANY_REQUESTS", "message": "Slow down"})
        case "html":
            return HttpResponse(502, PAGE, (("Content-Type", "text/html"),))
        case "garbage":
            return HttpResponse(200, b'{"state": "COMPL', (("Content-Type", "application/json"),))
        case "error":
            return json_response(500, {"code": "INTERNAL_SERVER_ERROR", "message": "Try again"})
        case "signed_out":
            return json_response(401, {"code": "AUTHORIZATION_FAILED", "message": "Sign in"})
