"""The emulated PhonePe: its API v2 and v1 over HTTP, as its documents describe them
(https://developer.phonepe.com/v1/reference/initiate-payment-standard-checkout,
https://developer.phonepe.com/v1/reference/pay-api-1), its messages, and the payer's acts."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final
from urllib.parse import parse_qs

from chalicelib.gateways.payments.phonepe_keys import PhonePeKeys, PhonePeV1Keys
from local.gateway import HttpRequest, HttpResponse, json_response
from local.payments import phonepe_bodies as bodies
from local.payments import phonepe_v1
from local.payments.deliveries import Deliveries
from local.payments.faults import Faults
from local.payments.phonepe_book import Act, Book, Happened, Order, Refused
from local.payments.phonepe_requests import new_order, new_refund

TOKEN_SECONDS: Final = 3600

SIGN_IN: Final = "/apis/identity-manager"
API: Final = "/apis/pg"
API_V1: Final = "/apis/hermes"

OPERATIONS: Final[Mapping[str, tuple[str, re.Pattern[str]]]] = {
    "token": ("POST", re.compile(SIGN_IN + "/v1/oauth/token")),
    "pay": ("POST", re.compile(API + "/checkout/v2/pay")),
    "status": ("GET", re.compile(API + "/checkout/v2/order/[^/]+/status")),
    "refund": ("POST", re.compile(API + "/payments/v2/refund")),
    "refund_status": ("GET", re.compile(API + "/payments/v2/refund/[^/]+/status")),
    "v1_pay": ("POST", re.compile(API_V1 + "/pg/v1/pay")),
    "v1_status": ("GET", re.compile(API_V1 + "/pg/v1/status/[^/]+/[^/]+")),
    "v1_refund": ("POST", re.compile(API_V1 + "/pg/v1/refund")),
}
"""Method and path of each call."""


@dataclass(frozen=True)
class Merchant:
    """The merchant that the emulated PhonePe knows, and where it sends messages of v2."""

    keys: PhonePeKeys
    keys_v1: PhonePeV1Keys
    webhook_url: str


@dataclass
class PhonePeEmulator:
    """PhonePe for one merchant, at `url`. `keep` stores what changed. Thread-safe."""

    url: str
    merchant: Merchant
    now: Callable[[], datetime]
    deliveries: Deliveries
    faults: Faults = field(default_factory=Faults)
    book: Book = field(default_factory=Book)
    keep: Callable[[Book], None] = lambda _: None
    _lock: threading.RLock = field(default_factory=threading.RLock)

    def handle(self, request: HttpRequest, path: str) -> HttpResponse:
        """The answer to a call of the API; `path` is what follows the emulator's URL, without the
        query. Raises HungUp where a fault asks for it."""
        operation = _operation(request.method, path)
        return self.faults.answer(operation, lambda: self._answer(request, path, operation))

    def act(self, order_id: str, act: Act, mode: str = "UPI_INTENT") -> Order:
        """Take a step of the payer or of the bank. Raises Refused."""
        with self._step() as now:
            order = self._known(order_id)
            self._tell(self.book.act(order, act, mode, now))
            return order

    def refund_in_panel(self, order_id: str, amount: int) -> None:
        """Pay back in PhonePe's own panel, under a reference of its own. Raises Refused."""
        with self._step() as now:
            order = self._known(order_id)
            self.book.add_refund(self.book.new_id("PANEL", now), order.reference, amount, now)

    def sign_out(self) -> None:
        """Forget every token."""
        with self._step():
            self.book.tokens.clear()

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
            self._tell(self.book.settle(now))
            try:
                yield now
            finally:
                self.keep(self.book)

    def _answer(self, request: HttpRequest, path: str, operation: str) -> HttpResponse:
        try:
            with self._step() as now:
                return json_response(200, self._result(request, path, operation, now))
        except Refused as refused:
            refusal = {"success": False, "code": refused.code, "message": refused.text, "data": {}}
            return json_response(refused.status, refusal)

    def _result(self, request: HttpRequest, path: str, operation: str, now: int) -> Any:
        if operation.startswith("v1_"):
            signed, keys = path.removeprefix(API_V1), self.merchant.keys_v1
            return phonepe_v1.answer(request, signed, self.book, keys, self.url, now)
        if operation == "token":
            return self._token(request, now)
        self._check_token(request, now)
        match operation:
            case "pay":
                order = new_order(request, self.book, now)
                return {
                    "orderId": order.order_id,
                    "state": order.state,
                    "expireAt": order.ends_at * 1000,
                    "redirectUrl": f"{self.url}/pay/{order.order_id}",
                }
            case "status":
                return bodies.order(self._order(path.split("/")[-2]))
            case "refund":
                return bodies.refund(new_refund(request, self.book, now))
            case "refund_status":
                refund = self.book.refunds.get(path.split("/")[-2])
                if refund is None:
                    raise Refused(404, "REFUND_NOT_FOUND", "No entry found for the refund id")
                return bodies.refund(refund)
        raise Refused(404, "NOT_FOUND", "There is no such path")

    def _token(self, request: HttpRequest, now: int) -> dict[str, Any]:
        form = {k: v[0] for k, v in parse_qs(request.body.decode(errors="replace")).items()}
        keys = self.merchant.keys
        right = {
            "client_id": keys.client_id,
            "client_version": keys.client_version,
            "client_secret": keys.client_secret,
            "grant_type": "client_credentials",
        }
        if form != right:
            raise Refused(401, "INVALID_CLIENT", "The client is not known")
        token, ends = self.book.new_id("token-", now), now + TOKEN_SECONDS
        self.book.tokens[token] = ends
        return {
            "access_token": token,
            "token_type": "O-Bearer",
            "issued_at": now,
            "expires_at": ends,
            "session_expires_at": ends,
        }

    def _check_token(self, request: HttpRequest, now: int) -> None:
        kind, _, token = request.header("authorization").partition(" ")
        if kind != "O-Bearer" or self.book.tokens.get(token, 0) <= now:
            raise Refused(401, "AUTHORIZATION_FAILED", "The token is not good, or no longer")

    def _order(self, reference: str) -> Order:
        try:
            return self.book.orders[reference]
        except KeyError:
            text = "No entry found for given merchant order id"
            raise Refused(400, "INVALID_MERCHANT_ORDER_ID", text) from None

    def _known(self, order_id: str) -> Order:
        order = self.book.by_order_id(order_id)
        if order is None:
            raise Refused(404, "INVALID_ORDER_ID", "There is no such order")
        return order

    def _tell(self, happened: Iterable[Happened]) -> None:
        for each in happened:
            if each.order.callback_url is None:
                self._tell_v2(each)
            elif each.refund is None and each.what in ("completed", "failed"):
                callback = phonepe_v1.callback(each.order, self.merchant.keys_v1)
                self.deliveries.send(each.order.callback_url, *callback)

    def _tell_v2(self, happened: Happened) -> None:
        content = bodies.message(happened, self.merchant.keys_v1.merchant_id)
        login = self.merchant.keys.webhook_logins[0]
        proof = hashlib.sha256(login.encode()).hexdigest()
        headers = {"Authorization": proof, "Content-Type": "application/json"}
        self.deliveries.send(self.merchant.webhook_url, headers, json.dumps(content).encode())


def _operation(method: str, path: str) -> str:
    """The name of a call, by which faults are asked for."""
    for name, (its_method, pattern) in OPERATIONS.items():
        if its_method == method and pattern.fullmatch(path):
            return name
    return "unknown"
