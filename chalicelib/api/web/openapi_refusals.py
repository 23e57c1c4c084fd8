"""The refusals of a route in the OpenAPI document: which may meet it, and in which shape."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from chalicelib.api.web.answers import Answer, Plain, plain, refusal_answer
from chalicelib.api.web.http import JSON, Route
from chalicelib.api.web.schemas import REF, Schema
from chalicelib.domain.core import errors

Json = dict[str, Any]

REQUEST_ID: Final = "b6b2c1de-5d0c-4b39-9d2e-0d3d6c1f7a01"
SAMPLES: Final[dict[int, errors.Refusal]] = {
    400: errors.Invalid({"minutes": "must be at least 15"}),
    401: errors.NotAuthenticated(),
    403: errors.Forbidden(),
    404: errors.NotFound(),
    409: errors.Conflict(),
    410: errors.Gone(),
    412: errors.VersionChanged(),
    413: errors.TooLarge(),
    422: errors.Mismatch(),
    429: errors.TooMany(retry_after=30),
    503: errors.Unavailable(retry_after=1),
}
MEANING: Final[dict[int, str]] = {
    400: "Some fields are faulty; all of them are named.",
    401: "Not signed in, or no longer.",
    403: "Signed in, but not allowed.",
    404: "Unknown, or not visible to this caller.",
    409: "The present state does not allow it.",
    410: "No longer possible.",
    412: "The record is at another version than `If-Match` names.",
    413: "The body is too large.",
    415: "Neither JSON nor another type this route takes.",
    422: "The Idempotency-Key was used for another request.",
    429: "Too many requests; `Retry-After` says how long to wait.",
    503: "A backend is throttling; `Retry-After` says how long to wait.",
}
_RETRY_AFTER: Final[Json] = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
}


def shared() -> Iterator[tuple[str, Json]]:
    """The usual answer of each status, by the name under which operations refer to it."""
    for status in MEANING:
        yield named(status), described(usual(status), status)


def statuses(route: Route) -> Iterator[int]:
    """The statuses of the families of refusals that may meet a route."""
    writes = route.method != "GET" or route.sensitive
    yield 400
    if route.who:
        yield from (401, 403)
    elif route.takes is not None:  # what proves who asks comes in the body
        yield 401
    if "{" in route.path or route.query is not None or route.takes is not None:
        yield 404
    if writes:
        yield 409
    if writes or "{token}" in route.path or route.path.endswith("/events"):
        yield 410
    if route.versioned:
        yield 412
    if route.takes is not None:
        yield from (413, 415)
    if route.once:
        yield 422
    yield from (429, 503)


def named(status: int) -> str:
    """The name under which the usual answer of that status is published."""
    return type(SAMPLES[status]).__name__ if status in SAMPLES else "UnsupportedMediaType"


def usual(status: int) -> Answer:
    """The usual answer of a status."""
    if status in SAMPLES:
        return refusal_answer(SAMPLES[status], REQUEST_ID)
    return unsupported(plain)


def unsupported(shape: Plain) -> Answer:
    """The answer to a body of another media type, in the shape of a route."""
    return shape(415, "UNSUPPORTED_MEDIA_TYPE", "Send application/json.", REQUEST_ID)


def _refused_body(sample: Answer) -> Json:
    if sample.content_type != JSON:  # a page
        return {}
    schema: Schema = {"$ref": f"{REF}Error"}
    if "error" not in sample.body:  # a legacy shape
        schema = {"type": "object", "required": sorted(sample.body)}
    return {"schema": schema, "example": sample.body}


def described(sample: Answer, status: int) -> Json:
    """The response of a status, in the shape of a sample."""
    content = {sample.content_type.partition(";")[0]: _refused_body(sample)}
    if status in (429, 503):
        return {"description": MEANING[status], "headers": _RETRY_AFTER, "content": content}
    return {"description": MEANING[status], "content": content}
