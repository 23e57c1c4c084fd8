"""PhonePe's API v1, for a merchant that has salts instead of a client: every call is signed in the
header X-VERIFY (https://developer.phonepe.com/v1/reference/pay-api-1).

What v1 cannot do beyond v2: an order has no expiry and no id but ours, and a message of a refund
names no order, so none is asked for."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final
from urllib.parse import quote

from chalicelib.domain.core.money import Money
from chalicelib.domain.payments.gateway import (
    Attempt,
    AttemptState,
    GatewayEvent,
    GatewayOrder,
    GatewayRefund,
    NewOrder,
    OrderState,
    RefundOrder,
    RefundState,
)
from chalicelib.gateways.payments import phonepe_values as values
from chalicelib.gateways.payments.json_api import (
    Answer,
    JsonApi,
    NotSignedIn,
    code_of,
    unavailable,
)
from chalicelib.gateways.payments.phonepe_either import EitherPhonePe, check_rupees
from chalicelib.gateways.payments.phonepe_keys import KeySource, PhonePeV1Keys
from chalicelib.gateways.payments.phonepe_values import number, text, word
from chalicelib.gateways.payments.protocol import BadSignature, GatewayRefused

API_URL: Final = "https://api.phonepe.com/apis/hermes"
PAY: Final = "/pg/v1/pay"
REFUND: Final = "/pg/v1/refund"

ORDER_STATES: Final[Mapping[str, OrderState]] = {
    "PAYMENT_SUCCESS": "paid",
    "PAYMENT_ERROR": "expired",
    "PAYMENT_DECLINED": "expired",
}
"""By the code of the answer. Any other code is open: nothing is decided yet."""

REFUND_STATES: Final[Mapping[str, RefundState]] = {
    "PAYMENT_SUCCESS": "processed",
    "PAYMENT_ERROR": "failed",
}
"""By the code of the answer. Any other code is pending."""

ATTEMPT_STATES: Final[Mapping[OrderState, AttemptState]] = {
    "open": "open",
    "paid": "captured",
    "expired": "failed",
}

UNDECIDED: Final = frozenset({"INTERNAL_SERVER_ERROR", "TIMED_OUT"})
"""Codes of answers that tell nothing about an order."""

UNKNOWN: Final = "TRANSACTION_NOT_FOUND"


class PhonePeV1(EitherPhonePe):
    """A PaymentGateway over PhonePe's API v1; its messages go to `callback_url`."""

    def __init__(
        self, keys: KeySource[PhonePeV1Keys], *, callback_url: str, api_url: str = API_URL
    ) -> None:
        self._keys = keys
        self._callback_url = callback_url
        self._api = JsonApi(api_url)

    def create_order(self, order: NewOrder) -> GatewayOrder:
        """Create an order. Raises GatewayRefused, errors.Unavailable."""
        check_rupees(order)
        answer = self._signed(lambda keys: self._post(keys, PAY, self._new_order(keys, order)))
        page = values.pay_url(_inner(answer, "data", "instrumentResponse", "redirectInfo", "url"))
        return GatewayOrder(order.reference, order.reference, order.amount, "open", pay_url=page)

    def find_order(self, reference: str, order_id: str | None) -> GatewayOrder | None:
        """The order with our reference. Raises GatewayRefused, errors.Unavailable."""
        found = self._status(reference)
        if found is None:
            return None
        code, data, amount = found
        state = ORDER_STATES.get(code, "open")
        attempts = tuple(_attempts(data, state, amount))
        return GatewayOrder(reference, reference, amount, state, attempts)

    def find_refund(self, refund: RefundOrder) -> GatewayRefund | None:
        """The refund with our reference. Raises GatewayRefused, errors.Unavailable."""
        found = self._status(refund.reference)
        return None if found is None else _refund(refund, *found)

    def read_event(self, headers: Mapping[str, str], body: bytes) -> GatewayEvent:
        """The event in a callback, whose signature covers the base64 text as it came. Raises
        BadSignature."""
        try:
            encoded = json.loads(body)["response"].encode()
        except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
            raise BadSignature from None
        _check(headers.get("x-verify", ""), encoded, self._keys.get())
        return _event(encoded)

    def _new_order(self, keys: PhonePeV1Keys, order: NewOrder) -> dict[str, Any]:
        return {
            "merchantId": keys.merchant_id,
            "merchantTransactionId": order.reference,
            "merchantUserId": order.reference,
            "amount": order.amount.minor,
            "redirectUrl": order.return_url,
            "redirectMode": "REDIRECT",
            "callbackUrl": self._callback_url,
            "paymentInstrument": {"type": "PAY_PAGE"},
        }

    def _make_refund(self, refund: RefundOrder) -> GatewayRefund:
        asked = {
            "merchantTransactionId": refund.reference,
            "originalTransactionId": refund.order_reference,
            "amount": refund.amount.minor,
        }
        answer = self._signed(
            lambda keys: self._post(keys, REFUND, {"merchantId": keys.merchant_id, **asked})
        )
        return _refund(refund, *_read(answer, refund.reference))

    def _post(self, keys: PhonePeV1Keys, path: str, content: Mapping[str, Any]) -> Answer:
        encoded = base64.b64encode(json.dumps(content).encode())
        headers = {"x-verify": signature(encoded, path, keys)}
        answer = self._api.post(path, headers, {"request": encoded.decode()})
        if answer.get("success") is False:
            raise GatewayRefused(code_of(answer) or "REFUSED", str(answer.get("message", ""))[:200])
        return answer

    def _status(self, reference: str) -> tuple[str, Answer, Money] | None:
        """Code, data and amount of the payment or refund with our reference; None where PhonePe
        has none. Raises GatewayRefused, errors.Unavailable."""
        try:
            answer = self._signed(lambda keys: self._get_status(keys, reference))
        except GatewayRefused as refused:
            if refused.code == UNKNOWN:
                return None
            raise
        return None if code_of(answer) == UNKNOWN else _read(answer, reference)

    def _get_status(self, keys: PhonePeV1Keys, reference: str) -> Answer:
        path = f"/pg/v1/status/{quote(keys.merchant_id, safe='')}/{quote(reference, safe='')}"
        headers = {"x-verify": signature(b"", path, keys), "x-merchant-id": keys.merchant_id}
        return self._api.get(path, headers)

    def _signed(self, call: Callable[[PhonePeV1Keys], Answer]) -> Answer:
        """The answer to a call with our keys; with newer ones where they are refused."""
        keys = self._keys.get()
        try:
            return call(keys)
        except NotSignedIn:
            newer = self._keys.newer_than(keys)
            if newer is None:
                raise
            return call(newer)


