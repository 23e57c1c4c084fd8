"""A payment gateway in memory: its books, what a payer and a person in its panel do, and the
messages it sends. It breaks off a call where a test says so."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Final, Literal, TypeVar

from chalicelib.domain.core import errors
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.gateway import (
    Attempt,
    AttemptState,
    GatewayEvent,
    GatewayName,
    GatewayOrder,
    GatewayRefund,
    NewOrder,
    RefundOrder,
    RefundState,
    SettlementRow,
)
from chalicelib.gateways.payments.protocol import BadSignature, GatewayRefused

SECRET: Final = b"webhook-secret"
CHECKOUT: Final = b"key-secret"

T = TypeVar("T")
Moment = Literal["before", "after"]


@dataclass
class Message:
    """A message as it goes over the wire."""

    headers: Mapping[str, str]
    body: bytes


@dataclass
class MemoryGateway:
    """A CheckoutGateway. `calls` counts what it was asked, `breaks` are the calls that get no
    answer: before they have had their effect, or after it."""

    now: Callable[[], datetime]
    name: GatewayName = "razorpay"
    key_id: str = "rzp_test_1"
    checkout_url: str = "https://api.razorpay.com/v1/checkout/embedded"
    page: str | None = None
    orders: dict[str, GatewayOrder] = field(default_factory=dict)
    returns: dict[str, str] = field(default_factory=dict)
    closed: set[str] = field(default_factory=set)
    calls: list[str] = field(default_factory=list)
    messages: list[Message] = field(default_factory=list)
    breaks: list[tuple[str, Moment]] = field(default_factory=list)
    refuses: set[str] = field(default_factory=set)
    refunds_are: RefundState = "processed"
    settled: dict[date, list[SettlementRow]] = field(default_factory=dict)

    # -- the port --------------------------------------------------------------------------------

    def create_order(self, order: NewOrder) -> GatewayOrder:
        def create() -> GatewayOrder:
            order_id = f"order_{len(self.orders) + 1}"
            made = GatewayOrder(order.reference, order_id, order.amount, "open", pay_url=self.page)
            self.orders[order_id] = made
            self.returns[order_id] = order.return_url
            return made

        return self._answer("create_order", create)

    def find_order(self, reference: str, order_id: str | None) -> GatewayOrder | None:
        found = (o for o in self.orders.values() if o.reference == reference)
        return self._answer("find_order", lambda: next(found, None))

    def close_order(self, reference: str, order_id: str) -> None:
        self._answer("close_order", lambda: self.closed.add(order_id))

    def refund(self, refund: RefundOrder) -> GatewayRefund:
        def pay_back() -> GatewayRefund:
            attempt = self._attempt(refund.order_id, refund.attempt_id)
            for made in attempt.refunds:
                if made.reference == refund.reference:
                    return made
            if refund.amount.minor > _left(attempt):
                raise GatewayRefused("BAD_REQUEST_ERROR", "more than was captured")
            return self._refunded(refund.order_id, attempt, refund.amount, refund.reference)

        return self._answer("refund", pay_back)

    def find_refund(self, refund: RefundOrder) -> GatewayRefund | None:
        attempt = self._attempt(refund.order_id, refund.attempt_id)
        made = (each for each in attempt.refunds if each.reference == refund.reference)
        return self._answer("find_refund", lambda: next(made, None))

    def read_event(self, headers: Mapping[str, str], body: bytes) -> GatewayEvent:
        signature = headers.get("x-razorpay-signature", "")
        if not hmac.compare_digest(signature.encode("utf-8", "replace"), signed(body).encode()):
            raise BadSignature
        content = json.loads(body)
        return GatewayEvent(
            headers["x-razorpay-event-id"],
            content["event"],
            order_id=content.get("order_id"),
            reference=content.get("receipt"),
        )

    def settlement(self, day: date) -> Iterator[SettlementRow]:
        yield from self._answer("settlement", lambda: self.settled.get(day, []))

    def is_signed_by_checkout(self, order_id: str, payment_id: str, signature: str | None) -> bool:
        given = (signature or "").encode("utf-8", "replace")
        return hmac.compare_digest(given, self.checkout(order_id, payment_id).encode())

    # -- people ----------------------------------------------------------------------------------

    def checkout(self, order_id: str, payment_id: str) -> str:
        """The signature of the checkout over an order and an attempt."""
        message = f"{order_id}|{payment_id}".encode()
        return hmac.new(CHECKOUT, message, hashlib.sha256).hexdigest()

    def attempt(self, order_id: str, state: AttemptState = "captured", **fields: Any) -> str:
        """A payer pays an order, or tries to."""
        order = self.orders[order_id]
        attempt_id = f"pay_{order_id}_{len(order.attempts) + 1}"
        made = replace(Attempt(attempt_id, state, order.amount, "upi"), **fields)
        self._show(order_id, replace(order, attempts=(*order.attempts, made)))
        return attempt_id

    def become(self, order_id: str, attempt_id: str, state: AttemptState) -> None:
        """An attempt gets another state."""
        self._put(order_id, replace(self._attempt(order_id, attempt_id), state=state))

    def refund_in_panel(self, order_id: str, attempt_id: str, minor: int) -> None:
        """A person pays back an attempt in the gateway's own panel."""
        attempt = self._attempt(order_id, attempt_id)
        self._refunded(order_id, attempt, Money(minor, attempt.amount.currency), None)

    def decide_refunds(self, state: RefundState) -> None:
        """All pending refunds become processed, or fail."""
        for order_id, order in self.orders.items():
            for attempt in order.attempts:
                decided = (
                    replace(each, state=state) if each.state == "pending" else each
                    for each in attempt.refunds
                )
                self._put(order_id, replace(attempt, refunds=tuple(decided)))

    def message(self, name: str, order_id: str) -> Message:
        """A signed message about an order; each has an id of its own."""
        body = json.dumps({"event": name, "order_id": order_id}).encode()
        event_id = f"event_{len(self.messages) + 1}"
        made = Message(
            {"x-razorpay-event-id": event_id, "x-razorpay-signature": signed(body)}, body
        )
        self.messages.append(made)
        return made

    def left(self, order_id: str, attempt_id: str) -> int:
        """What of an attempt may still be paid back, in minor units."""
        attempt = self._attempt(order_id, attempt_id)
        return _left(attempt) if attempt.state == "captured" else 0

    def settle(self, day: date) -> list[SettlementRow]:
        """The rows of a day: all that was captured and paid back and has no row yet."""
        known = {row.gateway_id for rows in self.settled.values() for row in rows}
        rows = [row for row in self._rows() if row.gateway_id not in known]
        self.settled[day] = rows
        return rows

    def _rows(self) -> Iterator[SettlementRow]:
        for order in self.orders.values():
            for each in order.captured:
                fee, tax = each.fee or 0, each.tax or 0
                yield SettlementRow(
                    "payment", each.attempt_id, order.reference, each.amount, fee, tax
                )
                for refund in each.refunds:
                    if refund.state == "processed":
                        amount = -refund.amount
                        yield SettlementRow("refund", refund.refund_id, order.reference, amount)

    # -- its books -------------------------------------------------------------------------------

    @property
    def balance(self) -> int:
        """The money that lies here, in minor units."""
        return sum(
            attempt.amount.minor - _gone(attempt)
            for order in self.orders.values()
            for attempt in order.captured
        )

    def _answer(self, call: str, effect: Callable[[], T]) -> T:
        self.calls.append(call)
        if call in self.refuses:
            raise GatewayRefused("BAD_REQUEST_ERROR", call)
        if (call, "before") in self.breaks:
            self.breaks.remove((call, "before"))
            raise errors.Unavailable(retry_after=1)
        answer = effect()
        if (call, "after") in self.breaks:
            self.breaks.remove((call, "after"))
            raise errors.Unavailable(retry_after=1)
        return answer

    def _refunded(
        self, order_id: str, attempt: Attempt, amount: Money, reference: str | None
    ) -> GatewayRefund:
        refund_id = f"rfnd_{attempt.attempt_id}_{len(attempt.refunds) + 1}"
        made = GatewayRefund(refund_id, reference, amount, self.refunds_are)
        self._put(order_id, replace(attempt, refunds=(*attempt.refunds, made)))
        return made

    def _attempt(self, order_id: str, attempt_id: str) -> Attempt:
        return next(a for a in self.orders[order_id].attempts if a.attempt_id == attempt_id)

    def _put(self, order_id: str, attempt: Attempt) -> None:
        order = self.orders[order_id]
        attempts = (attempt if a.attempt_id == attempt.attempt_id else a for a in order.attempts)
        self._show(order_id, replace(order, attempts=tuple(attempts)))

    def _show(self, order_id: str, order: GatewayOrder) -> None:
        state = "paid" if order.captured else order.state
        self.orders[order_id] = replace(order, state=state)


def signed(body: bytes) -> str:
    """The signature of a message."""
    return hmac.new(SECRET, body, hashlib.sha256).hexdigest()


def _gone(attempt: Attempt) -> int:
    return sum(each.amount.minor for each in attempt.refunds if each.state != "failed")


def _left(attempt: Attempt) -> int:
    return attempt.amount.minor - _gone(attempt)
