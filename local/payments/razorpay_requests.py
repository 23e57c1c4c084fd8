"""Requests to the emulated Razorpay, checked as its documents say.

https://razorpay.com/docs/api/orders/create/, .../api/refunds/normal-refunds-idempotent/,
.../api/payments/capture/, .../api/settlements/fetch-recon/
"""

from __future__ import annotations

import base64
import binascii
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from zoneinfo import ZoneInfo

from chalicelib.domain.core.money import EXPONENTS
from local.gateway import HttpRequest
from local.payments import razorpay_bodies as bodies
from local.payments.razorpay_book import Book, Happened, Order, Payment, Refund, Refused

LEAST_PAISE: Final = 100
LONGEST_RECEIPT: Final = 40
MOST_NOTES: Final = 15
LONGEST_NOTE: Final = 256
CAPTURE_MINUTES: Final = range(12, 7201)

INDIA: Final = ZoneInfo("Asia/Kolkata")
SETTLED_AFTER: Final = timedelta(days=2)
"""From a capture or a refund to its settlement."""

_KEY: Final = re.compile(r"[A-Za-z0-9_-]{10,}")
_ORDER_FIELDS: Final = {"amount", "currency", "receipt", "notes", "partial_payment", "payment"}
_REFUND_FIELDS: Final = {"amount", "speed", "receipt", "notes"}

Fields = Mapping[str, Any]


def check_key(request: HttpRequest, keys: Mapping[str, str]) -> None:
    """Raises Refused for a key that is not in `keys`."""
    scheme, _, coded = request.header("authorization").partition(" ")
    try:
        key_id, _, secret = base64.b64decode(coded, validate=True).decode().partition(":")
    except (binascii.Error, UnicodeDecodeError):
        key_id = secret = ""
    if scheme != "Basic" or not secret or keys.get(key_id) != secret:
        raise Refused("Authentication failed", status=401)


def new_order(request: HttpRequest, book: Book, now: int) -> Order:
    """Store the order that is asked for. Raises Refused."""
    asked = _content(request, _ORDER_FIELDS)
    automatic, manual = _capture(asked.get("payment"))
    order = Order(
        order_id=book.new_id("order", now),
        amount=_amount(asked),
        currency=_currency(asked),
        receipt=_receipt(asked),
        notes=_notes(asked),
        made_at=now,
        automatic=automatic,
        manual=manual,
    )
    book.orders[order.order_id] = order
    return order


def capture(request: HttpRequest, book: Book, payment: Payment, now: int) -> Iterator[Happened]:
    """Capture a payment by hand. Raises Refused."""
    asked = _content(request, {"amount", "currency"})
    if payment.captured_at is not None:
        raise Refused("This payment has already been captured")
    if payment.status != "authorized":
        raise Refused(
            "Only payments which have been authorized and not yet captured can be captured"
        )
    if _amount(asked) != payment.amount:
        raise Refused("Capture amount must be equal to the amount authorized", field="amount")
    yield from book.capture(book.orders[payment.order_id], payment, now)


def new_refund(
    request: HttpRequest, book: Book, payment: Payment, now: int
) -> tuple[Refund, Iterator[Happened]]:
    """The refund that is asked for, and what happens with it: nothing, where a call with the same
    key has made it. Raises Refused."""
    key, asked_text = request.header("x-refund-idempotency"), request.body.decode(errors="replace")
    if key and not _KEY.fullmatch(key):
        raise Refused("The idempotency key must be at least 10 characters long.")
    made = next((each for each in book.refunds.values() if key and each.key == key), None)
    if made is not None:
        if (made.payment_id, made.asked) != (payment.payment_id, asked_text):
            text = "Different request with the same idempotency key has already been processed."
            raise Refused(text, status=409)
        return made, iter(())
    asked = _content(request, _REFUND_FIELDS)
    refund = Refund(
        refund_id=book.new_id("rfnd", now),
        payment_id=payment.payment_id,
        amount=_refunded(asked, book, payment),
        receipt=_receipt(asked),
        notes=_notes(asked),
        made_at=now,
        key=key or None,
        asked=asked_text,
    )
    return refund, book.add_refund(payment, refund)


def page(request: HttpRequest, found: Sequence[Any], largest: int) -> Sequence[Any]:
    """The part of a list that `count` and `skip` ask for. Raises Refused."""
    count, skip = _number(request, "count", min(10, largest)), _number(request, "skip", 0)
    if not 1 <= count <= largest:
        raise Refused(f"The count must be between 1 and {largest}.", field="count")
    return found[skip : skip + count]


