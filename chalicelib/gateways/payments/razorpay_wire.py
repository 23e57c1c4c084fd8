"""The wire below Razorpay's SDK. The SDK asks it for an answer as it would ask a session of
`requests`.

The SDK sets no time limit, keeps nothing of an error but its text, and prints about what it cannot
read. So limits stand here, and what is not an answer becomes an error before the SDK sees it.
"""

from __future__ import annotations

import json
import time
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final

from chalicelib.domain.core import errors
from chalicelib.gateways.payments.protocol import GatewayRefused

if TYPE_CHECKING:
    import requests

CONNECT_SECONDS: Final = 2
READ_SECONDS: Final = 5

BODY_SECONDS: Final = 8
"""For the whole body of an answer; the time limit of a read starts anew with each byte."""

LARGEST_ANSWER: Final = 4 * 1024 * 1024
"""Bytes. A page of a thousand settled payments has a quarter of it."""

RETRY_AFTER: Final = 10
"""Seconds until the next attempt, where Razorpay is busy and names no time."""

LONGEST_WAIT: Final = 3600

_CHUNK: Final = 64 * 1024
_BUSY: Final = frozenset({408, 425, 429})
_IN_PROGRESS: Final = "in progress"
_BAD_KEY: Final = ("the api key", "the api {key", "authentication failed")


class KeyRefused(Exception):
    """Razorpay does not know the key. The call had no effect."""


@dataclass(frozen=True)
class Answer:
    """An answer as the SDK reads it: status and JSON object."""

    status_code: int
    value: dict[str, Any]

    def json(self) -> dict[str, Any]:
        return self.value


class Wire:
    """The methods of a session that the SDK calls. Each sends once, follows no redirect, and raises
    KeyRefused, GatewayRefused, errors.Unavailable."""

    def __init__(
        self, read_seconds: float = READ_SECONDS, body_seconds: float = BODY_SECONDS
    ) -> None:
        import requests

        self._limits = CONNECT_SECONDS, read_seconds
        self._body_seconds = body_seconds
        self._session = requests.Session()
        self._session.trust_env = False  # neither proxies nor .netrc of the environment

    def get(self, url: str, **options: Any) -> Answer:
        return self._send("GET", url, options)

    def post(self, url: str, **options: Any) -> Answer:
        return self._send("POST", url, options)

    def _send(self, method: str, url: str, options: dict[str, Any]) -> Answer:
        import requests
        from urllib3.exceptions import HTTPError

        verify = options.pop("verify")
        try:
            asked = self._session.prepare_request(requests.Request(method, url, **options))
            adapter = self._session.get_adapter(url)  # a session itself reads where redirects lead
            with adapter.send(asked, stream=True, timeout=self._limits, verify=verify) as reply:
                body = _body(reply, self._body_seconds)
        except (requests.RequestException, HTTPError) as error:
            raise errors.Unavailable(type(error).__name__) from None
        return _answer(reply, _object(body))


def _body(reply: requests.Response, seconds: float) -> bytes:
    body, ends = bytearray(), time.monotonic() + seconds
    while chunk := reply.raw.read1(_CHUNK, decode_content=True):
        body += chunk
        if len(body) > LARGEST_ANSWER:
            raise errors.Unavailable(f"an answer of more than {LARGEST_ANSWER} bytes")
        if time.monotonic() > ends:
            raise errors.Unavailable(f"an answer of more than {seconds} seconds")
    return bytes(body)


def _object(body: bytes) -> dict[str, Any] | None:
    """The JSON object in a body; None where there is another thing."""
    try:
        found = json.loads(body)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None


def _answer(reply: requests.Response, value: dict[str, Any] | None) -> Answer:
    status = reply.status_code
    if status in _BUSY:
        raise errors.Unavailable(f"HTTP {status}", retry_after=_wait(reply))
    if status >= 500 or value is None:
        raise errors.Unavailable(f"HTTP {status}{' without JSON' * (value is None)}")
    if status < 300:
        return Answer(status, value)
    raise _refusal(status, value)


def _refusal(status: int, value: dict[str, Any]) -> Exception:
    error = value.get("error")
    found = error if isinstance(error, dict) else {}
    code, text = str(found.get("code") or f"HTTP_{status}"), str(found.get("description") or "")
    in_words = text.lower()
    if status == 401 or in_words.startswith(_BAD_KEY):
        return KeyRefused(text)
    if status < 400 or (status == 409 and _IN_PROGRESS in in_words):
        return errors.Unavailable(f"HTTP {status}", retry_after=RETRY_AFTER)
    return GatewayRefused(code, text)


def _wait(reply: requests.Response) -> int:
    """The seconds that an answer asks us to wait."""
    named = reply.headers.get("Retry-After", "").strip()
    is_number = named.isascii() and named.isdigit() and len(named) < 10
    return min(int(named), LONGEST_WAIT) if is_number else RETRY_AFTER
