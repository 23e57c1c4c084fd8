"""The port to a payment gateway."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Protocol

from chalicelib.domain.payments.gateway import (
    GatewayEvent,
    GatewayName,
    GatewayOrder,
    GatewayRefund,
    NewOrder,
    RefundOrder,
    SettlementRow,
)


class GatewayRefused(Exception):
    """The gateway refuses a call, and a repeated one would be refused too. `code` and the text are
    the gateway's; neither is shown to a customer."""

    def __init__(self, code: str, text: str) -> None:
        super().__init__(f"{code}: {text}")
        self.code = code


class BadSignature(Exception):
    """A message or an answer of the checkout that the gateway has not signed."""


class PaymentGateway(Protocol):
    """What Berth asks of a payment gateway.

    A call has a time limit and is made once. It raises GatewayRefused, or errors.Unavailable where
    the gateway does not answer, is busy, or answers with anything else: then the call may have
    had its effect, and `find_order` or `find_refund` tells.
    """

    name: GatewayName

    def create_order(self, order: NewOrder) -> GatewayOrder:
        """Create an order."""
        ...

    def find_order(self, reference: str, order_id: str | None) -> GatewayOrder | None:
        """The order with our reference and, once it is known, the gateway's id: its attempts and
        their refunds as they are now. None where the gateway has no such order."""
        ...

    def close_order(self, reference: str, order_id: str) -> None:
        """Take no more payments for an order, where the gateway can do so."""
        ...

    def refund(self, refund: RefundOrder) -> GatewayRefund:
        """Pay back a captured attempt, or a part of it. Repeated with the same reference it pays
        once and answers as the first time."""
        ...

    def find_refund(self, refund: RefundOrder) -> GatewayRefund | None:
        """The refund with our reference; None where the gateway has none."""
        ...

    def read_event(self, headers: Mapping[str, str], body: bytes) -> GatewayEvent:
        """The event in a message; names of headers are in lower case. Raises BadSignature."""
        ...

    def settlement(self, day: date) -> Iterator[SettlementRow]:
        """The rows that the gateway settled on a day, as it counts days."""
        ...


class CheckoutGateway(PaymentGateway, Protocol):
    """A gateway whose checkout runs in the client and signs what it answers there."""

    @property
    def key_id(self) -> str:
        """The public key of the checkout."""
        ...

    @property
    def checkout_url(self) -> str:
        """Where the gateway's own page of the checkout takes the form that opens it."""
        ...

    def is_signed_by_checkout(self, order_id: str, payment_id: str, signature: str | None) -> bool:
        """Whether the checkout has signed that the attempt `payment_id` paid the order."""
        ...
