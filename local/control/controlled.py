"""What the control surface acts on."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from local.clock import MovableClock
from local.gateway import HttpRequest, HttpResponse
from local.mailbox import SentMail
from local.metering import Meter
from local.payments.gateways import LocalGateways


class Controlled(Protocol):
    """The running product."""

    clock: MovableClock
    meter: Meter
    gateways: LocalGateways

    def sent_mails(self) -> list[SentMail]:
        """Deliver what waits and return the mails sent, oldest first."""
        ...

    def settle_stream(self) -> None:
        """Deliver what waits in the stream, and the messages of payment gateways that are due."""
        ...

    def sweep(self, name: str, *, dry_run: bool) -> dict[str, Any] | None:
        """Run a sweep and return its summary; None for an unknown name."""
        ...

    def mail_event(self, kind: str, to: str) -> bool:
        """Report a delivery event for the newest mail to `to`; False where there is none."""
        ...

    def reset(self) -> None:
        """Load the demo data again and return to real time."""
        ...


@dataclass(frozen=True)
class Call:
    """One request to the control surface. `done` holds one sentence on each of the last actions
    taken from the pages, oldest first."""

    product: Controlled
    request: HttpRequest
    done: deque[str]


View = Callable[..., HttpResponse]
"""Takes the Call and the captures of its path."""
