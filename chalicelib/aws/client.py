"""A client of an AWS service: like one of botocore, at a twentieth of its cost.

Stages: encode, sign, send, retry transient failures, decode. Hooks observe or replace a call, as in
botocore: `provide-client-params` (params), `before-call` (may return a reply and its parsed
content), `before-send` (request; may return a reply), `after-call` (http_response, parsed). Why not
botocore: docs/decisions/wire.md.
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
"""The longest pause before the second attempt, in seconds; doubled before each further one."""

RETRYABLE: Final = frozenset(
    {
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "Throttling",
        "ThrottlingException",
        "TransactionInProgressException",
    }
)
"""Error codes after which the same request may succeed. TransactionConflict is not one of them: it
needs a new read."""

Hook = Callable[..., Any]
ParsedReply = tuple[Any, dict[str, Any]]
"""A reply and its parsed content."""

HOOKS: Final[list[tuple[str, Hook]]] = []
"""Hooks of all clients created later: the local runtime and the tests add theirs."""


@dataclass(frozen=True)
class Operation:
    """The operation of a call, as hooks receive it (`model`)."""

    name: str


@dataclass(frozen=True)
class Request:
    """A signed request, as hooks of `before-send` receive it."""

    method: str
    url: str
    headers: dict[str, str]
    body: bytes


class RequestHooks:
    """Hooks by event name. A hook for `before-call` gets the events of all services, one for
    `before-call.ses` those of SES."""

    def __init__(self, hooks: Iterable[tuple[str, Hook]]) -> None:
        self._hooks = list(hooks)
        self._last: list[tuple[str, Hook]] = []

    def __bool__(self) -> bool:
        return bool(self._hooks or self._last)

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
        """Call the hooks of `event` in order, until one returns a value other than None."""
        for name, hook in (*self._hooks, *self._last):
            if f"{event}.".startswith(f"{name}."):
                answer = hook(event_name=event, **facts)
                if answer is not None:
                    return answer
        return None


@dataclass(frozen=True)
class Meta:
    """The attribute `meta` of a botocore client."""

    events: RequestHooks
    endpoint_url: str


class Client:
    """A client of `service` at `endpoint`, with up to `attempts` attempts per call. The credentials
    are those of the environment variables that Lambda sets."""

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
        """The answer of the service. Raises ClientError of botocore for an error of the service,
        and another BotoCoreError where the service was not reached."""
        model = Operation(operation)
        self._emit("provide-client-params", model, params=params)
        answer = self._emit("before-call", model, params=params)
        reply, parsed = answer or self._send_with_retries(model, params)
        self._emit("after-call", model, http_response=reply, parsed=parsed)
        if reply.status_code >= 300:
            raise ClientError(parsed, operation)
        result: dict[str, Any] = parsed
        return result

    def _emit(self, event: str, model: Operation, **facts: Any) -> Any:
        hooks = self.meta.events
        if not hooks:
            return None
        return hooks.emit(f"{event}.{self._service.name}.{model.name}", model=model, **facts)

    def _send_with_retries(self, model: Operation, params: dict[str, Any]) -> ParsedReply:
        encoded = self._service.encode(model.name, params)
        for attempt in range(1, self.attempts):
            try:
                reply, parsed = self._attempt(model, encoded)
                if not _is_transient(reply.status_code, parsed):
                    return reply, parsed
            except NoCredentialsError:
                raise
            except BotoCoreError:
                pass  # the next attempt may have a better connection
            self._pause(random.uniform(0, FIRST_PAUSE * 2 ** (attempt - 1)))  # noqa: S311 - jitter
        return self._attempt(model, encoded)

    def _attempt(self, model: Operation, encoded: ServiceRequest) -> ParsedReply:
        method, path, body = encoded.method, self.endpoint.path + encoded.path, encoded.body
        headers = self._signed_headers(encoded, path)
        request = Request(method, self.endpoint.url + encoded.path, headers, body)
        answer = self._emit("before-send", model, request=request)
        reply = answer if answer is not None else self.endpoint.send(method, path, headers, body)
        return reply, self._parsed(reply)

    def _signed_headers(self, encoded: ServiceRequest, path: str) -> dict[str, str]:
        return signature.signed(
            {**encoded.headers, "host": self.endpoint.host},
            encoded.body,
            self._credentials,
            scope=self._scope,
            at=time.time(),
            method=encoded.method,
            path=path,
        )

    def _parsed(self, reply: Any) -> dict[str, Any]:
        _check_crc32(reply)
        if reply.status_code < 300:
            return self._service.decode(reply.content)
        headers = {name.lower(): value for name, value in reply.headers.items()}
        facts = {"HTTPStatusCode": reply.status_code, "HTTPHeaders": headers}
        return {**self._error(reply.content), "ResponseMetadata": facts}

    def _error(self, content: bytes) -> dict[str, Any]:
        """The error in a reply; ServiceUnavailable where a proxy answered in another format."""
        try:
            return self._service.decode_error(content)
        except (ValueError, LookupError, SyntaxError):
            return {"Error": {"Code": "ServiceUnavailable", "Message": ""}}

    @cached_property
    def _credentials(self) -> Credentials:
        key_id = os.environ.get("AWS_ACCESS_KEY_ID")
        secret = os.environ.get("AWS_SECRET_ACCESS_KEY")
        if not (key_id and secret):
            raise NoCredentialsError()
        return Credentials(key_id, secret, os.environ.get("AWS_SESSION_TOKEN"))


def _is_transient(status: int, parsed: Mapping[str, Any]) -> bool:
    return status >= 500 or (status >= 400 and parsed["Error"]["Code"] in RETRYABLE)


def _check_crc32(reply: Any) -> None:
    """Check the checksum that DynamoDB sends. Raises ChecksumError."""
    expected = reply.headers.get("x-amz-crc32")
    if expected and int(expected) != zlib.crc32(reply.content):
        raise ChecksumError(
            checksum_type="crc32", expected_checksum=expected, actual_checksum="another"
        )
