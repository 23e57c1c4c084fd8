"""The rows that a gateway has settled, compared with what the books know of its payments
(docs/rules/payments.md, Settlement)."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Final

from chalicelib.domain.payments.gateway import GatewayName, SettlementRow
from chalicelib.domain.payments.payment import Payment, Payments

LIST_ROWS: Final[tuple[GatewayName, ...]] = ("razorpay",)
"""The gateways that list what they settled. PhonePe has no such list."""

INDIA: Final = timedelta(hours=5, minutes=30)
"""The clock by which these gateways count days. India has no other time."""

FIRST: Final = 14
"""Days that are compared when a gateway is compared for the first time."""

AGAIN: Final = 2
"""Days that are compared once more with each new one: rows may have come late."""

SETTLED_WITHIN: Final = timedelta(days=7)
"""After which a capture without a row waits for a person: working days and a long weekend."""


@dataclass(frozen=True, slots=True)
class PaidFor:
    """What a settled payment was for, a booking or a season pass: its id, its site, when it was
    made, and its payments."""

    booking_id: str
    site: str
    created_at: datetime
    payments: Payments

    def find(self, reference: str | None) -> Payment | None:
        """The payment with our reference."""
        return next((each for each in self.payments if each.reference == reference), None)


@dataclass(frozen=True, slots=True)
class Settled:
    """A row whose money the ledger has moved to the bank, by the gateway's id of the payment or the
    refund. It is written once."""

    gateway: GatewayName
    gateway_id: str
    booking_id: str
    net: int
    at: datetime
    version: int = 1


@dataclass(frozen=True, slots=True)
class ComparedDay:
    """A day of a gateway whose rows were compared, and their number."""

    gateway: GatewayName
    on: date
    rows: int
    version: int = 1


def net(row: SettlementRow) -> int:
    """What a row has moved to the bank, in minor units."""
    return row.amount.minor - row.fee - row.tax


def days(last: date | None, now: datetime) -> tuple[date, ...]:
    """The days to compare at `now`, the oldest first: those that are over in India. None while the
    last one that is over has been compared."""
    yesterday = (now + INDIA).date() - timedelta(days=1)
    if last is not None and last >= yesterday:
        return ()
    first = yesterday - timedelta(days=FIRST - 1)
    if last is not None:
        first = max(first, last - timedelta(days=AGAIN - 1))
    return tuple(first + timedelta(days=n) for n in range((yesterday - first).days + 1))


def mismatch(payment: Payment | None, row: SettlementRow) -> str | None:
    """What of a row does not fit the payment that it names, in words for staff; None where all
    fits."""
    if row.kind == "other":
        return "a settlement row that is no payment and no refund"
    found = None if payment is None else _amount_and_fee(payment, row)
    if found is None:
        return f"a settled {row.kind} that the books do not have"
    minor, fee = found
    if minor != row.amount.minor:
        return f"settled as {row.amount.text()} {row.amount.currency}, which is not its amount"
    if fee != row.fee + row.tax:
        return f"settled with a fee of {row.fee + row.tax}, booked with {fee} (minor units)"
    return None


def _amount_and_fee(payment: Payment, row: SettlementRow) -> tuple[int, int] | None:
    """The amount and the fee of the capture or of the refund that a row is about."""
    if payment.amount.currency != row.amount.currency:
        return None
    if row.kind == "payment":
        captures = (c for c in payment.captures if c.attempt_id == row.gateway_id)
        return next(((each.minor, each.fee) for each in captures), None)
    refunds = (r for r in payment.refunds if r.refund_id == row.gateway_id)
    return next(((-each.minor, 0) for each in refunds if each.state != "failed"), None)


def captures(payments: Iterable[Payment], before: datetime) -> tuple[tuple[GatewayName, str], ...]:
    """The captures of payments that were begun `before`, at gateways that list what they
    settled."""
    return tuple(
        (payment.gateway, capture.attempt_id)
        for payment in payments
        if payment.gateway in LIST_ROWS and payment.created_at < before
        for capture in payment.captures
    )
