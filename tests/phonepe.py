"""The emulated PhonePe over real HTTP, with the real adapters of its API v2 and v1."""

from __future__ import annotations

import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import timedelta
from typing import Generic, TypeVar

from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.gateway import GatewayEvent, NewOrder, RefundOrder
from chalicelib.gateways.payments.phonepe import PhonePe
from chalicelib.gateways.payments.phonepe_keys import PhonePeKeys, PhonePeV1Keys
from chalicelib.gateways.payments.phonepe_v1 import PhonePeV1
from local.gateway import HttpRequest, HttpResponse
from local.payments.deliveries import Deliveries
from local.payments.phonepe import API, API_V1, SIGN_IN, Merchant, PhonePeEmulator
from local.server import Server
from tests.clock import Clock

LOGIN = "berth_hook:Passw0rd1"
KEYS = PhonePeKeys("BERTH_2611", "1", "client-secret", (LOGIN,))
KEYS_V1 = PhonePeV1Keys("BERTHUAT", "1", {"1": "6b451f58-d565", "2": "487667e9-91d3"})

WEBHOOK = "https://berth.example.com/api/payment/callback/phonepe/"
CALLBACK_V1 = "https://berth.example.com/v1"

Kind = TypeVar("Kind")


@dataclass
class FixedKeys(Generic[Kind]):
    """A source of keys whose keys a test replaces. Newer ones are known once they are asked for."""

    keys: Kind
    newer: Kind | None = None

    def get(self) -> Kind:
        return self.keys

    def newer_than(self, refused: Kind) -> Kind | None:
        found, self.newer = self.newer, None
        if found is not None:
            self.keys = found
        return found


@dataclass
class Inbox:
    """What Berth received: URL, headers with names in lower case, body. It answers `status`."""

    status: int | None = 200
    messages: list[tuple[str, Mapping[str, str], bytes]] = field(default_factory=list)

    def post(self, url: str, headers: Mapping[str, str], body: bytes) -> int | None:
        self.messages.append((url, {k.lower(): v for k, v in headers.items()}, body))
        return self.status


@dataclass
class AtPhonePe:
    """An emulator with what a test needs beside it."""

    emulator: PhonePeEmulator
    clock: Clock
    inbox: Inbox
    keys: FixedKeys[PhonePeKeys]
    keys_v1: FixedKeys[PhonePeV1Keys]
    calls: list[tuple[str, str]]
    gateway: PhonePe
    gateway_v1: PhonePeV1

    def paths(self) -> list[str]:
        """The calls since the last look, as `METHOD last/parts`."""
        found = [f"{method} {'/'.join(path.split('/')[-2:])}" for method, path in self.calls]
        self.calls.clear()
        return found

    def events(self) -> list[GatewayEvent]:
        """The events in the messages that arrived by now."""
        self.emulator.tick()
        found = [self._event(*message) for message in self.inbox.messages]
        self.inbox.messages.clear()
        return found

    def _event(self, url: str, headers: Mapping[str, str], body: bytes) -> GatewayEvent:
        gateway = self.gateway if url == WEBHOOK else self.gateway_v1
        return gateway.read_event(headers, body)


@contextmanager
def at_phonepe(clock: Clock) -> Iterator[AtPhonePe]:
    """An emulator that serves on a port of its own."""
    calls: list[tuple[str, str]] = []
    server = Server(0)
    inbox, keys, keys_v1 = Inbox(), FixedKeys(KEYS), FixedKeys(KEYS_V1)
    deliveries = Deliveries(inbox.post, clock.now)
    merchant = Merchant(KEYS, KEYS_V1, WEBHOOK)
    emulator = PhonePeEmulator(server.address, merchant, clock.now, deliveries)

    def answer(request: HttpRequest) -> HttpResponse:
        calls.append((request.method, request.path))
        return emulator.handle(request, request.path)

    server.answer = answer
    running = threading.Thread(target=server.serve_forever, args=(0.01,))
    running.start()
    try:
        gateway = PhonePe(
            keys,
            now=clock.now,
            api_url=server.address + API,
            sign_in_url=server.address + SIGN_IN,
        )
        gateway_v1 = PhonePeV1(keys_v1, callback_url=CALLBACK_V1, api_url=server.address + API_V1)
        yield AtPhonePe(emulator, clock, inbox, keys, keys_v1, calls, gateway, gateway_v1)
    finally:
        server.shutdown()
        server.server_close()
        running.join()


def new_order(clock: Clock, reference: str = "P1", paise: int = 10_050) -> NewOrder:
    """An order for ten minutes."""
    return NewOrder(
        reference=reference,
        amount=Money(paise, "INR"),
        expires_at=clock.now() + timedelta(minutes=10),
        description="Bay A-001",
        return_url="https://berth.example.com/pay/P1",
    )


def refund_of(order: str, attempt: str, paise: int, reference: str = "R1") -> RefundOrder:
    """A refund of an attempt."""
    return RefundOrder(reference, order, order, attempt, Money(paise, "INR"))


def with_logins(*logins: str) -> PhonePeKeys:
    """The keys, with other logins of the webhook."""
    return replace(KEYS, webhook_logins=logins)
