"""Asks a service of AWS, as a client of botocore does and at a twentieth of its cost.

Stages: encode, sign, send, again where that may help, decode. Whoever wants to know or to step in
registers a hook for an event: `provide-client-params` (params), `before-call` (may answer in the
service's place with a reply and what it says), `before-send` (request; may answer with a reply),
`after-call` (http_response, parsed). Why not botocore: docs/decisions/wire.md.
"""

from __future__ import annotations

import os
import random
import time
import zlib
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from botocore.exceptions import BotoCoreError, ChecksumError, ClientError, NoCredentialsError

from chalicelib.aws import signature
from chalicelib.aws.connection import Endpoint
from chalicelib.aws.services import Service, ServiceRequest
from chalicelib.aws.signature import Credentials

FIRST_PAUSE: Final = 0.05
"""Seconds before the second attempt, at most; twice as long before each further one."""

BUSY: Final = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "Throttling",
        "ThrottlingException",
        "TransactionInProgressException",
    }
)
"""What a service says that may soon take the same request. TransactionConflict is none of them:
whoever meets it must read anew."""

Hook = Callable[..., Any]
Answered = tuple[Any, dict[str, Any]]
"""A reply, and what it says."""

HOOKS: Final[list[tuple[str, Hook]]] = []
"""What every client that is made from now on listens to. The local engines sit here."""


@dataclass(frozen=True)
class Operation:
    """What an event is about."""

    name: str


@dataclass(frozen=True)
class Request:
    """What is about to be sent."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


class RequestHooks:
    """Hooks by the events they wait for: `before-call`, `before-call.ses`, and so on."""

    def __init__(self, hooks: Iterable[tuple[str, Hook]]) -> None:
        self._hooks = list(hooks)
        self._last: list[tuple[str, Hook]] = []

    def register(self, event: str, hook: Hook) -> None:
        self._hooks.append((event, hook))

    def register_first(self, event: str, hook: Hook) -> None:
        self._hooks.insert(0, (event, hook))

    def register_last(self, event: str, hook: Hook) -> None:
        self._last.append((event, hook))

    def unregister(self, event: str, hook: Hook) -> None:
        known = self._last if (event, hook) in self._last else self._hooks
        known.remove((event, hook))

    def emit(self, event: str, **facts: Any) -> Any:
        """Call those who wait for `event`, in order, until one answers with more than None."""
        for name, hook in (*self._hooks, *self._last):
            if f"{event}.".startswith(f"{name}."):
                answer = hook(event_name=event, **facts)
                if answer is not None:
                    return answer
        return None


@dataclass(frozen=True)
class Meta:
    """As on a client of botocore."""

    events: RequestHooks
    endpoint_url: str


class Client:
    """Asks `service` at `endpoint`, up to `attempts` times a call. Credentials are read from the
    environment, where Lambda puts them."""

    def __init__(
        self,
        service: Service,
        endpoint: Endpoint,
        *,
        region: str,
        attempts: int,
        pause: Callable[[float], None] = time.sleep,
        hooks: Iterable[tuple[str, Hook]] = HOOKS,
    ) -> None:
        self.endpoint = endpoint
        self.attempts = attempts
        self.meta = Meta(RequestHooks(hooks), endpoint.url)
        self._service = service
        self._scope = f"{region}/{service.name}"
        self._pause = pause

    def call(self, operation: str, params: dict[str, Any]) -> dict[str, Any]:
        """What the service answers. Raises botocore's ClientError for its refusals, and another
        BotoCoreError where it could not be asked."""
        about = Operation(operation)
        self._emit("provide-client-params", about, params=params)
        answered = self._emit("before-call", about, params=params)
        reply, parsed = answered or self._asked(about, params)
        self._emit("after-call", about, http_response=reply, parsed=parsed)
        if reply.status_code >= 300:
            raise ClientError(parsed, operation)
        told: dict[str, Any] = parsed
        return told

    def _emit(self, event: str, about: Operation, **facts: Any) -> Any:
        return self.meta.events.emit(
            f"{event}.{self._service.name}.{about.name}", model=about, **facts
        )

    def _asked(self, about: Operation, params: dict[str, Any]) -> Answered:
        asked = self._service.ask(about.name, params)
        for attempt in range(1, self.attempts):
            try:
                reply, parsed = self._once(about, asked)
                if not _may_pass(reply.status_code, parsed):
                    return reply, parsed
            except NoCredentialsError:
                raise
            except BotoCoreError:
                pass  # the next attempt may have a better connection
            self._pause(random.uniform(0, FIRST_PAUSE * 2 ** (attempt - 1)))  # noqa: S311 - jitter
        return self._once(about, asked)

    def _once(self, about: Operation, asked: ServiceRequest) -> Answered:
        method, path, body = asked.method, self.endpoint.path + asked.path, asked.body
        proved = self._proved(asked, path)
        request = Request(method, self.endpoint.url + asked.path, proved, body)
        answered = self._emit("before-send", about, request=request)
        reply = answered if answered is not None else self.endpoint.send(method, path, proved, body)
        return reply, self._parsed(reply)

    def _proved(self, asked: ServiceRequest, path: str) -> dict[str, str]:
        return signature.signed(
            {**asked.headers, "host": self.endpoint.host},
            asked.body,
            self._credentials,
            scope=self._scope,
            at=time.time(),
            method=asked.method,
            path=path,
        )

    def _parsed(self, reply: Any) -> dict[str, Any]:
        _check(reply)
        if reply.status_code < 300:
            return self._service.answer(reply.content)
        headers = {name.lower(): value for name, value in reply.headers.items()}
        facts = {"HTTPStatusCode": reply.status_code, "HTTPHeaders": headers}
        return {**self._error(reply.content), "ResponseMetadata": facts}

    def _error(self, content: bytes) -> dict[str, Any]:
        """What a machine between us and the service says is none of the service's words."""
        try:
            return self._service.error(content)
        except (ValueError, LookupError, SyntaxError):
            return {"Error": {"Code": "ServiceUnavailable", "Message": ""}}

    @cached_property
    def _credentials(self) -> Credentials:
        key_id = os.environ.get("AWS_ACCESS_KEY_ID")
        secret = os.environ.get("AWS_SECRET_ACCESS_KEY")
        if not (key_id and secret):
            raise NoCredentialsError()
        return Credentials(key_id, secret, os.environ.get("AWS_SESSION_TOKEN"))


def _may_pass(status: int, parsed: Mapping[str, Any]) -> bool:
    return status >= 500 or (status >= 400 and parsed["Error"]["Code"] in BUSY)


def _check(reply: Any) -> None:
    """DynamoDB says what its answer sums up to. Raises ChecksumError."""
    expected = reply.headers.get("x-amz-crc32")
    if expected and int(expected) != zlib.crc32(reply.content):
        raise ChecksumError(
            checksum_type="crc32", expected_checksum=expected, actual_checksum="another"
        )
