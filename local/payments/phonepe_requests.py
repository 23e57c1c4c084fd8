"""Requests to the emulated PhonePe's API v2, checked as its documents say."""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any, Final

from local.gateway import HttpRequest
from local.payments.phonepe_book import Book, Order, Refund, Refused

LEAST_PAISE: Final = 100
EXPIRY: Final = range(300, 3601)
DEFAULT_EXPIRY: Final = 1800

_REFERENCE: Final = re.compile(r"[A-Za-z0-9_-]{1,63}")


def new_order(request: HttpRequest, book: Book, now: int) -> Order:
    """Store the order of a call of `pay`. Raises Refused."""
    asked = content_of(request)
    flow = inner(asked, "paymentFlow")
    if flow.get("type") != "PG_CHECKOUT":
        raise bad("paymentFlow.type must be PG_CHECKOUT")
    after = whole(asked.get("expireAfter", DEFAULT_EXPIRY), "expireAfter")
    if after not in EXPIRY:
        raise bad("expireAfter must be 300 to 3600")
    order = Order(
        reference=reference(asked.get("merchantOrderId"), "merchantOrderId"),
        order_id=book.new_id("OMO", now),
        amount=paise(asked.get("amount")),
        ends_at=now + after,
        return_url=text(inner(flow, "merchantUrls").get("redirectUrl"), "redirectUrl"),
        message=str(flow.get("message", "")),
    )
    book.add_order(order)
    return order


def new_refund(request: HttpRequest, book: Book, now: int) -> Refund:
    """Store the refund of a call of `refund`. Raises Refused."""
    asked = content_of(request)
    return book.add_refund(
        reference(asked.get("merchantRefundId"), "merchantRefundId"),
        reference(asked.get("originalMerchantOrderId"), "originalMerchantOrderId"),
        paise(asked.get("amount")),
        now,
    )


def content_of(request: HttpRequest) -> Mapping[str, Any]:
    """The JSON object in a request. Raises Refused."""
    try:
        found = json.loads(request.body)
    except ValueError:
        found = None
    if not isinstance(found, dict):
        raise bad("The body must be a JSON object")
    return found


def inner(asked: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The object called `name`. Raises Refused."""
    found = asked.get(name)
    if not isinstance(found, dict):
        raise bad(f"{name} must be an object")
    return found


def paise(value: object) -> int:
    """An amount. Raises Refused."""
    amount = whole(value, "amount")
    if amount < LEAST_PAISE:
        raise bad("amount must be at least 100")
    return amount


def whole(value: object, name: str) -> int:
    """A whole number. Raises Refused."""
    if type(value) is not int:
        raise bad(f"{name} must be a number")
    return value


def text(value: object, name: str) -> str:
    """A text that is not empty. Raises Refused."""
    if not isinstance(value, str) or not value:
        raise bad(f"{name} is missing")
    return value


def reference(value: object, name: str, longest: int = 63) -> str:
    """A reference of the merchant. Raises Refused."""
    given = text(value, name)
    if not _REFERENCE.fullmatch(given) or len(given) > longest:
        raise bad(f"{name} may have {longest} letters, digits, - and _")
    return given


def bad(text: str) -> Refused:
    """The refusal of a malformed call."""
    return Refused(400, "BAD_REQUEST", text)
