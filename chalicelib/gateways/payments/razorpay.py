"""Razorpay behind the port, through its SDK (docs/decisions/razorpay.md)."""

from __future__ import annotations

import hashlib
import json
import re
import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, timedelta
from functools import partial
from typing import Any, Final, TypeVar

from chalicelib.domain.core import errors
from chalicelib.domain.payments.gateway import (
    Attempt,
    GatewayEvent,
    GatewayName,
    GatewayOrder,
    GatewayRefund,
    NewOrder,
    RefundOrder,
    SettlementRow,
)
from chalicelib.gateways.payments import razorpay_reading as reading
from chalicelib.gateways.payments.credentials import Credentials, fetcher
from chalicelib.gateways.payments.protocol import BadSignature, GatewayRefused
from chalicelib.gateways.payments.razorpay_keys import RazorpayKeys, reader, signs
from chalicelib.gateways.payments.razorpay_wire import (
    BODY_SECONDS,
    READ_SECONDS,
    KeyRefused,
    Wire,
)
from chalicelib.settings import Settings

LARGEST_PAGE: Final = 100
LARGEST_SETTLEMENT_PAGE: Final = 1000

SHORTEST_CAPTURE: Final = 12
LONGEST_CAPTURE: Final = 7200
"""Minutes after an order in which Razorpay captures what was paid; a later payment goes back."""

MOST_PAGES: Final = 200

PUBLIC_URL: Final = "https://api.razorpay.com"

_MINUTE: Final = timedelta(minutes=1)

_UNKNOWN: Final = "BAD_REQUEST_ERROR"
"""How Razorpay refuses an id that it does not have."""

_EVENT_ID: Final = re.compile(r"[\x21-\x7e]{1,100}")

T = TypeVar("T")