def signature(encoded: bytes, path: str, keys: PhonePeV1Keys) -> str:
    """The header X-VERIFY for a body in base64 that goes to `path`: SHA-256 over both and the salt,
    then the index of the salt."""
    return f"{_digest(encoded + path.encode(), keys.salts[keys.salt_index])}###{keys.salt_index}"


def _digest(signed: bytes, salt: str) -> str:
    return hashlib.sha256(signed + salt.encode()).hexdigest()


def _check(given: str, encoded: bytes, keys: PhonePeV1Keys) -> None:
    """Raise BadSignature unless the header is right for a salt that we have."""
    digest, _, index = given.partition("###")
    salt = keys.salts.get(index)
    right = _digest(encoded, salt or "").encode()
    if not hmac.compare_digest(digest.encode(errors="backslashreplace"), right) or not salt:
        raise BadSignature


def _event(encoded: bytes) -> GatewayEvent:
    try:
        content = json.loads(base64.b64decode(encoded, validate=True))
        code, data = word(content.get("code")), content["data"]
        ours, state = values.reference(data.get("merchantTransactionId")), word(data.get("state"))
    except (ValueError, RecursionError, LookupError, TypeError, AttributeError):
        code, ours, state = None, None, None
    if code is None or ours is None:
        return GatewayEvent(f"unread:{hashlib.sha256(encoded).hexdigest()}", code or "unread")
    return GatewayEvent(f"v1:{code}:{ours}:{state}", code, order_id=ours, reference=ours)


def _read(answer: Answer, reference: str) -> tuple[str, Answer, Money]:
    """Code, data and amount of an answer. Raises errors.Unavailable for one that tells nothing, is
    incomplete or about another payment."""
    code, data = code_of(answer), answer.get("data")
    if code is None or code in UNDECIDED or not isinstance(data, dict):
        raise unavailable(f"the answer is incomplete ({code})")
    amount = number(data.get("amount"))
    if amount is None or data.get("merchantTransactionId") != reference:
        raise unavailable("the answer is incomplete or about another payment")
    return code, data, Money(amount, "INR")


def _attempts(data: Answer, state: OrderState, amount: Money) -> Iterator[Attempt]:
    """The last attempt of an order, once there is one. The one that paid it has the id of the
    order, as in v2."""
    attempt_id = text(data.get("merchantTransactionId" if state == "paid" else "transactionId"))
    if attempt_id is not None:
        stand = ATTEMPT_STATES[state]
        problem = text(data.get("responseCode")) if state == "expired" else None
        method = text(_inner(data, "paymentInstrument", "type"), 40)
        yield Attempt(attempt_id, stand, amount, method and method.lower(), problem)


def _refund(refund: RefundOrder, code: str, data: Answer, amount: Money) -> GatewayRefund:
    refund_id = text(data.get("transactionId")) or refund.reference
    trace = text(_inner(data, "paymentInstrument", "utr"), 40)
    state = REFUND_STATES.get(code, "pending")
    return GatewayRefund(refund_id, refund.reference, amount, state, trace)


def _inner(content: Any, *names: str) -> Any:
    """What lies below these names; None where one of them is missing."""
    for name in names:
        content = content.get(name) if isinstance(content, dict) else None
    return content
