"""The mounting of routes on a Chalice app, with the framework's own errors (400, 415, 500) in our
format."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from functools import partial
from importlib import import_module
from typing import Any

from chalice.app import CaseInsensitiveMapping, Request, Response

from chalicelib.api.web import callers, http
from chalicelib.api.web.answers import JSON, Answer, Plain, internal_error, response, unrefused
from chalicelib.api.web.dispatch import App, Shapes
from chalicelib.api.web.http import Routes
from chalicelib.api.web.route_index import Homes
from chalicelib.api.web.routing import Paths
from chalicelib.domain.core.languages import Language
from chalicelib.domain.core.sentence import say

_OWN_CODES = {400: "BAD_REQUEST", 415: "UNSUPPORTED_MEDIA_TYPE"}
_SAYS = {400: say("bad_request"), 415: say("unsupported_media_type")}


def mount(
    app: App, homes: Homes, every: Callable[[], Iterable[Routes]], shapes: Callable[[], Shapes]
) -> None:
    """Register the format of errors and the routes: those of `homes` when first called; where it is
    empty, `every` one at once."""
    app.homes = homes
    app.shapes = shapes
    app.middleware("http")(partial(_own_shape, app))
    if not homes:
        for routes in every():
            app.register_blueprint(routes)
    app.paths = Paths(homes or app.routes)


def load(app: App, first: Iterable[str]) -> None:
    """Load the modules `first` before the first request, and mount the routes that are in them."""
    homes = {home for methods in app.homes.values() for home in methods.values()}
    for name in first:
        vars(import_module(name))  # which runs it (infra/later.py)
        if name in homes:
            app.mount(name)


def _own_shape(app: App, request: Request, get_response: Callable[[Any], Response]) -> Response:
    """Convert the framework's own errors (400, 415, 500) to our format."""
    request.headers = CaseInsensitiveMapping({**dict(request.headers), **_presumed(request)})
    given = get_response(request)
    if not (isinstance(given.body, dict) and "Code" in given.body):
        return given
    its_id, shape = http.request_id(request), app.shape_of(request.context["resourcePath"])
    answer = _own_answer(given.status_code, its_id, shape, callers.accepted(request))
    return response(answer, its_id, http.origin(request))


def _presumed(request: Request) -> dict[str, str]:
    """Headers that Chalice must see: any Accept, because it would refuse a PNG otherwise, and JSON
    as the type of a request without body."""
    bodiless = request.method in ("GET", "DELETE")
    return {"accept": "*/*", **({"content-type": JSON} if bodiless else {})}


def _own_answer(status: int, request_id: str, shape: Plain, accepted: Language | None) -> Answer:
    if status not in _OWN_CODES:
        return internal_error(request_id, shape, accepted)
    return unrefused(
        status, _OWN_CODES[status], _SAYS[status], request_id, shape=shape, accepted=accepted
    )
