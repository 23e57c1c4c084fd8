"""The emulated gateways and their real adapters in one process: calls go to the emulator directly,
not over a socket, and each passes a hook on its way."""

from __future__ import annotations

import contextlib
import hashlib
import hmac
import io
import json
from collections.abc import Callable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any, Final
from unittest import mock
from urllib.parse import urlsplit

import requests
import urllib3
from requests.adapters import HTTPAdapter

from chalicelib.aws.connection import Reply
from chalicelib.gateways.payments import json_api
from chalicelib.gateways.payments.credentials import Credentials
from chalicelib.gateways.payments.phonepe import PhonePe
from chalicelib.gateways.payments.phonepe_token import Token
from chalicelib.gateways.payments.razorpay import Razorpay
from chalicelib.gateways.payments.razorpay_keys import reader
from local.gateway import HttpRequest, HttpResponse
from local.payments.deliveries import Deliveries
from local.payments.phonepe import API, SIGN_IN, Merchant, PhonePeEmulator
from local.payments.razorpay import RazorpayEmulator
from tests.clock import Clock
from tests.phonepe import KEYS, KEYS_V1, LOGIN, FixedKeys
from tests.razorpay import SECRET

HOST: Final = "http://127.0.0.1:9"
WEBHOOK: Final = "https://berth.example.com/webhook"

Answer = Callable[[HttpRequest], HttpResponse]
Hook = Callable[[Callable[[], HttpResponse]], HttpResponse]
Letter = tuple[tuple[tuple[str, str], ...], bytes]
"""Headers, with their names in lower case, and body of a message."""

PHONEPE_PROOF: Final = hashlib.sha256(LOGIN.encode()).hexdigest()
"""The header of PhonePe's messages."""

FOREVER: Final = datetime(2200, 1, 1, tzinfo=UTC)


class Tray(Deliveries):
    """Messages that are taken by hand."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        super().__init__(lambda *_: None, now)

    def deliver_due(self) -> int:
        return 0

    def taken(self) -> tuple[Letter, ...]:
        """The messages since the last look."""
        found = tuple(
            (
                tuple((name.lower(), text) for name, text in each["headers"].items()),
                each["body"].encode(),
            )
            for each in self.dump()
        )
        self.load([])
        return found


@contextlib.contextmanager
def razorpay(clock: Clock, hook: Hook) -> Iterator[tuple[RazorpayEmulator, Razorpay]]:
    """Razorpay's emulator and the adapter that asks it, through its SDK."""
    emulator = RazorpayEmulator(reader(live=False)(SECRET), WEBHOOK, clock.now, Tray(clock.now))
    adapter = _InProcess(lambda asked: hook(lambda: emulator.handle(asked, asked.path)))
    credentials = Credentials(lambda: json.dumps(SECRET), reader(live=False), steady=lambda: 0.0)
    with mock.patch.object(requests.Session, "get_adapter", return_value=adapter):
        yield emulator, Razorpay(credentials, clock.now, url=HOST)


@contextlib.contextmanager
def phonepe(clock: Clock, hook: Hook) -> Iterator[tuple[PhonePeEmulator, PhonePe]]:
    """PhonePe's emulator and the adapter that asks it. Its token is at hand."""
    merchant = Merchant(KEYS, KEYS_V1, WEBHOOK)
    emulator = PhonePeEmulator(HOST, merchant, clock.now, Tray(clock.now))
    emulator.book.tokens["forever"] = int(FOREVER.timestamp())
    _Endpoint.answer = lambda asked: hook(lambda: emulator.handle(asked, asked.path))
    with mock.patch.object(json_api, "Endpoint", _Endpoint):
        keys, urls = FixedKeys(KEYS), {"api_url": HOST + API, "sign_in_url": HOST + SIGN_IN}
        adapter = PhonePe(keys, now=clock.now, **urls)
        adapter._tokens._token = Token("forever", FOREVER, FOREVER)
        yield emulator, adapter


def signed(secret: str, body: bytes) -> str:
    """The signature of a message of Razorpay."""
    return hmac.new(secret.encode(), body, hashlib.sha256).hexdigest()


class _InProcess(HTTPAdapter):
    """What `requests` sends a request with."""

    def __init__(self, answer: Answer) -> None:
        super().__init__()
        self._answer = answer

    def send(self, request: requests.PreparedRequest, *_: Any, **__: Any) -> requests.Response:
        assert request.method is not None
        assert request.url is not None
        found = self._answer(
            HttpRequest(
                request.method,
                _target(request.url),
                tuple((name, str(value)) for name, value in request.headers.items()),
                _bytes(request.body),
            )
        )
        raw = urllib3.HTTPResponse(
            io.BytesIO(found.body), dict(found.headers), found.status, preload_content=False
        )
        return self.build_response(request, raw)


class _Endpoint:
    """What the JSON API sends a request with."""

    answer: Answer

    def __init__(self, url: str, **_: object) -> None:
        self.url, self.path = url, urlsplit(url).path

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Reply:
        asked = HttpRequest(method, path, tuple(headers.items()), body)
        found = type(self).answer(asked)
        return Reply(self.url, found.status, dict(found.headers), found.body)


def _bytes(body: object) -> bytes:
    if isinstance(body, str):
        return body.encode()
    assert isinstance(body, bytes | None)
    return body or b""


def _target(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path
