"""Dispatch a request to its route. API Gateway sends every method and every path to one function,
so that the same code decides here and in the local runtime: HEAD, OPTIONS, 404 and 405."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import cached_property
from typing import Any, Final

from chalice.app import Chalice, Request

from chalicelib.api.web import http
from chalicelib.api.web.answers import Answer, preflight, response
from chalicelib.api.web.routing import Match, Paths

EVERY_PATH: Final = "/{proxy+}"
"""The resource of the REST API for every path but `/`."""

Event = dict[str, Any]
"""A proxy event of a REST API (payload format 1.0)."""


class App(Chalice):
    """A Chalice app behind the method ANY of the resources `/` and EVERY_PATH."""

    @cached_property
    def _paths(self) -> Paths:
        return Paths(self.routes)

    def __call__(self, event: Event, context: Any) -> dict[str, Any]:
        """The answer for API Gateway. HEAD is answered as GET, without the body."""
        match = self._paths.match(_path(event))
        if match is None:
            return _not_found(event)
        methods, method = self.routes[match.resource], event["httpMethod"]
        if method in methods:
            return super().__call__(_routed(event, match, method), context)
        if method == "HEAD" and "GET" in methods:
            answer = super().__call__(_routed(event, match, "GET"), context)
            return {**answer, "body": "", "isBase64Encoded": False}
        return _preflight(event, methods) if method == "OPTIONS" else _not_allowed(event, methods)


def _path(event: Event) -> str:
    """What EVERY_PATH has captured: the path decoded, without the stage and without the base path
    of a custom domain."""
    captured: dict[str, str] = event["pathParameters"] or {}
    return f"/{captured['proxy']}" if "proxy" in captured else str(event["path"])


def _routed(event: Event, match: Match, method: str) -> dict[str, Any]:
    """The event as the gateway would send it for the route itself."""
    context = {**event["requestContext"], "resourcePath": match.resource, "httpMethod": method}
    return {
        **event,
        "resource": match.resource,
        "httpMethod": method,
        "pathParameters": match.parameters or None,
        "requestContext": context,
    }


def _preflight(event: Event, methods: Collection[str]) -> dict[str, Any]:
    request = Request(event)
    origin = http.origin(request)
    answer = preflight(methods, origin)
    return dict(response(answer, http.request_id(request), origin).to_dict())


def _not_found(event: Event) -> dict[str, Any]:
    message = "There is nothing at this address. /api/docs lists what there is."
    return _refused(event, 404, "NOT_FOUND", message, {})


def _not_allowed(event: Event, methods: Collection[str]) -> dict[str, Any]:
    allowed = {*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])}
    headers = {"Allow": ", ".join(sorted(allowed))}
    return _refused(event, 405, "METHOD_NOT_ALLOWED", "This method is not allowed here.", headers)


def _refused(
    event: Event, status: int, code: str, message: str, headers: Mapping[str, str]
) -> dict[str, Any]:
    request = Request(event)
    request_id = http.request_id(request)
    body = {"error": {"code": code, "message": message}, "request_id": request_id}
    answer = Answer(status, body, headers)
    return dict(response(answer, request_id, http.origin(request)).to_dict())
