"""The payment gateways of the local runtime: emulated below `/_local/razorpay` and
`/_local/phonepe`, kept with the other data, and moved by its clock."""

from __future__ import annotations

import json
import logging
import threading
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final, Literal, Protocol
from urllib.parse import urlsplit

from chalicelib.gateways.payments import phonepe_keys, razorpay_keys
from local.data_file import DataFile
from local.gateway import HttpRequest, HttpResponse
from local.payments import phonepe_book, razorpay_book, shown
from local.payments.deliveries import Deliveries
from local.payments.faults import Faults
from local.payments.keys import ROOT, SECRETS
from local.payments.phonepe import Merchant, PhonePeEmulator
from local.payments.razorpay import RazorpayEmulator
from local.payments.shown import ShownOrder

log = logging.getLogger("local.payments")

Act = Literal["pay", "fail", "wait", "bank_pays", "bank_fails"]
Method = Literal["upi", "card"]

WEBHOOKS: Final = "/api/payments/webhooks"
PAUSE: Final = 0.2
"""Seconds between two looks at what the clock has moved."""

_V1: Final = phonepe_keys.PhonePeV1Keys("BERTHLOCAL", "1", {"1": "a-salt-of-this-machine"})
_PHONEPE_MODES: Final[Mapping[Method, str]] = {"upi": "UPI_INTENT", "card": "CARD"}


class NotPossible(Exception):
    """An act that the order does not allow now; the text says why."""


class Emulator(Protocol):
    """An emulated gateway."""

    faults: Faults
    deliveries: Deliveries

    def handle(self, request: HttpRequest, path: str) -> HttpResponse:
        """The answer to a call of its API."""
        ...

    def tick(self) -> int:
        """Move what the clock moves, and send the messages that are due; how many arrived."""
        ...


class LocalGateways:
    """Both emulators, for the runtime at `base_url`. `send` hands a message to the app; without
    `data` they begin empty and end with the process."""

    def __init__(
        self,
        base_url: str,
        now: Callable[[], datetime],
        data: DataFile | None,
        send: Callable[[HttpRequest], HttpResponse],
    ) -> None:
        self._data = data
        self._send = send
        self._now = now
        self._kept: dict[str, str] = {}
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self.razorpay = self._new_razorpay(base_url)
        self.phonepe = self._new_phonepe(base_url)
        self.emulators: Mapping[str, Emulator] = {
            "razorpay": self.razorpay,
            "phonepe": self.phonepe,
        }
        self._load()

    def start(self) -> None:
        """Follow the clock from now on."""
        self._thread = threading.Thread(target=self._run, name="gateways", daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Follow the clock no more."""
        self._ended.set()
        if self._thread is not None:
            self._thread.join()

    def tick(self) -> int:
        """Move what the clock moves, and send the messages that are due; how many arrived."""
        return sum(emulator.tick() for emulator in self.emulators.values())

    def begin_anew(self) -> None:
        """Forget every order, message and fault."""
        self.razorpay.book, self.phonepe.book = razorpay_book.Book(), phonepe_book.Book()
        for emulator in self.emulators.values():
            emulator.deliveries.load([])
            emulator.faults.clear()
        self._kept.clear()

    def find(self, order_id: str) -> ShownOrder | None:
        """The order with a gateway's id."""
        if order := self.razorpay.book.orders.get(order_id):
            return shown.of_razorpay(self.razorpay, order)
        found = shown.phonepe_order(self.phonepe, order_id)
        return None if found is None else shown.of_phonepe(found)

    def newest(self, count: int) -> list[ShownOrder]:
        """The newest orders of each gateway."""
        razorpay = [*self.razorpay.book.orders.values()][: -count - 1 : -1]
        phonepe = [*self.phonepe.book.orders.values()][: -count - 1 : -1]
        return [
            *(shown.of_razorpay(self.razorpay, order) for order in razorpay),
            *(shown.of_phonepe(order) for order in phonepe),
        ]

    def act(self, order_id: str, act: Act, method: Method = "upi") -> None:
        """Take a step of the payer or of the bank. Raises NotPossible."""
        try:
            if order_id in self.razorpay.book.orders:
                self.razorpay.act(order_id, act, method)
            elif order := shown.phonepe_order(self.phonepe, order_id):
                self.phonepe.act(order.order_id, act, _PHONEPE_MODES[method])
        except (razorpay_book.Refused, phonepe_book.Refused) as refused:
            raise NotPossible(refused.text) from None

    def _run(self) -> None:
        while not self._ended.wait(PAUSE):
            try:
                self.tick()
            except Exception:
                log.exception("the emulated gateways do not follow the clock")

    def _new_razorpay(self, base_url: str) -> RazorpayEmulator:
        deliveries = Deliveries(self._post, self._now)
        return RazorpayEmulator(
            razorpay_keys.reader(live=False)(SECRETS["razorpay"]),
            f"{base_url}{WEBHOOKS}/razorpay",
            self._now,
            deliveries,
            keep=lambda book: self._keep("razorpay", book.dump(), deliveries),
        )

    def _new_phonepe(self, base_url: str) -> PhonePeEmulator:
        deliveries = Deliveries(self._post, self._now)
        keys = phonepe_keys.read(SECRETS["phonepe"])
        return PhonePeEmulator(
            f"{base_url}{ROOT}/phonepe",
            Merchant(keys, _V1, f"{base_url}{WEBHOOKS}/phonepe"),
            self._now,
            deliveries,
            keep=lambda book: self._keep("phonepe", book.dump(), deliveries),
        )

    def _post(self, url: str, headers: Mapping[str, str], body: bytes) -> int | None:
        """Hand a message to the app; None where it breaks."""
        request = HttpRequest("POST", urlsplit(url).path, tuple(headers.items()), body)
        return self._send(request).status

    def _keep(self, name: str, book: dict[str, Any], deliveries: Deliveries) -> None:
        """Store what an emulator knows, where that has changed."""
        text = json.dumps({"book": book, "messages": deliveries.dump()})
        if self._data is not None and self._kept.get(name) != text:
            self._data.keep_emulated(name, text)
            self._kept[name] = text

    def _load(self) -> None:
        if self._data is None:
            return
        if kept := self._data.emulated("razorpay"):
            found = json.loads(kept)
            self.razorpay.book = razorpay_book.Book.load(found["book"])
            self.razorpay.deliveries.load(found["messages"])
        if kept := self._data.emulated("phonepe"):
            found = json.loads(kept)
            self.phonepe.book = phonepe_book.Book.load(found["book"])
            self.phonepe.deliveries.load(found["messages"])
