"""The mounting of routes on a Chalice app, with the framework's own errors (400, 415, 500) in our
format."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Any

from chalice.app import CaseInsensitiveMapping, Chalice, Request, Response

from chalicelib.api.web import http
from chalicelib.api.web.answers import JSON, Answer, internal_error, response
from chalicelib.api.web.http import Routes

_OWN_CODES = {400: "BAD_REQUEST", 415: "UNSUPPORTED_MEDIA_TYPE"}
_MESSAGES = {400: "The request cannot be understood.", 415: "Send application/json."}


def mount(app: Chalice, all_routes: Iterable[Routes]) -> None:
    """Register every Blueprint, and the format of errors."""
    for routes in all_routes:
        app.register_blueprint(routes)
    app.middleware("http")(own_shape)


def own_shape(request: Request, get_response: Callable[[Any], Response]) -> Response:
    """Convert the framework's own errors (400, 415, 500) to our format."""
    request.headers = CaseInsensitiveMapping({**dict(request.headers), **_presumed(request)})
    given = get_response(request)
    if not (isinstance(given.body, dict) and "Code" in given.body):
        return given
    its_id = http.request_id(request)
    return response(_own_answer(given.status_code, its_id), its_id, http.origin(request))


def _presumed(request: Request) -> dict[str, str]:
    """Headers that Chalice must see: any Accept, because it would refuse a PNG otherwise, and JSON
    as the type of a request without body."""
    bodiless = request.method in ("GET", "DELETE")
    return {"accept": "*/*", **({"content-type": JSON} if bodiless else {})}


def _own_answer(status: int, request_id: str) -> Answer:
    if status not in _OWN_CODES:
        return internal_error(request_id)
    error = {"code": _OWN_CODES[status], "message": _MESSAGES[status]}
    return Answer(status, {"error": error, "request_id": request_id})
