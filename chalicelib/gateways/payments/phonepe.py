"""PhonePe's Standard Checkout, API v2: the payer pays on PhonePe's page
(https://developer.phonepe.com/v1/reference/initiate-payment-standard-checkout).

What PhonePe cannot do: an order is never closed before it expires, its refunds are not listed with
it, its page is named once, in the answer to its creation, and money is settled without rows."""

from __future__ import annotations

import hashlib
import hmac
import json
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any, Final
from urllib.parse import quote

from chalicelib.domain.payments.gateway import (
    GatewayEvent,
    GatewayOrder,
    GatewayRefund,
    NewOrder,
    RefundOrder,
)
from chalicelib.gateways.payments import phonepe_values as values
from chalicelib.gateways.payments.json_api import (
    Answer,
    JsonApi,
    NotKnown,
    NotSignedIn,
    unavailable,
)
from chalicelib.gateways.payments.phonepe_either import EitherPhonePe, check_rupees
from chalicelib.gateways.payments.phonepe_keys import KeySource, PhonePeKeys
from chalicelib.gateways.payments.phonepe_token import Tokens
from chalicelib.gateways.payments.phonepe_values import text, word
from chalicelib.gateways.payments.protocol import BadSignature, GatewayRefused

API_URL: Final = "https://api.phonepe.com/apis/pg"
SIGN_IN_URL: Final = "https://api.phonepe.com/apis/identity-manager"
SANDBOX_URL: Final = "https://api-preprod.phonepe.com/apis/pg-sandbox"
"""The sandbox has one address for both."""

SHORTEST_ORDER: Final = 300
LONGEST_ORDER: Final = 3600
"""Seconds until an order expires, at least and at most."""

LONGEST_MESSAGE: Final = 100

UNKNOWN_ORDER: Final = frozenset({"INVALID_MERCHANT_ORDER_ID", "ORDER_NOT_FOUND"})
UNKNOWN_REFUND: Final = frozenset({"INVALID_MERCHANT_REFUND_ID", "REFUND_NOT_FOUND"})
"""Codes for a reference that PhonePe has never seen."""


class PhonePe(EitherPhonePe):
    """A PaymentGateway over PhonePe's API v2. `api_url` and `sign_in_url` are those of the
    production, of the sandbox, or of an emulator on this machine."""

    def __init__(
        self,
        keys: KeySource[PhonePeKeys],
        *,
        now: Callable[[], datetime],
        api_url: str = API_URL,
        sign_in_url: str = SIGN_IN_URL,
    ) -> None:
        self._keys = keys
        self._now = now
        self._api = JsonApi(api_url)
        self._tokens = Tokens(JsonApi(sign_in_url), keys, now)

    def create_order(self, order: NewOrder) -> GatewayOrder:
        """Create an order. Raises GatewayRefused, errors.Unavailable."""
        check_rupees(order)
        answer = self._post("/checkout/v2/pay", self._new_order(order))
        order_id, page = text(answer.get("orderId")), values.pay_url(answer.get("redirectUrl"))
        if order_id is None:
            raise unavailable("the order is incomplete")
        return GatewayOrder(order.reference, order_id, order.amount, "open", pay_url=page)

    def find_order(self, reference: str, order_id: str | None) -> GatewayOrder | None:
        """The order with our reference. Raises GatewayRefused, errors.Unavailable."""
        path = f"/checkout/v2/order/{quote(reference, safe='')}/status?details=true"
        try:
            return values.order(self._get(path), reference, order_id)
        except GatewayRefused as refused:
            if refused.code in UNKNOWN_ORDER:
                return None
            raise

    def find_refund(self, refund: RefundOrder) -> GatewayRefund | None:
        """The refund with our reference. Raises GatewayRefused, errors.Unavailable."""
        path = f"/payments/v2/refund/{quote(refund.reference, safe='')}/status"
        try:
            return values.refund(self._get(path), refund)
        except GatewayRefused as refused:
            if isinstance(refused, NotKnown) or refused.code in UNKNOWN_REFUND:
                return None
            raise

    def read_event(self, headers: Mapping[str, str], body: bytes) -> GatewayEvent:
        """The event in a message. Its header proves a login and not the body. Raises
        BadSignature."""
        given = headers.get("authorization", "").encode(errors="backslashreplace")
        logins = self._keys.get().webhook_logins
        right = [hmac.compare_digest(given, login_hash(login)) for login in logins]
        if not any(right):
            raise BadSignature
        return event(body)

    def _new_order(self, order: NewOrder) -> dict[str, Any]:
        left = int((order.expires_at - self._now()).total_seconds())
        return {
            "merchantOrderId": order.reference,
            "amount": order.amount.minor,
            "expireAfter": max(SHORTEST_ORDER, min(left, LONGEST_ORDER)),
            "paymentFlow": {
                "type": "PG_CHECKOUT",
                "message": order.description[:LONGEST_MESSAGE],
                "merchantUrls": {"redirectUrl": order.return_url},
            },
        }

    def _make_refund(self, refund: RefundOrder) -> GatewayRefund:
        asked = {
            "merchantRefundId": refund.reference,
            "originalMerchantOrderId": refund.order_reference,
            "amount": refund.amount.minor,
        }
        return values.refund(self._post("/payments/v2/refund", asked), refund)

    def _get(self, path: str) -> Answer:
        return self._signed_in(lambda headers: self._api.get(path, headers))

    def _post(self, path: str, content: Mapping[str, Any]) -> Answer:
        return self._signed_in(lambda headers: self._api.post(path, headers, content))

    def _signed_in(self, call: Callable[[Mapping[str, str]], Answer]) -> Answer:
        """The answer to a call with a token; with another token where the first is refused."""
        token = self._tokens.current()
        try:
            return call({"authorization": f"O-Bearer {token.value}"})
        except NotSignedIn:
            token = self._tokens.instead_of(token)
            return call({"authorization": f"O-Bearer {token.value}"})


def login_hash(login: str) -> bytes:
    """The header of a webhook for a login `user:password`
    (https://developer.phonepe.com/v1/reference/handling-webhooks-standard-checkout).

    >>> login_hash("username:password")[:16]
    b'bc842c31a9e54efe'
    """
    return hashlib.sha256(login.encode()).hexdigest().encode()


def event(body: bytes) -> GatewayEvent:
    """The event in the body of a message. PhonePe numbers no events, so the id is made of what
    happened to what. A body that makes no sense is an event about no order."""
    try:
        content = json.loads(body)
        payload = content["payload"]
        name, state = word(content.get("event")), word(payload.get("state"))
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        name, state, payload = None, None, {}
    order = values.reference(payload.get("merchantOrderId", payload.get("originalMerchantOrderId")))
    refund = values.reference(payload.get("merchantRefundId"))
    if name is None or state is None or order is None:
        return GatewayEvent(f"unread:{hashlib.sha256(body).hexdigest()}", name or "unread")
    event_id = f"{name}:{refund or order}:{state}"
    return GatewayEvent(event_id, name, text(payload.get("orderId")), order, refund)
