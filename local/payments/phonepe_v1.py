"""The emulated PhonePe's API v1
(https://developer.phonepe.com/v1/reference/pay-api-1, check-status-api-1, refund-8)."""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
from collections.abc import Mapping
from typing import Any, Final

from chalicelib.gateways.payments.phonepe_keys import PhonePeV1Keys
from local.gateway import HttpRequest
from local.payments import phonepe_bodies as bodies
from local.payments.phonepe_book import Book, Order, Refused
from local.payments.phonepe_requests import bad, content_of, inner, paise, reference, text

ORDER_SECONDS: Final = 1800
"""For how long the page of an order takes payments."""

LONGEST_REFERENCE: Final = 34


def answer(
    request: HttpRequest, path: str, book: Book, keys: PhonePeV1Keys, url: str, now: int
) -> dict[str, Any]:
    """The answer to a call of v1; `path` is the one that is signed. Raises Refused."""
    if path.startswith("/pg/v1/status/"):
        _check(request, path.encode(), keys)
        return _status(path.split("/")[-1], book, keys)
    encoded = text(content_of(request).get("request"), "request")
    _check(request, (encoded + path).encode(), keys)
    asked = _decoded(encoded)
    if asked.get("merchantId") != keys.merchant_id:
        raise bad("merchantId is not known")
    if path == "/pg/v1/pay":
        return _pay(asked, book, keys, url, now)
    return _refund(asked, book, keys, now)


def callback(order: Order, keys: PhonePeV1Keys) -> tuple[dict[str, str], bytes]:
    """Headers and body of the message about an order."""
    content = bodies.payment_v1(order, keys.merchant_id)
    encoded = base64.b64encode(json.dumps(content).encode())
    headers = {"X-VERIFY": _signature(encoded, keys), "Content-Type": "application/json"}
    return headers, json.dumps({"response": encoded.decode()}).encode()


def _pay(
    asked: Mapping[str, Any], book: Book, keys: PhonePeV1Keys, url: str, now: int
) -> dict[str, Any]:
    if inner(asked, "paymentInstrument").get("type") != "PAY_PAGE":
        raise bad("paymentInstrument.type must be PAY_PAGE")
    order = Order(
        reference=_reference(asked),
        order_id=book.new_id("T", now),
        amount=paise(asked.get("amount")),
        ends_at=now + ORDER_SECONDS,
        return_url=text(asked.get("redirectUrl"), "redirectUrl"),
        message="",
        callback_url=text(asked.get("callbackUrl"), "callbackUrl"),
    )
    book.add_order(order)
    page = {"url": f"{url}/pay/{order.order_id}", "method": "GET"}
    data = {
        "merchantId": keys.merchant_id,
        "merchantTransactionId": order.reference,
        "instrumentResponse": {"type": "PAY_PAGE", "redirectInfo": page},
    }
    return {"success": True, "code": "PAYMENT_INITIATED", "message": "", "data": data}


def _refund(asked: Mapping[str, Any], book: Book, keys: PhonePeV1Keys, now: int) -> dict[str, Any]:
    original = text(asked.get("originalTransactionId"), "originalTransactionId")
    made = book.add_refund(_reference(asked), original, paise(asked.get("amount")), now)
    return bodies.refund_v1(made, keys.merchant_id)


def _status(its_reference: str, book: Book, keys: PhonePeV1Keys) -> dict[str, Any]:
    if its_reference in book.orders:
        return bodies.payment_v1(book.orders[its_reference], keys.merchant_id)
    if its_reference in book.refunds:
        return bodies.refund_v1(book.refunds[its_reference], keys.merchant_id)
    raise Refused(404, "TRANSACTION_NOT_FOUND", "No transaction found")


def _reference(asked: Mapping[str, Any]) -> str:
    return reference(asked.get("merchantTransactionId"), "merchantTransactionId", LONGEST_REFERENCE)


def _decoded(encoded: str) -> Mapping[str, Any]:
    try:
        found = json.loads(base64.b64decode(encoded, validate=True))
    except (ValueError, binascii.Error):
        found = None
    if not isinstance(found, dict):
        raise bad("request must be JSON in base64")
    return found


def _check(request: HttpRequest, signed: bytes, keys: PhonePeV1Keys) -> None:
    """Raise Refused unless X-VERIFY is right for a salt of the merchant."""
    digest, _, index = request.header("x-verify").partition("###")
    salt = keys.salts.get(index)
    if salt is None or hashlib.sha256(signed + salt.encode()).hexdigest() != digest:
        raise Refused(401, "AUTHORIZATION_FAILED", "X-VERIFY is not right")


def _signature(signed: bytes, keys: PhonePeV1Keys) -> str:
    salt = keys.salts[keys.salt_index]
    return f"{hashlib.sha256(signed + salt.encode()).hexdigest()}###{keys.salt_index}"
