"""The online payments of a booking, as they stand in its item."""

from __future__ import annotations

import json
from typing import Any

from chalicelib.domain.core import serialize, unixtime
from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.payment import Capture, Payment, Payments, Refund


def pack(payments: Payments) -> str | None:
    """A row for each payment, with rows for its captures and refunds; instants as epoch seconds,
    amounts in minor units. None without any."""
    return serialize.text([_row(payment) for payment in payments]) if payments else None


def unpack(stored: str | None) -> Payments:
    """The payments that `pack` has written."""
    return tuple(_payment(*row) for row in json.loads(stored or "[]"))


def _row(payment: Payment) -> list[object]:
    return [
        payment.reference,
        payment.gateway,
        payment.amount.minor,
        payment.amount.currency,
        payment.purpose,
        unixtime.of(payment.created_at),
        unixtime.of(payment.expires_at),
        payment.state,
        payment.order_id,
        payment.pay_url,
        payment.tried,
        [[c.attempt_id, c.minor, c.fee, c.method] for c in payment.captures],
        [
            [r.reference, r.attempt_id, r.minor, r.state, unixtime.of(r.at), r.refund_id, r.trace]
            for r in payment.refunds
        ],
    ]


def _payment(
    reference: str, gateway: Any, minor: int, currency: str, purpose: Any, created: int,
    expires: int, state: Any, order_id: str | None, pay_url: str | None, tried: int,
    captures: list[list[Any]], refunds: list[list[Any]],
) -> Payment:  # fmt: skip
    return Payment(
        reference,
        gateway,
        Money(minor, currency),
        purpose,
        unixtime.instant(created),
        unixtime.instant(expires),
        state,
        order_id,
        pay_url,
        tried,
        tuple(Capture(*row) for row in captures),
        tuple(_refund(*row) for row in refunds),
    )


def _refund(
    reference: str | None, attempt_id: str, minor: int, state: Any, at: int,
    refund_id: str | None, trace: str | None,
) -> Refund:  # fmt: skip
    return Refund(reference, attempt_id, minor, state, unixtime.instant(at), refund_id, trace)
