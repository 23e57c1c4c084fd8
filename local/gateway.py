"""API Gateway for one app: an HTTP request becomes the event of a REST API whose method ANY takes
every path, and the app's answer a response. Which route is meant, the app decides."""

from __future__ import annotations

import base64
import gzip
import json
import logging
import re
import threading
import time
import uuid
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qs, unquote

from chalice.app import Chalice

from chalicelib.api.web.dispatch import EVERY_PATH
from local.invocation import ACCOUNT, Context

log = logging.getLogger("local.gateway")

SMALLEST_COMPRESSED: Final = 1024
"""Bytes: the `MinimumCompressionSize` of the deployed API (infra/template.yaml)."""

_REFUSED: Final = re.compile(r"q=0(\.0*)?")

Headers = tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class HttpRequest:
    """A request as it came over the wire. `target` is path and query."""

    method: str
    target: str
    headers: Headers = ()
    body: bytes = b""
    address: str = "127.0.0.1"

    @property
    def path(self) -> str:
        return self.target.partition("#")[0].partition("?")[0] or "/"

    @property
    def query(self) -> dict[str, list[str]]:
        query = self.target.partition("#")[0].partition("?")[2]
        return parse_qs(query, keep_blank_values=True)

    def header(self, name: str) -> str:
        """The last value of a header, or an empty text."""
        return next((v for n, v in reversed(self.headers) if n.lower() == name.lower()), "")


@dataclass(frozen=True)
class HttpResponse:
    """An answer ready for the wire."""

    status: int
    body: bytes = b""
    headers: Headers = field(default=())


def json_response(status: int, value: Any, headers: Iterable[tuple[str, str]] = ()) -> HttpResponse:
    """`value` as JSON."""
    body = json.dumps(value, ensure_ascii=False).encode()
    return HttpResponse(status, body, (("Content-Type", "application/json"), *headers))


def refusal(
    status: int, code: str, message: str, fields: Mapping[str, str] | None = None
) -> HttpResponse:
    """An answer in the API's error shape (docs/errors.md) with a request id of its own."""
    request_id = str(uuid.uuid4())
    error: dict[str, Any] = {"code": code, "message": message}
    if fields:
        error["fields"] = dict(fields)
    shown = {"error": error, "request_id": request_id}
    return json_response(status, shown, [("X-Request-Id", request_id)])


class Gateway:
    """Calls a Chalice app as API Gateway and Lambda would, from any number of threads."""

    def __init__(self, app: Chalice) -> None:
        self._app = one_request_a_thread(app)

    def handle(self, request: HttpRequest) -> HttpResponse:
        """The app's answer. A crash of the app is logged and answered 502, never shown."""
        return self._invoke(_event(request))

    def _invoke(self, event: dict[str, Any]) -> HttpResponse:
        context = Context("berth-local-api", aws_request_id=event["requestContext"]["requestId"])
        try:
            return compressed(_response(self._app(event, context)), _accepted(event))
        except Exception:
            log.exception("the app crashed on %s %s", event["httpMethod"], event["path"])
            return refusal(502, "INTERNAL_ERROR", "Something went wrong on our side.")


def one_request_a_thread(app: Chalice) -> Chalice:
    """Let `current_request` and `lambda_context` of `app` belong to the thread that asks.

    Lambda runs one request at a time in a process, so Chalice keeps them on the app.
    """
    kind = type(app)
    if not hasattr(kind, "_of_this_thread"):
        app.__class__ = type(
            kind.__name__,
            (kind,),
            {
                "_of_this_thread": threading.local(),
                "current_request": _thread_property("current_request"),
                "lambda_context": _thread_property("lambda_context"),
            },
        )
    return app


def _thread_property(name: str) -> property:
    def read(app: Any) -> Any:
        return getattr(app._of_this_thread, name, None)

    def write(app: Any, value: Any) -> None:
        setattr(app._of_this_thread, name, value)

    return property(read, write)


def _event(request: HttpRequest) -> dict[str, Any]:
    query, path = request.query, request.path
    resource = "/" if path == "/" else EVERY_PATH
    proxy = {"proxy": unquote(path.removeprefix("/"))}
    return {
        "resource": resource,
        "path": path,
        "httpMethod": request.method,
        "headers": dict(request.headers),
        "multiValueHeaders": _grouped(request.headers),
        "queryStringParameters": {name: values[-1] for name, values in query.items()} or None,
        "multiValueQueryStringParameters": query or None,
        "pathParameters": None if resource == "/" else proxy,
        "stageVariables": None,
        "requestContext": _request_context(request, resource),
        "body": base64.b64encode(request.body).decode() if request.body else None,
        "isBase64Encoded": bool(request.body),  # the deployed API takes every type as binary
    }


def _request_context(request: HttpRequest, resource: str) -> dict[str, Any]:
    return {
        "accountId": ACCOUNT,
        "apiId": "local",
        "domainName": request.header("host"),
        "httpMethod": request.method,
        "identity": {
            "sourceIp": request.address,
            "userAgent": request.header("user-agent") or None,
        },
        "path": request.path,
        "protocol": "HTTP/1.1",
        "requestId": str(uuid.uuid4()),
        "requestTime": f"{datetime.now(UTC):%d/%b/%Y:%H:%M:%S +0000}",
        "requestTimeEpoch": int(time.time() * 1000),
        "resourceId": "local",
        "resourcePath": resource,
        "stage": "local",
    }


def _grouped(headers: Headers) -> dict[str, list[str]]:
    grouped: dict[str, list[str]] = {}
    for name, value in headers:
        grouped.setdefault(name, []).append(value)
    return grouped


def _response(answer: Mapping[str, Any]) -> HttpResponse:
    body = answer.get("body") or ""
    encoded = base64.b64decode(body) if answer.get("isBase64Encoded") else body.encode()
    headers = [*(answer.get("headers") or {}).items()]
    for name, values in (answer.get("multiValueHeaders") or {}).items():
        headers += [(name, value) for value in values]
    if encoded and not any(name.lower() == "content-type" for name, _ in headers):
        headers.append(("Content-Type", "application/json"))
    return HttpResponse(answer["statusCode"], encoded, tuple(headers))


def _accepted(event: Mapping[str, Any]) -> str:
    """The `Accept-Encoding` of a request."""
    lines = (v for n, v in event["multiValueHeaders"].items() if n.lower() == "accept-encoding")
    return ",".join(value for values in lines for value in values)


def compressed(response: HttpResponse, accepted: str) -> HttpResponse:
    """The answer as the gateway sends it: with gzip where `accepted` names it and the body is
    large. A tag is weak, so it stays the same (RFC 9110, 8.8.3.3)."""
    is_encoded = any(name.lower() == "content-encoding" for name, _ in response.headers)
    if is_encoded or len(response.body) < SMALLEST_COMPRESSED or not _names_gzip(accepted):
        return response
    headers = (*response.headers, ("Content-Encoding", "gzip"))
    return replace(response, body=gzip.compress(response.body, mtime=0), headers=headers)


def _names_gzip(accepted: str) -> bool:
    for coding in accepted.lower().split(","):
        name, *parameters = (part.replace(" ", "") for part in coding.split(";"))
        if name == "gzip":
            return not any(_REFUSED.fullmatch(each) for each in parameters)
    return False
