"""A thousand messages of a gateway, each delivered twice, in random order: the CPU until all is
settled, of the handler and of the embedded engine below it. `python -m bench.payments` prints it.

The gateway is the emulated Razorpay behind the real adapter and its SDK; the CPU of its answers is
not counted. That of the mails that follow, one for each booking, stands apart.
"""

from __future__ import annotations

import base64
import json
import os
import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final
from unittest import mock

from bench import record
from chalicelib import wiring
from chalicelib.domain.core.effect import Effect
from chalicelib.gateways.payment_gateways import Gateways
from chalicelib.gateways.payments.credentials import Credentials
from chalicelib.gateways.payments.razorpay import Razorpay
from chalicelib.gateways.payments.razorpay_keys import reader
from chalicelib.services.core.deps import Deps
from chalicelib.services.delivery import effects, outbox
from chalicelib.store.outbox import Batch
from local.gateway import HttpRequest, HttpResponse
from local.payments.deliveries import Deliveries
from local.payments.razorpay import RazorpayEmulator
from local.server import Server

MESSAGES: Final = 1000
EACH: Final = 3
"""Messages of one payment: authorized, captured, and its order is paid."""

MOST_CPU: Final = 20.0
"""Seconds of CPU until all is settled."""

WEBHOOK: Final = "/api/payments/webhooks/razorpay"
SECRET: Final = {"key_id": "rzp_test_bench", "key_secret": "api", "webhook_secret": "hook"}


@dataclass
class Arrived:
    """The messages of the emulator, as API Gateway hands them over."""

    events: list[dict[str, Any]] = field(default_factory=list)

    def post(self, url: str, headers: Any, body: bytes) -> int:
        asked = record.event(WEBHOOK, None, {})
        named = {"Content-Type": "application/json", **headers}
        asked["headers"] = named
        asked["multiValueHeaders"] = {name: [text] for name, text in named.items()}
        asked["body"], asked["isBase64Encoded"] = base64.b64encode(body).decode(), True
        self.events.append(asked)
        return 200


def measure(count: int = MESSAGES, seed: int = 1) -> dict[str, float]:
    """The seconds of CPU until the messages are taken, until all is settled, and in the mails; and
    how many of how many bookings were booked."""
    spent: list[float] = []
    mails: list[float] = []
    with record.started() as app, _emulated(spent) as (emulator, arrived), _mails_apart(mails):
        orders = _ordered(app, -(-count // EACH))
        for order_id in orders:
            emulator.act(order_id, "pay")
        emulator.tick()
        events = arrived.events[:count] * 2
        random.Random(seed).shuffle(events)
        spent.clear()
        began = time.process_time()
        for each in events:
            record.ask(app, each)
        taken = time.process_time() - began
        deps = wiring.deps()
        later = replace(deps, now=lambda: datetime.now(UTC) + outbox.STREAM_LEASE)
        while outbox.sweep_due(later, dry_run=False, out_of_time=lambda: False, workers=1).done:
            pass
        settled = time.process_time() - began - sum(spent) - sum(mails)
        booked = sum(_is_booked(deps, reference) for reference in _references(emulator))
    return {
        "taken": taken,
        "settled": settled,
        "mails": sum(mails),
        "booked": booked,
        "payments": len(orders),
    }


@contextmanager
def _mails_apart(spent: list[float]) -> Iterator[None]:
    """Count the CPU of each mail, from its words to its sending, in `spent`."""
    deliver = effects.deliver

    def timed(deps: Deps, batch: Batch, effect: Effect, *, is_last: bool) -> effects.Failure | None:
        began = time.thread_time()
        try:
            return deliver(deps, batch, effect, is_last=is_last)
        finally:
            if effect.kind == "mail":
                spent.append(time.thread_time() - began)

    with mock.patch.object(effects, "deliver", timed):
        yield


@contextmanager
def _emulated(spent: list[float]) -> Iterator[tuple[RazorpayEmulator, Arrived]]:
    """Razorpay on a port of its own, and the app that asks it; `spent` gets the CPU of answers."""
    arrived, server, keys = Arrived(), Server(0), reader(live=False)(SECRET)
    now = lambda: datetime.now(UTC)  # noqa: E731
    emulator = RazorpayEmulator(keys, WEBHOOK, now, Deliveries(arrived.post, now))

    def answer(request: HttpRequest) -> HttpResponse:
        began = time.thread_time()
        answered = emulator.handle(request, request.path)
        spent.append(time.thread_time() - began)
        return answered

    server.answer = answer
    running = threading.Thread(target=server.serve_forever, args=(0.01,))
    running.start()
    gateway = Razorpay(
        Credentials(lambda: json.dumps(SECRET), reader(live=False)), now, url=server.address
    )
    wiring.use(replace(wiring.deps(), gateways=Gateways(razorpay=lambda: gateway)))
    try:
        yield emulator, arrived
    finally:
        server.shutdown()
        server.server_close()
        running.join()


def _ordered(app: Any, count: int) -> list[str]:
    """The orders of so many bookings that wait for their fee."""
    owner, user = record.sign_in(app, "owner"), record.sign_in(app, "user1")
    numbers = [f"P-{n:03}" for n in range(count)]
    for first in range(0, count, 90):
        batch = {"zone_id": "zone-a", "numbers": numbers[first : first + 90]}
        record.ask(app, record.event("/api/admin/spaces", owner, batch))
    wanted = record.WANTED | {"payment_method": "ONLINE"}
    booked = (record.ask(app, record.event("/api/user/book-slot", user, wanted)) for _ in numbers)
    return [each["payment"]["order_id"] for each in booked]


def _references(emulator: RazorpayEmulator) -> list[str]:
    return [str(order.receipt) for order in emulator.book.orders.values()]


def _is_booked(deps: Any, reference: str) -> bool:
    return str(deps.bookings.get(reference.partition("_")[0]).status) == "booked"


def main() -> None:
    """Measure and print. Exits with a fault where it takes longer, or a payment is not booked."""
    from bench.__main__ import ENVIRONMENT

    os.environ.update(ENVIRONMENT)
    found = measure()
    print(
        f"{MESSAGES} messages delivered twice: taken in {found['taken']:.1f} s of CPU, "
        f"settled in {found['settled']:.1f} s, and {found['mails']:.1f} s for mails; "
        f"{found['booked']:.0f} of {found['payments']:.0f} booked"
    )
    if found["settled"] > MOST_CPU or found["booked"] < found["payments"]:
        raise SystemExit(1)


if __name__ == "__main__":
    main()
