"""The OpenAPI 3.1 document, made from the routes as they are declared.

Stages: every route becomes an operation; the dataclasses it reads and answers become named
schemas; each family of refusals that may meet it becomes a response in the shape that the route
really gives it.
"""

from __future__ import annotations

import re
import sys
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from inspect import getdoc
from typing import Any, Final

from chalicelib import VERSION
from chalicelib.api.web import named_schemas
from chalicelib.api.web.answers import Answer, Plain, plain, refusal_answer
from chalicelib.api.web.http import JSON, Route
from chalicelib.api.web.schemas import REF, Schema, Schemas, one_line, without_null
from chalicelib.api.web.values import MoneyView
from chalicelib.domain.core import errors

Json = dict[str, Any]

DESCRIPTION: Final = (
    "Bookings of anything that people reserve, occupy and leave.\n\n"
    "Instants are UTC, ISO 8601 with `Z`; where a start or an end may be a local time of the site, "
    "its field says so; both lie in the years 2000 to 2100. Money is a decimal "
    "and its currency. Lists take `limit` and `cursor` and answer `items` and `next_cursor`. "
    "A refusal has a stable `code`; a faulty "
    "request names every faulty field at once. Sign in at `/api/auth/login` and send the `access` "
    "token as `Authorization: Bearer …`; a device sends its API key as `X-API-Key` instead."
)

_REQUEST_ID: Final = "b6b2c1de-5d0c-4b39-9d2e-0d3d6c1f7a01"
_SAMPLES: Final[dict[int, errors.Refusal]] = {
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
_KEY: Final[Json] = {
    "name": "Idempotency-Key",
    "in": "header",
    "description": "The same key and body give the first answer again for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": 128, "pattern": "^[!-~]+$"},
}
_IF_MATCH: Final[Json] = {
    "name": "If-Match",
    "in": "header",
    "description": "The version on which this is based: the `ETag` of a GET, or the `version` in "
    "quotes. Refused with 412 where the record is at another version. `*` or none: any version.",
    "schema": {"type": "string", "minLength": 1},
    "example": '"7"',
}
_SECURITY: Final[Json] = {
    "bearer": {"type": "http", "scheme": "bearer", "bearerFormat": "JWT"},
    "apiKey": {
        "type": "apiKey",
        "in": "header",
        "name": "X-API-Key",
        "description": "The key of a device, for one site and for the routes whose "
        "`x-api-key-scope` is its scope.",
    },
}
_RETRY_AFTER: Final[Json] = {
    "Retry-After": {"description": "Seconds to wait.", "schema": {"type": "integer", "minimum": 1}}
}
REPLACED: Final = "chalicelib.api.replaced"
"""The package with the URLs of the systems that Berth replaces. New clients do not use them, but
for those of the hotel system, which are ours as well."""

_LOCATION: Final[Json] = {
    "Location": {
        "description": "The address of what was made.",
        "schema": {"type": "string", "format": "uri"},
        "required": True,
    }
}
_PARAMETER: Final = re.compile(r"\{(\w+)\}")
_PATH: Final[dict[str, tuple[str, str]]] = {
    "blackout_id": ("The blackout.", "zone.zone-a.7Q2M9X4T"),
    "booking_id": ("The booking.", "BK7Q2M9X4T1NG1QR00005"),
    "key_id": ("The API key.", "central.AK1NG2EK8000000007"),
    "name": ("The name of the sweep.", "auto-checkout"),
    "slug": ("The site.", "central"),
    "space_id": ("The space.", "zone-a.A-001"),
    "user_id": ("The account.", "US7Q2M9X4T"),
    "zone_id": ("The zone.", "zone-a"),
}


def document(routes: Sequence[Route]) -> Json:
    """The document of some routes, in their order."""
    schemas = Schemas()
    schemas.of(MoneyView, read=False)
    paths: dict[str, Json] = {}
    ids = Counter(route.name for route in routes)
    for route in routes:
        its_id = route.name if ids[route.name] == 1 else f"{_tag(route)}_{route.name}"
        paths.setdefault(route.path, {})[route.method.lower()] = _operation(route, its_id, schemas)
    fixed = named_schemas.all_of(schemas)
    return {
        "openapi": "3.1.0",
        "info": {"title": "Berth", "version": VERSION, "description": DESCRIPTION},
        "servers": [
            {"url": "..", "description": "Where this document was read: its folder is `api`."}
        ],
        "tags": list(_tags(routes)),
        "paths": paths,
        "components": {
            "responses": {_named(status): _refusal(_usual(status), status) for status in _MEANING},
            "schemas": dict(sorted({**schemas.named, **fixed}.items())),
            "securitySchemes": _SECURITY,
        },
    }


def _tags(routes: Iterable[Route]) -> Iterator[Json]:
    packages = dict.fromkeys(_package(route) for route in routes)
    for package in packages:
        yield {
            "name": package.rpartition(".")[2],
            "description": _summary(sys.modules[package].__doc__),
        }


def _tag(route: Route) -> str:
    """The subject of a route: the folder its view lies in."""
    return _package(route).rpartition(".")[2]


def _package(route: Route) -> str:
    return str(route.view.__module__).rpartition(".")[0]


def _module(route: Route) -> str:
    return str(route.view.__module__).rpartition(".")[2]


