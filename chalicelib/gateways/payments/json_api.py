"""Calls of a payment gateway's JSON API, without trust in what it answers: over HTTPS with a
checked certificate, within limits of time and size, no redirect followed, each call made once."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from botocore.exceptions import BotoCoreError

from chalicelib.aws.connection import Endpoint
from chalicelib.domain.core import errors
from chalicelib.domain.realtime.webhook_target import target
from chalicelib.gateways.payments.protocol import GatewayRefused

CONNECT_SECONDS: Final = 2
READ_SECONDS: Final = 5

CALL_SECONDS: Final = 8
"""Limit of a whole call once it is connected: an answer may come byte by byte."""

LARGEST_ANSWER: Final = 256 * 1024
"""Bytes. The order of a customer who tried thirty times to pay has a tenth of it."""

RETRY_AFTER: Final = 30
"""Seconds before the next attempt after a gateway did not answer."""

LONGEST_TEXT: Final = 200

BUSY: Final = frozenset({408, 409, 425, 429})
"""Statuses below 500 after which the same call may succeed."""

NOT_FINAL: Final = frozenset(
    {"INTERNAL_SERVER_ERROR", "SERVICE_UNAVAILABLE", "TIMED_OUT", "TOO_MANY_REQUESTS"}
)
"""Codes that say nothing about the effect of a call, at any status."""

Answer = Mapping[str, Any]


class NotSignedIn(errors.Unavailable):
    """The gateway does not take the key or the token of a call, which had no effect."""


class NotKnown(GatewayRefused):
    """What the call names is unknown to the gateway (404)."""


class JsonApi:
    """The API at `url`: https at its usual port, or http at 127.0.0.1 for the local runtime.
    Raises errors.Invalid for any other URL."""

    def __init__(
        self,
        url: str,
        *,
        connect_seconds: float = CONNECT_SECONDS,
        read_seconds: float = READ_SECONDS,
        call_seconds: float = CALL_SECONDS,
    ) -> None:
        target(url, loopback=True)
        self._endpoint = Endpoint(
            url,
            connect_seconds=connect_seconds,
            read_seconds=read_seconds,
            call_seconds=call_seconds,
            largest=LARGEST_ANSWER,
        )

    def get(self, path: str, headers: Mapping[str, str]) -> Answer:
        """The answer to a GET. Raises as `send` does."""
        return self.send("GET", path, {"accept": "application/json", **headers}, b"")

    def post(self, path: str, headers: Mapping[str, str], content: Mapping[str, Any]) -> Answer:
        """The answer to a POST of JSON. Raises as `send` does."""
        body = json.dumps(content).encode()
        return self.send("POST", path, {"content-type": "application/json", **headers}, body)

    def send(self, method: str, path: str, headers: Mapping[str, str], body: bytes) -> Answer:
        """The object in the answer to a call. Raises GatewayRefused (NotKnown) where the gateway
        refuses it with a code, NotSignedIn, and errors.Unavailable for everything else."""
        endpoint = self._endpoint
        try:
            reply = endpoint.send(method, endpoint.path + path, headers, body)
        except BotoCoreError as problem:
            raise unavailable(type(problem).__name__) from None
        return _checked(reply.status_code, _object(reply.content))


def unavailable(cause: str) -> errors.Unavailable:
    """The error for a call that got no answer of use."""
    return errors.Unavailable(cause, retry_after=RETRY_AFTER)


def code_of(answer: Answer) -> str | None:
    """The code of an answer, None without one.

    >>> code_of({"code": "PAYMENT_PENDING"}), code_of({"code": 7})
    ('PAYMENT_PENDING', None)
    """
    code = answer.get("code", answer.get("errorCode"))
    return code[:LONGEST_TEXT] if isinstance(code, str) and code else None


def _checked(status: int, answer: Answer | None) -> Answer:
    code = None if answer is None else code_of(answer)
    if status == 401 or (status != 200 and code == "AUTHORIZATION_FAILED"):
        raise NotSignedIn(f"status {status}", retry_after=RETRY_AFTER)
    if answer is None or status in BUSY or (status != 200 and code in NOT_FINAL):
        raise unavailable(f"status {status}")
    if 200 <= status < 300:
        return answer
    if 400 <= status < 500 and code is not None:
        text = str(answer.get("message", ""))[:LONGEST_TEXT]
        raise (NotKnown if status == 404 else GatewayRefused)(code, text)
    raise unavailable(f"status {status}")


def _object(content: bytes) -> Answer | None:
    """The JSON object in an answer; None for anything else."""
    try:
        found = json.loads(content)
    except (ValueError, RecursionError):
        return None
    return found if isinstance(found, dict) else None
