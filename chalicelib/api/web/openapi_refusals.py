"""The refusals of a route in the OpenAPI document: which may meet it, and in which shape."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any, Final

from chalicelib.api.web import openapi_headers, operation_codes
from chalicelib.api.web.answers import JSON, Answer, Plain, plain, refusal_answer, unrefused, word
from chalicelib.api.web.route import Route
from chalicelib.api.web.schemas import REF, Schema
from chalicelib.domain.core import errors
from chalicelib.domain.core.languages import LANGUAGES
from chalicelib.domain.core.sentence import say

Json = dict[str, Any]

_REQUEST_ID: Final = "b6b2c1de-5d0c-4b39-9d2e-0d3d6c1f7a01"
_SAMPLES: Final[dict[int, errors.Refusal]] = {
    400: errors.Invalid({"minutes": say("must_be_at_least", least=15)}),
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
_MEANING: Final[dict[int, str]] = {
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


def shared() -> Iterator[tuple[str, Json]]:
    """The usual answer of each status, by the name under which operations refer to it."""
    for status in _MEANING:
        yield _named(status), _described(_usual(status), status, _usual_codes(status))


def of(route: Route) -> Json:
    """The refused answers of a route, by their status in its own shape."""
    found: Json = {}
    for status, codes in operation_codes.of(route).items():
        if status not in _SAMPLES and route.plain is not plain:
            found["415"] = _described(_unsupported(route.plain), 415, codes)
        elif status not in _SAMPLES or (
            route.refusal is refusal_answer and codes == _usual_codes(status)
        ):
            found[str(status)] = {"$ref": f"#/components/responses/{_named(status)}"}
        else:
            sample = route.refusal(_sample(status, codes), _REQUEST_ID)
            old_shape = route.refusal is not refusal_answer
            answer = _described(sample, status, codes, old_shape=old_shape)
            found.setdefault(str(sample.status), answer)
    return found


def _sample(status: int, codes: Sequence[str]) -> errors.Refusal:
    """A refusal with one of the codes."""
    usual = _SAMPLES[status]
    if usual.code in codes:
        return _in_english(usual)
    shown = errors.Refusal.__new__(operation_codes.kinds()[codes[0]])
    errors.Refusal.__init__(shown, retry_after=usual.retry_after)
    return _in_english(shown)


def _in_english(refusal: errors.Refusal) -> errors.Refusal:
    word(refusal, LANGUAGES[0])
    return refusal


def _named(status: int) -> str:
    """The name under which the usual answer of that status is published."""
    return type(_SAMPLES[status]).__name__ if status in _SAMPLES else "UnsupportedMediaType"


def _usual_codes(status: int) -> list[str]:
    """The codes of the usual answer of that status."""
    if status == 401:
        return [errors.NotAuthenticated.code, errors.TokenExpired.code]
    return [_SAMPLES[status].code if status in _SAMPLES else "UNSUPPORTED_MEDIA_TYPE"]


def _usual(status: int) -> Answer:
    if status in _SAMPLES:
        return refusal_answer(_in_english(_SAMPLES[status]), _REQUEST_ID)
    return _unsupported(plain)


def _unsupported(shape: Plain) -> Answer:
    """The answer to a body of another media type, in the shape of a route."""
    return unrefused(
        415, "UNSUPPORTED_MEDIA_TYPE", say("unsupported_media_type"), _REQUEST_ID,
        shape=shape, accepted=None,
    )  # fmt: skip


def _refused_body(sample: Answer) -> Json:
    if sample.content_type != JSON:  # a page
        return {"schema": {"type": "string"}}
    schema: Schema = {"$ref": f"{REF}Error"}
    if "error" not in sample.body:  # a legacy shape
        schema = {"type": "object", "required": sorted(sample.body)}
    return {"schema": schema, "example": sample.body}


def _described(
    sample: Answer, status: int, codes: Sequence[str], *, old_shape: bool = False
) -> Json:
    """A refused answer; where it has a code, with those it may have."""
    content = {sample.content_type.partition(";")[0]: _refused_body(sample)}
    response: Json = {
        "description": _MEANING[status],
        "headers": openapi_headers.of_refusal(status, old_shape=old_shape),
        "content": content,
    }
    if sample.content_type == JSON and "error" in sample.body:
        response["description"] += f" Codes: {', '.join(codes)}."
        response["x-error-codes"] = list(codes)
    return response
