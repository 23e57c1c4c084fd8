"""The headers of requests and answers in the OpenAPI document. Each is described once; operations
refer to it by its name."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final, get_origin

from chalicelib.api.web import if_match
from chalicelib.api.web.route import Route

Json = dict[str, Any]


def _sent(name: str, about: str, schema: Json, **more: Any) -> Json:
    return {"name": name, "in": "header", "description": about, "schema": schema, **more}


PARAMETERS: Final[dict[str, Json]] = {
    "AcceptLanguage": _sent(
        "Accept-Language",
        "The language of the texts for people; by default that of the account.",
        {"type": "string"},
        example="hi",
    ),
    "IdempotencyKey": _sent(
        "Idempotency-Key",
        "The same key and body give the first answer again for 24 hours.",
        {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
    ),
    "IfMatch": _sent(
        "If-Match",
        "The version on which this is based: the `ETag` of a GET, or the `version` in quotes. "
        "Refused with 412 where the record is at another version. `*` or none: any version.",
        {"type": "string", "pattern": if_match.PATTERN},
        example='"7"',
    ),
    "IfNoneMatch": _sent(
        "If-None-Match",
        "The `ETag` of the last answer: 304 without a body where nothing has changed.",
        {"type": "string"},
        example='W/"7.1f0c2a"',
    ),
    "PhonePeVerify": _sent(
        "X-VERIFY",
        "Of PhonePe's API v1: the SHA-256 of the body's `response` with the salt, `###`, and the "
        "number of the salt.",
        {"type": "string"},
        example="5de0e70cf2b78f3923ca108e583e6a80fabe910efd1726570b3e5cb2040df7d2###1",
    ),
    "RazorpayEventId": _sent(
        "X-Razorpay-Event-Id",
        "The same in each copy of a message.",
        {"type": "string"},
        example="IQ8lcY9Xs5Smar",
    ),
    "RazorpaySignature": _sent(
        "X-Razorpay-Signature",
        "The HMAC-SHA-256 of the body as it came, with the secret of the webhook, in small "
        "hexadecimal digits. The current and the previous secret are taken.",
        {"type": "string", "pattern": "^[0-9a-f]{64}$"},
        required=True,
        example="d60e67fd884556c045e9be7dad57903e33efc7172c17c6e3ef77db42d2b366e9",
    ),
}
"""Headers that clients and gateways send."""

HEADERS: Final[dict[str, Json]] = {
    "ContentDisposition": {
        "description": "Of a list as CSV: the name of the file.",
        "schema": {"type": "string", "examples": ['attachment; filename="bookings.csv"']},
    },
    "ContentLanguage": {
        "description": "The language of the sentences for people.",
        "schema": {"type": "string", "examples": ["en"]},
    },
    "ETag": {
        "description": "Names what the answer shows, for `If-None-Match`; for one record also its "
        "version, for `If-Match`. A list as CSV has none.",
        "schema": {"type": "string", "examples": ['W/"7.1f0c2a"']},
    },
    "Link": {
        "description": "The address of the next page, where there is one, relative to this one.",
        "schema": {"type": "string", "examples": ['<?limit=100&cursor=c1>; rel="next"']},
    },
    "Location": {
        "description": "The address of what was made.",
        "schema": {"type": "string", "format": "uri"},
        "required": True,
    },
    "Replayed": {
        "description": "`true` where this is the first answer again, under its Idempotency-Key.",
        "schema": {"type": "string", "const": "true"},
    },
    "RequestId": {
        "description": "Names the request in the log.",
        "schema": {"type": "string"},
        "required": True,
    },
    "RetryAfter": {
        "description": "Seconds to wait.",
        "schema": {"type": "integer", "format": "int32", "minimum": 1},
    },
    "Vary": {
        "description": "The request headers on which the answer depends.",
        "schema": {"type": "string"},
        "required": True,
    },
    "WWWAuthenticate": {
        "description": "How to sign in.",
        "schema": {"type": "string", "examples": ["Bearer"]},
    },
}
"""Headers of answers, by the names under which operations refer to them."""

_NAMES: Final[dict[str, str]] = {
    "ContentDisposition": "Content-Disposition",
    "ContentLanguage": "Content-Language",
    "Replayed": "Idempotency-Replayed",
    "RequestId": "X-Request-Id",
    "RetryAfter": "Retry-After",
    "WWWAuthenticate": "WWW-Authenticate",
}


_WAITING: Final = frozenset({409, 429, 503})
"""The statuses that may say how long to wait: 409 while the first request of a key runs."""


def _refs(*names: str) -> Json:
    """These headers, and those of every answer."""
    return {
        _NAMES.get(name, name): {"$ref": f"#/components/headers/{name}"}
        for name in (*names, "RequestId", "Vary")
    }


def parameters(route: Route) -> Iterator[Json]:
    """The headers that a route reads, beside those of signing in."""
    names = {
        "IdempotencyKey": route.once,
        "IfMatch": route.versioned,
        "IfNoneMatch": is_tagged(route),
        "AcceptLanguage": route.translated,
    }
    for name, read in names.items():
        if read:
            yield _parameter(name)
    for name in () if route.signed is None else route.signed.headers:
        yield _parameter(name)


def _parameter(name: str) -> Json:
    return {"$ref": f"#/components/parameters/{name}"}


def is_tagged(route: Route) -> bool:
    """Whether its answers have an ETag."""
    return route.method == "GET" and not isinstance(route.gives, str)


def of_success(route: Route) -> Json:
    """The headers of the answer of a route."""
    sent = {
        "ETag": is_tagged(route),
        "ContentLanguage": route.gives == "text/html" or route.speaks,
        "Location": bool(route.located),
        "Replayed": route.once,
        "Link": route.is_list or get_origin(route.gives) is tuple,
        "ContentDisposition": route.is_list,
    }
    return _refs(*(name for name, is_sent in sent.items() if is_sent))


def of_unchanged(route: Route) -> Json:
    """The headers of a 304."""
    return _refs("ETag", *(["ContentLanguage"] if route.speaks else []))


def of_refusal(status: int, *, old_shape: bool = False) -> Json:
    """The headers of a refusal of that status. In an old shape one status stands for several."""
    waits, proves = status in _WAITING or old_shape, status == 401 or old_shape
    more = {"RetryAfter": waits, "WWWAuthenticate": proves}
    return _refs("ContentLanguage", *(name for name, is_sent in more.items() if is_sent))
