"""Dispatch a request to its route. API Gateway sends every method and every path to one function,
so that the same code decides here and in the local runtime: HEAD, OPTIONS, 404 and 405."""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import replace
from functools import cached_property
from importlib import import_module
from typing import Any, Final

from chalice.app import Chalice, Request

from chalicelib.api.web import callers, http
from chalicelib.api.web.answers import Plain, plain, preflight, response, unrefused
from chalicelib.api.web.route_index import Homes
from chalicelib.api.web.routing import Match, Paths
from chalicelib.domain.core.sentence import Sentence, say

EVERY_PATH: Final = "/{proxy+}"
"""The resource of the REST API for every path but `/`."""

Event = dict[str, Any]
"""A proxy event of a REST API (payload format 1.0)."""

Shapes = Mapping[str, Plain]
"""Shapes of refusals, by the first part of the path."""


class App(Chalice):
    """A Chalice app behind the method ANY of the resources `/` and EVERY_PATH. `paths` are those of
    its routes, `homes` those of routes that are mounted when first called. `shapes` returns those
    of its own refusals."""

    homes: Homes = {}
    shapes: Callable[[], Shapes] = dict

    @cached_property
    def paths(self) -> Paths:
        return Paths(self.homes or self.routes)

    @cached_property
    def _mounted(self) -> set[str]:
        """The homes whose routes are mounted."""
        return set()

    def mount(self, home: str) -> None:
        """Register the routes that the module `home` declares, unless they are."""
        if home not in self._mounted:
            self.register_blueprint(import_module(home).routes)
            self._mounted.add(home)

    def __call__(self, event: Event, context: Any) -> dict[str, Any]:
        """The answer for API Gateway. HEAD is answered as GET, without the body."""
        match = self.paths.match(_path(event))
        if match is None:
            return _not_found(event, self.shape_of(_path(event)))
        methods: Collection[str] = (self.homes or self.routes)[match.resource]
        method = event["httpMethod"]
        if method in methods:
            return self._answer(event, match, method, context)
        if method == "HEAD" and "GET" in methods:
            answer = self._answer(event, match, "GET", context)
            return {**answer, "body": "", "isBase64Encoded": False}
        if method == "OPTIONS":
            return _preflight(event, methods)
        return _not_allowed(event, methods, self.shape_of(match.resource))

    def _answer(self, event: Event, match: Match, method: str, context: Any) -> dict[str, Any]:
        """The answer of the route itself."""
        if self.homes:
            self.mount(self.homes[match.resource][method])
        answer: dict[str, Any] = super().__call__(_routed(event, match, method), context)
        return answer

    def shape_of(self, path: str) -> Plain:
        """The shape of its own refusals at a path."""
        found = (
            shape
            for start, shape in self.shapes().items()
            if path == start or path.startswith(f"{start}/")
        )
        return next(found, plain)


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


def _not_found(event: Event, shape: Plain) -> dict[str, Any]:
    return _refused(event, 404, "NOT_FOUND", say("no_such_address"), shape=shape, headers={})


def _not_allowed(event: Event, methods: Collection[str], shape: Plain) -> dict[str, Any]:
    allowed = {*methods, "OPTIONS", *(["HEAD"] if "GET" in methods else [])}
    headers = {"Allow": ", ".join(sorted(allowed))}
    message = say("method_not_allowed")
    return _refused(event, 405, "METHOD_NOT_ALLOWED", message, shape=shape, headers=headers)


def _refused(
    event: Event,
    status: int,
    code: str,
    message: Sentence,
    *,
    shape: Plain,
    headers: Mapping[str, str],
) -> dict[str, Any]:
    request = Request(event)
    request_id, accepted = http.request_id(request), callers.accepted(request)
    answer = unrefused(status, code, message, request_id, shape=shape, accepted=accepted)
    answer = replace(answer, headers={**answer.headers, **headers})
    return dict(response(answer, request_id, http.origin(request)).to_dict())