class Razorpay:
    """A PaymentGateway over the SDK, which is loaded with the first call. `url` is where Razorpay
    answers, None for its public address."""

    name: GatewayName = "razorpay"

    def __init__(
        self,
        credentials: Credentials[RazorpayKeys],
        now: Callable[[], datetime],
        *,
        url: str | None = None,
        read_seconds: float = READ_SECONDS,
        body_seconds: float = BODY_SECONDS,
    ) -> None:
        self._credentials = credentials
        self._now = now
        self._url = url
        self._limits = read_seconds, body_seconds
        self._of_this_thread = threading.local()

    @property
    def key_id(self) -> str:
        """The public half of the key, with which the checkout opens. Raises errors.Unavailable."""
        return self._credentials.get().key_id

    @property
    def checkout_url(self) -> str:
        """The address of the Hosted Checkout."""
        return f"{self._url or PUBLIC_URL}/v1/checkout/embedded"

    def is_signed_by_checkout(self, order_id: str, payment_id: str, signature: str | None) -> bool:
        """Whether the checkout says that `payment_id` is paid on `order_id`, which is the one that
        we have stored, not the one that came with the signature."""
        message = f"{order_id}|{payment_id}".encode()
        return signs(self._credentials.get().key_secret, message, signature)

    def create_order(self, order: NewOrder) -> GatewayOrder:
        """Create an order that is captured by itself, if it is paid before it expires."""
        asked = {
            "amount": order.amount.minor,
            "currency": order.amount.currency,
            "receipt": order.reference,
            "notes": {reading.NOTE: order.reference},
            "payment": {"capture": "automatic", "capture_options": self._capture(order)},
        }
        return reading.order(self._ask(lambda sdk: sdk.order.create(asked)))

    def find_order(self, reference: str, order_id: str | None) -> GatewayOrder | None:
        """The order with its attempts and their refunds. Of several with one reference that on
        which most was done."""
        found = self._by_receipt(reference) if order_id is None else self._by_id(order_id)
        if found is None:
            return None
        whole = reading.order(found)
        payments = self._ask(lambda sdk: sdk.order.payments(whole.order_id, {}))
        return reading.order(found, [self._attempt(each) for each in reading.items(payments)])

    def close_order(self, reference: str, order_id: str) -> None:
        """Do nothing: Razorpay has no way to close an order."""

    def refund(self, refund: RefundOrder) -> GatewayRefund:
        """Pay back. It looks first: how long Razorpay remembers a key of idempotency is not
        documented."""
        known = self.find_refund(refund)
        if known is not None:
            return known
        asked = {
            "amount": refund.amount.minor,
            "speed": "normal",
            "receipt": refund.reference,
            "notes": {reading.NOTE: refund.reference},
        }
        once = {"X-Refund-Idempotency": f"refund_{refund.reference}"}
        return reading.refund(
            self._ask(lambda sdk: sdk.payment.refund(refund.attempt_id, asked, headers=dict(once)))
        )

    def find_refund(self, refund: RefundOrder) -> GatewayRefund | None:
        """The refund with our reference, of the attempt it was made of."""
        refunds = self._refunds(refund.attempt_id)
        return next((each for each in refunds if each.reference == refund.reference), None)

    def read_event(self, headers: Mapping[str, str], body: bytes) -> GatewayEvent:
        """The event in a message. One that came without an id is known by its content. Raises
        BadSignature."""
        signature = headers.get("x-razorpay-signature")
        secrets = self._credentials.get().webhook_secrets
        signed = [signs(secret, body, signature) for secret in secrets]
        if not any(signed):
            raise BadSignature
        content = _parsed(body)
        order_id, reference = reading.named_by_event(content)
        return GatewayEvent(
            event_id=_event_id(headers, body),
            name=reading.event_name(content),
            order_id=order_id,
            reference=reference,
            attempt_id=reading.attempt_of_event(content),
        )

    def settlement(self, day: date) -> Iterator[SettlementRow]:
        """The rows of the settlements that Razorpay made on a day in India."""
        when = {"year": day.year, "month": day.month, "day": day.day}
        rows = self._pages(
            LARGEST_SETTLEMENT_PAGE, lambda sdk, page: sdk.settlement.report(when | page)
        )
        return map(reading.row, rows)

    def _capture(self, order: NewOrder) -> dict[str, Any]:
        minutes = -((self._now() - order.expires_at) // _MINUTE)
        captured = min(max(minutes, SHORTEST_CAPTURE), LONGEST_CAPTURE)
        return {
            "automatic_expiry_period": captured,
            "manual_expiry_period": captured,
            "refund_speed": "normal",
        }

    def _by_id(self, order_id: str) -> reading.Entity | None:
        return self._if_known(lambda sdk: sdk.order.fetch(order_id, {}))

    def _by_receipt(self, reference: str) -> reading.Entity | None:
        receipt = {"receipt": reference}
        found = self._pages(LARGEST_PAGE, lambda sdk, page: sdk.order.all(receipt | page))
        ours = [each for each in found if each.get("receipt") == reference]
        return max(ours, key=_progress, default=None)

    def _attempt(self, payment: reading.Entity) -> Attempt:
        attempt = reading.attempt(payment)
        if not reading.has_refunds(payment):
            return attempt
        return reading.attempt(payment, self._refunds(attempt.attempt_id))

    def _refunds(self, payment_id: str) -> list[GatewayRefund]:
        found = self._pages(
            LARGEST_PAGE, lambda sdk, page: sdk.payment.fetch_multiple_refund(payment_id, page)
        )
        return [reading.refund(each) for each in found]

    def _pages(
        self, size: int, call: Callable[[Any, dict[str, Any]], Any]
    ) -> Iterator[reading.Entity]:
        """Every entity of a list, page by page. Raises errors.Unavailable where it has no end."""
        for number in range(MOST_PAGES):
            page = {"count": size, "skip": number * size}
            found = [*reading.items(self._ask(partial(_with_page, call, page)))]
            yield from found
            if len(found) < size:
                return
        raise errors.Unavailable(f"a list of more than {MOST_PAGES} pages")

    def _if_known(self, call: Callable[[Any], T]) -> T | None:
        try:
            return self._ask(call)
        except GatewayRefused as refused:
            if refused.code == _UNKNOWN:
                return None
            raise

    def _ask(self, call: Callable[[Any], T]) -> T:
        """Make a call with the SDK; once more with newer keys where the keys are refused."""
        keys = self._credentials.get()
        try:
            return call(self._sdk(keys))
        except KeyRefused:
            newer = self._credentials.newer_than(keys)
        if newer is None:
            raise errors.Unavailable(f"Razorpay does not know {keys.key_id}")
        try:
            return call(self._sdk(newer))
        except KeyRefused:
            raise errors.Unavailable(f"Razorpay does not know {newer.key_id}") from None

    def _sdk(self, keys: RazorpayKeys) -> Any:
        """The SDK's client of this thread, which no other may use."""
        known = getattr(self._of_this_thread, "client", None)
        if known is None or known[0] != keys:
            known = keys, _client(keys, self._url, *self._limits)
            self._of_this_thread.client = known
        return known[1]


def connect(settings: Settings, now: Callable[[], datetime]) -> Razorpay | None:
    """Razorpay with the keys that the settings name; None where they name none."""
    found = settings.payment_gateways.get("razorpay")
    if found is None:
        return None
    fetch = fetcher(found.secret, settings.region)
    return Razorpay(Credentials(fetch, reader(live=settings.is_live)), now, url=found.url)


def _client(keys: RazorpayKeys, url: str | None, read_seconds: float, body_seconds: float) -> Any:
    import certifi
    from razorpay import Client

    options = {} if url is None else {"base_url": url}
    auth = keys.key_id, keys.key_secret
    client = Client(session=Wire(read_seconds, body_seconds), auth=auth, **options)
    client.cert_path = certifi.where()  # the SDK's own list of authorities is not in the bundle
    return client


def _with_page(call: Callable[[Any, dict[str, Any]], Any], page: dict[str, Any], sdk: Any) -> Any:
    return call(sdk, page)


def _progress(order: reading.Entity) -> tuple[bool, int, int]:
    """How much was done on an order; of equals the first one is further."""
    attempts = reading.optional_number(order, "attempts") or 0
    created = reading.optional_number(order, "created_at") or 0
    return order.get("status") == "paid", attempts, -created


def _parsed(body: bytes) -> Any:
    """The JSON in a body; None where there is none."""
    try:
        return json.loads(body)
    except (ValueError, RecursionError):
        return None


def _event_id(headers: Mapping[str, str], body: bytes) -> str:
    named = headers.get("x-razorpay-event-id", "")
    return named if _EVENT_ID.fullmatch(named) else f"body-{hashlib.sha256(body).hexdigest()}"
