"""Answers and refusals (docs/errors.md), with their headers."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final
from urllib.parse import quote

from chalice.app import Response

from chalicelib import wiring
from chalicelib.domain.core import errors, serialize
from chalicelib.domain.core.languages import LANGUAGES, Language
from chalicelib.domain.core.sentence import Sentence, say

JSON: Final = "application/json"

STATUS: Final[dict[type[errors.Refusal], int]] = {
    errors.Invalid: 400,
    errors.TooLarge: 413,
    errors.NotAuthenticated: 401,
    errors.Forbidden: 403,
    errors.NotFound: 404,
    errors.Conflict: 409,
    errors.Gone: 410,
    errors.PreconditionFailed: 412,
    errors.Mismatch: 422,
    errors.TooMany: 429,
    errors.Unavailable: 503,
}
"""The status of each family of refusals."""


def status_of(refusal: errors.Refusal) -> int:
    """The HTTP status of a refusal, by its family."""
    return next(status for family, status in STATUS.items() if isinstance(refusal, family))


@dataclass(frozen=True)
class Answer:
    """The result of a view: a status and a JSON-ready body, or text or bytes of another type."""

    status: int
    body: Any
    headers: Mapping[str, str] = field(default_factory=dict)
    content_type: str = JSON


def ok(body: Any) -> Answer:
    return Answer(200, body)


def created(body: Any) -> Answer:
    return Answer(201, body)


def no_content() -> Answer:
    return Answer(204, "")


def word(refusal: errors.Refusal, language: Language) -> None:
    """Make texts of what a refusal says, in `language` where it does not name another."""
    from chalicelib.texts import sentences

    language = refusal.language = refusal.language or language
    refusal.message = sentences.in_words(refusal.wording, language)
    refusal.fields = sentences.worded(refusal.fields, language)
    refusal.facts = sentences.worded(refusal.facts, language)


def refusal_answer(refusal: errors.Refusal, request_id: str) -> Answer:
    """A refusal in the shape of docs/errors.md."""
    error: dict[str, Any] = {"code": refusal.code, "message": refusal.message, **refusal.facts}
    if refusal.fields:
        error["fields"] = refusal.fields
    return Answer(status_of(refusal), {"error": error, "request_id": request_id})


Plain = Callable[[int, str, str, str], Answer]
"""Makes the answer where no view has refused (404, 405, 415, 500) of a status, a code, a message
and the id of the request."""


def plain(status: int, code: str, message: str, request_id: str) -> Answer:
    """Such an answer in the shape of docs/errors.md."""
    return Answer(status, {"error": {"code": code, "message": message}, "request_id": request_id})


def unrefused(
    status: int,
    code: str,
    sentence: Sentence,
    request_id: str,
    *,
    shape: Plain,
    accepted: Language | None,
) -> Answer:
    """An answer that no view has made. In the shape of a replaced system it is English."""
    from chalicelib.texts import sentences

    varies = shape is plain
    language = (accepted if varies else None) or LANGUAGES[0]
    answer = shape(status, code, sentences.in_words(sentence, language), request_id)
    sent = {"Content-Language": language, **({"Vary": "Accept-Language"} if varies else {})}
    return replace(answer, headers={**answer.headers, **sent})


def internal_error(request_id: str, shape: Plain, accepted: Language | None) -> Answer:
    """The answer to an unexpected error: only the id to find it in the log."""
    return unrefused(500, "INTERNAL", say("internal"), request_id, shape=shape, accepted=accepted)


def with_refusal_headers(answer: Answer, refusal: errors.Refusal, *, varies: bool) -> Answer:
    """The answer with the headers that belong to its status and its
    language: Retry-After, WWW-Authenticate, Content-Language. It `varies` unless it is always
    English."""
    headers = {**answer.headers, **({"Vary": "Accept-Language"} if varies else {})}
    if refusal.language is not None:
        headers["Content-Language"] = refusal.language
    if refusal.retry_after is not None:
        headers["Retry-After"] = str(refusal.retry_after)
    if answer.status == 401:
        headers["WWW-Authenticate"] = "Bearer"
    return replace(answer, headers=headers)


def located(answer: Answer, paths: Sequence[str]) -> Answer:
    """The answer with the Location of what was made: the first of `paths` whose fields it has, and
    not null. It is the whole address, because a path alone would be wrong below a stage."""
    if not paths:
        return answer
    for path in paths:
        known = {name: answer.body.get(name) for name in _FIELD.findall(path)}
        if None not in known.values():
            where = quote(path.format_map(known), safe="/?=")
            location = f"{wiring.settings().base_url}{where}"
            return replace(answer, headers={**answer.headers, "Location": location})
    return answer


_FIELD: Final = re.compile(r"{(\w+)")
"""A field of the answer in a path."""


def response(answer: Answer, request_id: str, origin: str | None) -> Response:
    """The Chalice response of an Answer, with the headers of every answer."""
    headers: dict[str, str | list[str]] = {
        "Content-Type": answer.content_type,
        "X-Request-Id": request_id,
        "X-Content-Type-Options": "nosniff",
        "Cache-Control": "no-store",
        **cors_headers(origin),
        **answer.headers,
        "Vary": _varies(answer, origin),
    }
    body = answer.body
    if answer.content_type == JSON and answer.status not in (204, 304):
        body = serialize.text(body)
    return Response(body, headers=headers, status_code=answer.status)


def _varies(answer: Answer, origin: str | None) -> str:
    """The headers on which an answer depends. The gateway compresses (infra/template.yaml)."""
    further = answer.headers.get("Vary")
    parts = ["Accept-Encoding", *(["Origin"] if origin else []), *([further] if further else [])]
    return ", ".join(parts)


def cors_headers(origin: str | None) -> dict[str, str]:
    """The CORS headers for `origin`; none where the settings do not allow it."""
    allowed = wiring.settings().cors_origins
    if origin is None or not ("*" in allowed or origin in allowed):
        return {}
    return {
        "Access-Control-Allow-Origin": origin,
        "Access-Control-Expose-Headers": "Content-Disposition,ETag,Link,Location,Retry-After,"
        "X-Request-Id",
    }


def preflight(methods: Iterable[str], origin: str | None) -> Answer:
    """The answer to a CORS preflight of a page of `origin` for `methods`."""
    if not cors_headers(origin):
        return no_content()
    allow = {
        "Access-Control-Allow-Methods": ",".join(sorted({*methods, "OPTIONS"})),
        "Access-Control-Allow-Headers": "Authorization,Content-Type,Idempotency-Key,If-Match,"
        "If-None-Match",
        "Access-Control-Max-Age": "600",
    }
    return Answer(204, "", allow)
