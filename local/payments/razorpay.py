"""The emulated Razorpay: its API over HTTP, its messages, and the acts of the payer. What it
imitates is named in docs/local.md, with the pages of Razorpay's documents."""

from __future__ import annotations

import hashlib
import hmac
import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from chalicelib.gateways.payments.razorpay_keys import RazorpayKeys
from local.gateway import HttpRequest, HttpResponse, json_response
from local.payments import razorpay_bodies as bodies
from local.payments import razorpay_requests as requests
from local.payments.deliveries import Deliveries
from local.payments.faults import Faults
from local.payments.razorpay_book import Act, Book, Happened, Order, Refund, Refused

LARGEST_PAGE: Final = 100
LARGEST_SETTLEMENT_PAGE: Final = 1000

_ID: Final = "([A-Za-z0-9_]+)"
OPERATIONS: Final[Mapping[str, tuple[str, re.Pattern[str]]]] = {
    "create_order": ("POST", re.compile("/v1/orders")),
    "orders": ("GET", re.compile("/v1/orders")),
    "order": ("GET", re.compile(f"/v1/orders/{_ID}")),
    "order_payments": ("GET", re.compile(f"/v1/orders/{_ID}/payments")),
    "payment": ("GET", re.compile(f"/v1/payments/{_ID}")),
    "capture": ("POST", re.compile(f"/v1/payments/{_ID}/capture")),
    "refund": ("POST", re.compile(f"/v1/payments/{_ID}/refund")),
    "refunds": ("GET", re.compile(f"/v1/payments/{_ID}/refunds")),
    "settlement": ("GET", re.compile("/v1/settlements/recon/combined")),
}
"""Method and path of each call."""


@dataclass
class RazorpayEmulator:
    """Razorpay for one merchant with `keys`, whose webhook is `webhook_url`. `keep` stores what
    changed. Thread-safe."""

    keys: RazorpayKeys
    webhook_url: str
    now: Callable[[], datetime]
    deliveries: Deliveries
    faults: Faults = field(default_factory=Faults)
    book: Book = field(default_factory=Book)
    keep: Callable[[Book], None] = lambda _: None
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def handle(self, request: HttpRequest, path: str) -> HttpResponse:
        """The answer to a call of the API; `path` is what follows the emulator's URL, without the
        query. Raises HungUp where a fault asks for it."""
        operation, found = _operation(request.method, path)
        return self.faults.answer(operation, lambda: self._answer(request, operation, found))

    def act(self, order_id: str, act: Act, method: str = "upi") -> Order:
        """Take a step of the payer or of the bank. Raises Refused."""
        with self._step() as now:
            order = self.book.order(order_id)
            self._tell(self.book.act(order, act, method, now), now)
            return order

    def come_back(self, order_id: str, callback_url: str | None) -> None:
        """Remember where the Hosted Checkout posts what has come of an order, if there is one."""
        with self._step():
            if order := self.book.orders.get(order_id):
                order.callback_url = callback_url

    def refund_in_panel(self, payment_id: str, amount: int) -> Refund:
        """Pay back in Razorpay's own panel, under no reference. Raises Refused."""
        asked = HttpRequest("POST", "/", body=json.dumps({"amount": amount}).encode())
        with self._step() as now:
            payment = self.book.payment(payment_id)
            refund, happened = requests.new_refund(asked, self.book, payment, now)
            self._tell(happened, now)
            return refund

    def signed_by_checkout(self, order_id: str, payment_id: str) -> str:
        """The signature with which the checkout ends a payment."""
        return _sign(self.keys.key_secret, f"{order_id}|{payment_id}".encode())

    def tick(self) -> int:
        """Move what the clock moves, and send the messages that are due; how many arrived."""
        with self._step():
            pass
        return self.deliveries.deliver_due()

    @contextmanager
    def _step(self) -> Iterator[int]:
        """A step at the Unix time it yields: alone, after what the clock has moved, kept at its
        end."""
        with self._lock:
            now = int(self.now().timestamp())
            self._tell(self.book.settle(now), now)
            try:
                yield now
            finally:
                self.keep(self.book)

    def _answer(self, request: HttpRequest, operation: str, found: str) -> HttpResponse:
        try:
            with self._step() as now:
                requests.check_key(request, {self.keys.key_id: self.keys.key_secret})
                return json_response(200, self._result(request, operation, found, now))
        except Refused as refused:
            return json_response(refused.status, bodies.error(refused.text, refused.field))

    def _result(self, request: HttpRequest, operation: str, found: str, now: int) -> Any:
        book = self.book
        match operation:
            case "create_order":
                return bodies.order(requests.new_order(request, book, now))
            case "orders":
                return bodies.collection(map(bodies.order, self._orders(request)))
            case "order":
                return bodies.order(book.order(found))
            case "order_payments":
                payments = book.order(found).payments[::-1]
                return bodies.collection(bodies.payment(each, book) for each in payments)
            case "payment":
                return bodies.payment(book.payment(found), book)
            case "capture":
                payment = book.payment(found)
                self._tell(requests.capture(request, book, payment, now), now)
                return bodies.payment(payment, book)
            case "refund" | "refunds":
                return self._refunds(request, operation, found, now)
            case "settlement":
                rows = requests.settled(request, book, now)
                return bodies.collection(requests.page(request, rows, LARGEST_SETTLEMENT_PAGE))
        raise Refused("The requested URL was not found on the server.", status=404)

    def _orders(self, request: HttpRequest) -> Iterable[Order]:
        """The orders, newest first; `receipt` keeps those with it."""
        receipt = request.query.get("receipt")
        found = [
            order
            for order in reversed(self.book.orders.values())
            if not receipt or order.receipt == receipt[-1]
        ]
        page: Iterable[Order] = requests.page(request, found, LARGEST_PAGE)
        return page

    def _refunds(self, request: HttpRequest, operation: str, found: str, now: int) -> Any:
        payment = self.book.payment(found)
        if operation == "refunds":
            refunds = requests.page(request, self.book.refunds_of(payment), LARGEST_PAGE)
            return bodies.collection(bodies.refund(each, payment.currency) for each in refunds)
        refund, happened = requests.new_refund(request, self.book, payment, now)
        self._tell(happened, now)
        return bodies.refund(refund, payment.currency)

    def _tell(self, happened: Iterable[Happened], now: int) -> None:
        """Put a signed message in line for each event, as it is at that moment."""
        for each in happened:
            body = json.dumps(bodies.event(each, self.book, now), separators=(",", ":"))
            sent = body.replace("/", "\\/").encode()
            headers = {
                "Content-Type": "application/json",
                "X-Razorpay-Signature": _sign(self.keys.webhook_secrets[0], sent),
                "X-Razorpay-Event-Id": self.book.new_id("evt", now).removeprefix("evt_"),
            }
            self.deliveries.send(self.webhook_url, headers, sent)


def _operation(method: str, path: str) -> tuple[str, str]:
    """The name of a call, and the id in its path; empty where there is none."""
    for name, (wanted, pattern) in OPERATIONS.items():
        match = pattern.fullmatch(path)
        if match and method == wanted:
            return name, match[1] if match.groups() else ""
    return "", ""


def _sign(secret: str, message: bytes) -> str:
    return hmac.new(secret.encode(), message, hashlib.sha256).hexdigest()
