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
from chalicelib.api.web import csv_lists, named_schemas, openapi_events, request_examples
from chalicelib.api.web import openapi_headers as headers
from chalicelib.api.web import openapi_refusals as refusals
from chalicelib.api.web.answers import JSON
from chalicelib.api.web.route import NoQuery, Route, SignedBody
from chalicelib.api.web.schemas import REF, Schema, Schemas, one_line, without_null
from chalicelib.api.web.values import MoneyView

Json = dict[str, Any]

DESCRIPTION: Final = (
    "Bookings of anything that people reserve, occupy and leave.\n\n"
    "Instants are UTC, ISO 8601 with `Z`; where a start or an end may be a local time of the site, "
    "its field says so; both lie in the years 2000 to 2100. Money is a decimal "
    "and its currency. Lists take `limit` and `cursor` and answer `items` and `next_cursor`; "
    "`format=csv` gives the page as a table. "
    "A refusal has a stable `code`; a faulty "
    "request names every faulty field at once. Sign in at `/api/auth/login` and send the `access` "
    "token as `Authorization: Bearer …`; a device sends its API key as `X-API-Key` instead."
)

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
REPLACED: Final = "chalicelib.api.replaced"
"""The package with the URLs of the systems that Berth replaces. New clients do not use them, but
for those of the hotel system, which are ours as well."""

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
    fixed = {**named_schemas.all_of(schemas), **openapi_events.schemas_of(schemas)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Berth", "version": VERSION, "description": DESCRIPTION},
        "servers": [
            {"url": "..", "description": "Where this document was read: its folder is `api`."}
        ],
        "tags": list(_tags(routes)),
        "paths": paths,
        "webhooks": openapi_events.webhooks(),
        "x-websocket": openapi_events.websocket(),
        "components": {
            "headers": headers.HEADERS,
            "parameters": headers.PARAMETERS,
            "responses": dict(refusals.shared()),
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
    if parameters := [*_path(route), *_query(route, schemas), *headers.parameters(route)]:
        operation["parameters"] = parameters
    if route.takes is not None:
        operation["requestBody"] = _body(route, route.takes, schemas)
    if route.signed is not None:
        operation["requestBody"] = _signed(route.signed)
    return operation


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
    query = route.query
    if route.is_list:
        query = csv_lists.with_format(query or NoQuery)
    if query is None:
        return
    needed = schemas.required(query)
    for name, nullable in schemas.properties(query, read=True).items():
        schema = without_null(nullable)  # a query leaves out what it does not say
        about = {"description": schema.pop("description")} if "description" in schema else {}
        yield {"name": name, "in": "query", "required": name in needed, "schema": schema, **about}


def _body(route: Route, takes: type, schemas: Schemas) -> Json:
    schema = schemas.of(takes, read=True)
    example = request_examples.of(schema["$ref"].removeprefix(REF))
    flat = {name: value for name, value in example.items() if not isinstance(value, list | dict)}
    content = {JSON: {"schema": schema, "example": example}}
    for media in (each for each in route.media if each != JSON):
        content[media] = {"schema": schemas.form(takes), "example": flat}
    return {"required": bool(schemas.required(takes)), "content": content}


def _signed(body: SignedBody) -> Json:
    example = request_examples.of(body.example)
    content = {JSON: {"schema": {"type": "object"}, "example": example}}
    return {"description": body.about, "required": True, "content": content}


def _responses(route: Route, schemas: Schemas) -> Json:
    responses: Json = {str(route.status): _success(route, schemas)}
    if headers.is_tagged(route):
        about = "Nothing has changed since If-None-Match."
        responses["304"] = {"description": about, "headers": headers.of_unchanged(route)}
    return {**responses, **refusals.of(route)}


def _success(route: Route, schemas: Schemas) -> Json:
    sent = headers.of_success(route)
    if route.status == 204:
        return {"description": "Done.", "headers": sent}
    if isinstance(route.gives, str):
        content = {route.gives: _file(route.gives)}
        return {"description": "The file.", "headers": sent, "content": content}
    content = {JSON: {"schema": _given(route.gives, schemas)}}
    if route.is_list:
        content[csv_lists.MEDIA] = _csv(route.gives)
    return {"description": "Done.", "headers": sent, "content": content}


def _csv(gives: Any) -> Json:
    """The table of a list. The example is its first line."""
    head = ",".join(csv_lists.columns(gives))
    return {"schema": {"type": "string"}, "example": f"{head}\r\n"}


def _file(media: str) -> Json:
    picture = media.startswith("image/") and not media.endswith("svg+xml")
    binary = picture or media == "application/pdf"
    return {"schema": {"type": "string", **({"format": "binary"} if binary else {})}}


def _given(gives: Any, schemas: Schemas) -> Schema:
    if gives is None:
        return {}
    if isinstance(gives, list):
        return schemas.page(gives[0])
    return schemas.of(gives, read=False)