def settled(request: HttpRequest, book: Book, now: int) -> list[bodies.Entity]:
    """The rows that were settled in a month or on a day, in India. Raises Refused."""
    year, month = _number(request, "year", 0), _number(request, "month", 0)
    day = _number(request, "day", 0)
    if not 1 <= month <= 12:
        raise Refused("The month is not a valid month.", field="month")
    if not 2015 <= year <= 2199:
        raise Refused("The year is not a valid year.", field="year")

    def is_wanted(at: int) -> bool:
        when = datetime.fromtimestamp(at, UTC).astimezone(INDIA) + SETTLED_AFTER
        is_over = when.timestamp() <= now
        return is_over and (when.year, when.month) == (year, month) and day in (0, when.day)

    return [*_rows(book, is_wanted)]


def _rows(book: Book, is_wanted: Callable[[int], bool]) -> Iterator[bodies.Entity]:
    for order in book.orders.values():
        for payment in order.payments:
            if payment.captured_at is None:
                continue
            if is_wanted(payment.captured_at):
                yield bodies.settled_payment(payment, order)
            for refund in book.refunds_of(payment):
                if refund.status == "processed" and is_wanted(refund.made_at):
                    yield bodies.settled_refund(refund, payment, order)


def _content(request: HttpRequest, allowed: set[str]) -> Fields:
    try:
        asked = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        asked = None
    if not isinstance(asked, dict):
        raise Refused("The request body is not a valid JSON object.")
    if unknown := sorted(asked.keys() - allowed):
        raise Refused(f"{', '.join(unknown)} is/are not required and should not be sent")
    return asked


def _amount(asked: Fields) -> int:
    amount = asked.get("amount")
    if type(amount) is not int:
        raise Refused("The amount must be an integer.", field="amount")
    if amount < LEAST_PAISE:
        raise Refused("The amount must be at least INR 1.00", field="amount")
    return amount


def _currency(asked: Fields) -> str:
    currency = asked.get("currency")
    if not isinstance(currency, str) or currency not in EXPONENTS:
        raise Refused("Currency is not supported", field="currency")
    return currency


def _receipt(asked: Fields) -> str | None:
    receipt = asked.get("receipt")
    if receipt is not None and not isinstance(receipt, str):
        raise Refused("The receipt must be a string.", field="receipt")
    if receipt is not None and len(receipt) > LONGEST_RECEIPT:
        text = f"The receipt may not be greater than {LONGEST_RECEIPT} characters."
        raise Refused(text, field="receipt")
    return receipt


def _notes(asked: Fields) -> dict[str, str]:
    notes = asked.get("notes") or {}
    if not isinstance(notes, dict) or len(notes) > MOST_NOTES:
        raise Refused(f"Notes may have {MOST_NOTES} pairs at most.", field="notes")
    if any(len(str(value)) > LONGEST_NOTE for value in notes.values()):
        raise Refused(f"A note may have {LONGEST_NOTE} characters at most.", field="notes")
    return {str(name): str(value) for name, value in notes.items()}


def _capture(asked: object) -> tuple[int, int]:
    """Minutes of automatic capture, -1 for never, and of capture by hand."""
    longest = CAPTURE_MINUTES[-1]
    if asked is None:
        return longest, longest
    if not isinstance(asked, dict) or asked.get("capture") not in ("automatic", "manual"):
        raise Refused("The selected capture is invalid.", field="payment")
    options = asked.get("capture_options", {})
    manual = options.get("manual_expiry_period", longest)
    automatic = options.get("automatic_expiry_period") if asked["capture"] == "automatic" else -1
    if automatic != -1 and automatic not in CAPTURE_MINUTES:
        raise Refused("The automatic expiry period must be at least 12.", field="payment")
    if manual not in CAPTURE_MINUTES or manual < automatic:
        raise Refused("The manual expiry period is not valid.", field="payment")
    return int(automatic), int(manual)


def _refunded(asked: Fields, book: Book, payment: Payment) -> int:
    left = payment.amount - book.paid_back(payment)
    if payment.captured_at is None:
        raise Refused("The payment status should be captured for action to be taken")
    if left <= 0:
        raise Refused("The payment has been fully refunded already")
    amount = _amount(asked) if "amount" in asked else left
    if amount > left:
        raise Refused("The refund amount provided is greater than amount captured", field="amount")
    return amount


def _number(request: HttpRequest, name: str, default: int) -> int:
    text = request.query.get(name, [str(default)])[-1]
    if not re.fullmatch("[0-9]{1,9}", text):
        raise Refused(f"The {name} must be an integer.", field=name)
    return int(text)
