"""Orders, attempts and refunds in the answers of PhonePe's API v2. Only the state at the root
decides; fields that are new, missing or of another type are tolerated where nothing depends on
them (https://developer.phonepe.com/v1/reference/order-status-standard-checkout)."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any, Final

from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.gateway import (
    Attempt,
    AttemptState,
    GatewayOrder,
    GatewayRefund,
    OrderState,
    RefundOrder,
    RefundState,
)
from chalicelib.gateways.payments.json_api import Answer, code_of, unavailable
from chalicelib.gateways.payments.protocol import GatewayRefused

LARGEST: Final = 10**15
"""Above every amount in paise, and every instant in milliseconds."""

ORDER_STATES: Final[Mapping[str, OrderState]] = {
    "COMPLETED": "paid",
    "FAILED": "expired",
    "EXPIRED": "expired",
}
"""Any other state is open: it says that nothing is decided."""

REFUND_STATES: Final[Mapping[str, RefundState]] = {"COMPLETED": "processed", "FAILED": "failed"}
"""Any other state is pending."""

ATTEMPT_STATES: Final[Mapping[str, AttemptState]] = {"FAILED": "failed"}
"""Any other state is open. One that has succeeded counts once its order says so too."""

METHODS: Final = {
    "UPI_INTENT": "upi",
    "UPI_COLLECT": "upi",
    "UPI_QR": "upi",
    "NET_BANKING": "netbanking",
}

_REFERENCE: Final = re.compile(r"[A-Za-z0-9_-]{1,63}")
_WORD: Final = re.compile(r"[A-Za-z0-9_.-]{1,60}")
_URL: Final = re.compile(r"(https://|http://127\.0\.0\.1[:/])[!-~]{1,2000}")


def number(value: object) -> int | None:
    """A number of zero or more, also one that is written as text; None for anything else.

    >>> number(1000), number("1000"), number(-1), number(True), number(9.5)
    (1000, 1000, None, None, None)
    """
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) <= 16:
        value = int(value)
    return value if type(value) is int and 0 <= value < LARGEST else None


def text(value: object, longest: int = 120) -> str | None:
    """A text that is neither empty nor longer; None for anything else."""
    return value if isinstance(value, str) and 0 < len(value) <= longest else None


def reference(value: object) -> str | None:
    """A reference as PhonePe allows one; None for anything else."""
    return value if isinstance(value, str) and _REFERENCE.fullmatch(value) else None


def word(value: object) -> str | None:
    """A name of PhonePe's for an event or a state; None for anything else."""
    return value if isinstance(value, str) and _WORD.fullmatch(value) else None


def pay_url(value: object) -> str:
    """The address of a page for the payer. Raises errors.Unavailable for anything else."""
    if not (isinstance(value, str) and _URL.fullmatch(value)):
        raise unavailable("the answer has no page for the payer")
    return value


def order(answer: Answer, ours: str, order_id: str | None) -> GatewayOrder:
    """The order in the answer of a status call. Raises GatewayRefused, and errors.Unavailable for
    an answer that is incomplete or about another order."""
    amount, state = _amount(answer), _state(answer)
    its_id = text(answer.get("orderId"))
    if amount is None or its_id is None:
        raise unavailable("the order is incomplete")
    if answer.get("merchantOrderId", ours) != ours or (order_id or its_id) != its_id:
        raise unavailable("the answer is about another order")
    rows = _rows(answer.get("paymentDetails"))
    attempts = tuple(_attempts(rows, amount, is_paid=state == "COMPLETED"))
    if state == "COMPLETED":
        attempts += (_capture(rows, its_id, amount),)
    return GatewayOrder(ours, its_id, amount, ORDER_STATES.get(state, "open"), attempts)


def refund(answer: Answer, asked: RefundOrder) -> GatewayRefund:
    """The refund in an answer. Raises GatewayRefused, and errors.Unavailable for an answer that is
    incomplete or about another order."""
    amount, state = _amount(answer), _state(answer)
    if answer.get("originalMerchantOrderId", asked.order_reference) != asked.order_reference:
        raise unavailable("the answer is about another order")
    if amount is None:
        raise unavailable("the refund is incomplete")
    its_id = text(answer.get("refundId")) or asked.reference
    made = REFUND_STATES.get(state, "pending")
    return GatewayRefund(its_id, asked.reference, amount, made, _trace(answer))


def _state(answer: Answer) -> str:
    """The state at the root; an answer that has a code in its place is a refusal."""
    state = text(answer.get("state"))
    if state is not None:
        return state
    code = code_of(answer)
    if code is None:
        raise unavailable("the answer has no state")
    raise GatewayRefused(code, str(answer.get("message", ""))[:200])


def _amount(answer: Answer) -> Money | None:
    amount = number(answer.get("amount"))
    is_rupees = answer.get("currency") in (None, "", "INR")
    return None if amount is None or not is_rupees else Money(amount, "INR")


def _attempts(rows: list[Mapping[str, Any]], whole: Money, *, is_paid: bool) -> Iterator[Attempt]:
    """The attempts of an order but the one that paid it."""
    for row in rows:
        attempt_id, is_done = text(row.get("transactionId")), row.get("state") == "COMPLETED"
        if attempt_id is None or (is_paid and is_done):
            continue
        state = "authorized" if is_done else ATTEMPT_STATES.get(str(row.get("state")), "open")
        yield Attempt(attempt_id, state, _amount(row) or whole, _method(row), _problem(row))


def _capture(rows: list[Mapping[str, Any]], order_id: str, whole: Money) -> Attempt:
    """The attempt that paid an order. An order is paid once and in full, and paid back under its
    own reference; so its capture has its id, and two answers with other rows show one capture."""
    method = next((_method(row) for row in rows if row.get("state") == "COMPLETED"), None)
    return Attempt(order_id, "captured", whole, method)


def _method(row: Mapping[str, Any]) -> str | None:
    mode = text(row.get("paymentMode"), 40)
    return None if mode is None else METHODS.get(mode, mode.lower())


def _problem(row: Mapping[str, Any]) -> str | None:
    return text(row.get("detailedErrorCode")) or text(row.get("errorCode"))


def _trace(answer: Answer) -> str | None:
    """The number of a refund by which the customer's bank finds it."""
    parts = [answer, *_rows(answer.get("splitInstruments")), *_rows(answer.get("paymentDetails"))]
    rails = (part.get("rail") for part in parts)
    numbers = (text(rail.get("utr"), 40) for rail in rails if isinstance(rail, dict))
    return next(filter(None, numbers), None)


def _rows(value: object) -> list[Mapping[str, Any]]:
    return [row for row in value if isinstance(row, dict)] if isinstance(value, list) else []