def _operation(route: Route, its_id: str, schemas: Schemas) -> Json:
    doc = one_line(getdoc(route.view) or "")
    operation: Json = {
        "operationId": its_id,
        "summary": _summary(doc),
        "tags": [_tag(route)],
        "x-roles": sorted(role.value for role in route.who) or ["public"],
        "security": _security(route),
        "responses": _responses(route, schemas),
    }
    if _package(route) == REPLACED and _module(route) != "hotel":
        operation["deprecated"] = True
    if route.keys:
        operation["x-api-key-scope"] = route.keys.value
    if rest := doc.removeprefix(operation["summary"]).strip():
        operation["description"] = rest
    if parameters := [*_path(route), *_query(route, schemas), *_headers(route)]:
        operation["parameters"] = parameters
    if route.takes is not None:
        operation["requestBody"] = _body(route, route.takes, schemas)
    return operation


def _headers(route: Route) -> Iterator[Json]:
    if route.once:
        yield _KEY
    if route.versioned:
        yield _IF_MATCH


def _security(route: Route) -> list[Json]:
    """What proves who asks: one of these."""
    signed_in: list[Json] = [{"bearer": []}] if route.who else []
    return [*signed_in, {"apiKey": []}] if route.keys else signed_in


def _summary(doc: str | None) -> str:
    """The first sentence."""
    return re.split(r"(?<=[.?!])\s", one_line(doc or ""), maxsplit=1)[0]


def _path(route: Route) -> Iterator[Json]:
    for name in _PARAMETER.findall(route.path):
        about, example = _PATH.get(name, ("", ""))
        schema = {"type": "string", "minLength": 1}
        doc = {"description": about, "example": example} if about else {}
        yield {"name": name, "in": "path", "required": True, "schema": schema, **doc}


def _query(route: Route, schemas: Schemas) -> Iterator[Json]:
    if route.query is None:
        return
    needed = schemas.required(route.query)
    for name, nullable in schemas.properties(route.query, read=True).items():
        schema = without_null(nullable)  # a query leaves out what it does not say
        about = {"description": schema.pop("description")} if "description" in schema else {}
        yield {"name": name, "in": "query", "required": name in needed, "schema": schema, **about}


def _body(route: Route, takes: type, schemas: Schemas) -> Json:
    schema = {"schema": schemas.of(takes, read=True)}
    content = dict.fromkeys(route.media, schema)
    return {"required": bool(schemas.required(takes)), "content": content}


def _responses(route: Route, schemas: Schemas) -> Json:
    responses = {str(route.status): _success(route, schemas)}
    if route.method == "GET" and not isinstance(route.gives, str):
        responses["304"] = {"description": "Nothing has changed since If-None-Match."}
    for status in _refusals(route):
        if status == 415 and route.plain is not plain:
            responses["415"] = _refusal(_unsupported(route.plain), 415)
        elif route.refusal is refusal_answer or status not in _SAMPLES:
            responses[str(status)] = {"$ref": f"#/components/responses/{_named(status)}"}
        else:
            sample = route.refusal(_SAMPLES[status], _REQUEST_ID)
            responses.setdefault(str(sample.status), _refusal(sample, status))
    return responses


def _success(route: Route, schemas: Schemas) -> Json:
    if route.status == 204:
        return {"description": "Done."}
    if isinstance(route.gives, str):
        return {"description": "The file.", "content": {route.gives: _file(route.gives)}}
    content = {JSON: {"schema": _given(route.gives, schemas)}}
    headers = {"headers": _LOCATION} if route.located else {}
    return {"description": "Done.", **headers, "content": content}


def _file(media: str) -> Json:
    binary = media.startswith("image/") and not media.endswith("svg+xml")
    return {"schema": {"type": "string", **({"format": "binary"} if binary else {})}}


def _given(gives: Any, schemas: Schemas) -> Schema:
    if gives is None:
        return {}
    if isinstance(gives, list):
        items = {"type": "array", "items": schemas.of(gives[0], read=False)}
        following = {"type": ["string", "null"], "description": "The cursor of the next page."}
        return {
            "type": "object",
            "properties": {"items": items, "next_cursor": following},
            "required": ["items", "next_cursor"],
        }
    return schemas.of(gives, read=False)


def _refusals(route: Route) -> Iterator[int]:
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


def _named(status: int) -> str:
    """The name under which the usual answer of that status is published."""
    return type(_SAMPLES[status]).__name__ if status in _SAMPLES else "UnsupportedMediaType"


def _usual(status: int) -> Answer:
    if status in _SAMPLES:
        return refusal_answer(_SAMPLES[status], _REQUEST_ID)
    return _unsupported(plain)


def _unsupported(shape: Plain) -> Answer:
    return shape(415, "UNSUPPORTED_MEDIA_TYPE", "Send application/json.", _REQUEST_ID)


def _refused_body(sample: Answer) -> Json:
    if sample.content_type != JSON:  # a page
        return {}
    schema: Schema = {"$ref": f"{REF}Error"}
    if "error" not in sample.body:  # a legacy shape
        schema = {"type": "object", "required": sorted(sample.body)}
    return {"schema": schema, "example": sample.body}


def _refusal(sample: Answer, status: int) -> Json:
    content = {sample.content_type.partition(";")[0]: _refused_body(sample)}
    if status in (429, 503):
        return {"description": _MEANING[status], "headers": _RETRY_AFTER, "content": content}
    return {"description": _MEANING[status], "content": content}
