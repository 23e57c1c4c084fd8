"""The app behind its gateway as a WSGI application, for tools that call one."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any
from urllib.parse import quote

from local.gateway import Gateway, HttpRequest


def application(gateway: Gateway) -> Callable[..., Iterable[bytes]]:
    """Requests in the same process, without a port."""

    def handle(environ: dict[str, Any], start: Callable[..., Any]) -> Iterable[bytes]:
        answer = gateway.handle(_request(environ))
        start(f"{answer.status} -", list(answer.headers))
        return [answer.body]

    return handle


def _request(environ: dict[str, Any]) -> HttpRequest:
    path = quote(environ["PATH_INFO"].encode("latin-1"))
    query = environ["QUERY_STRING"]
    headers = [
        (name.removeprefix("HTTP_").replace("_", "-").title(), value)
        for name, value in environ.items()
        if name.startswith("HTTP_") or (name == "CONTENT_TYPE" and value)
    ]
    return HttpRequest(
        environ["REQUEST_METHOD"],
        f"{path}?{query}" if query else path,
        tuple(headers),
        environ["wsgi.input"].read(),
    )
