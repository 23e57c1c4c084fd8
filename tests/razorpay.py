"""The emulated Razorpay over real HTTP, with the real SDK and the real adapter."""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from chalicelib.domain.payments.gateway import GatewayEvent
from chalicelib.gateways.payments.credentials import Credentials
from chalicelib.gateways.payments.razorpay import Razorpay
from chalicelib.gateways.payments.razorpay_keys import RazorpayKeys, reader
from local.gateway import HttpRequest, HttpResponse
from local.payments.deliveries import Deliveries
from local.payments.razorpay import RazorpayEmulator
from local.server import Server
from tests.clock import Clock

SECRET = {"key_id": "rzp_test_berth", "key_secret": "api-secret", "webhook_secret": "hook-secret"}
WEBHOOK = "https://berth.example.com/api/payment/webhook"


@dataclass
class Inbox:
    """What Berth received: headers with names in lower case, and body. It answers `status`."""

    status: int | None = 200
    messages: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int | None:
        assert url == WEBHOOK
        self.messages.append(({name.lower(): text for name, text in headers.items()}, body))
        return self.status


@dataclass
class AtRazorpay:
    """An emulator with what a test needs beside it. `secret` is what Berth has of its keys."""

    emulator: RazorpayEmulator
    clock: Clock
    inbox: Inbox
    secret: dict[str, str]
    calls: list[tuple[str, str]]
    gateway: Razorpay

    def paths(self) -> list[str]:
        """The calls since the last look, as `METHOD path`."""
        found = [f"{method} {path}" for method, path in self.calls]
        self.calls.clear()
        return found

    def events(self) -> list[GatewayEvent]:
        """The events in the messages that arrived by now."""
        return [self.gateway.read_event(*message) for message in self.messages()]

    def messages(self) -> list[tuple[Mapping[str, str], bytes]]:
        """The messages that arrived by now."""
        self.emulator.tick()
        found = [*self.inbox.messages]
        self.inbox.messages.clear()
        return found


@contextmanager
def at_razorpay(clock: Clock, read_seconds: float = 5.0) -> Iterator[AtRazorpay]:
    """An emulator that serves on a port of its own."""
    calls: list[tuple[str, str]] = []
    server, inbox, secret = Server(0), Inbox(), dict(SECRET)
    keys = reader(live=False)(SECRET)
    emulator = RazorpayEmulator(keys, WEBHOOK, clock.now, Deliveries(inbox.post, clock.now))

    def answer(request: HttpRequest) -> HttpResponse:
        calls.append((request.method, request.path))
        return emulator.handle(request, request.path)

    server.answer = answer
    running = threading.Thread(target=server.serve_forever, args=(0.01,))
    running.start()
    credentials: Credentials[RazorpayKeys] = Credentials(
        lambda: json.dumps(secret), reader(live=False), steady=lambda: clock.now().timestamp()
    )
    try:
        gateway = Razorpay(credentials, clock.now, url=server.address, read_seconds=read_seconds)
        yield AtRazorpay(emulator, clock, inbox, secret, calls, gateway)
    finally:
        server.shutdown()
        server.server_close()
        running.join()


def with_key(secret: Mapping[str, Any], **changed: str) -> RazorpayKeys:
    """The keys in a secret that has changed."""
    return reader(live=False)({**secret, **changed})
