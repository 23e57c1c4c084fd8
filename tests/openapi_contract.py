"""Holds answers to the published contract: `check(route, status, body)` in any test of a route."""

from __future__ import annotations

import copy
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

import jsonschema

from chalicelib import routes
from chalicelib.api.web import csv_lists, openapi_document
from chalicelib.api.web.answers import JSON
from chalicelib.api.web.route import Route

Json = dict[str, Any]


def check(
    route: Route,
    status: int,
    body: Any,
    media: str = JSON,
    headers: Mapping[str, str] | None = None,
) -> None:
    """Assert that the contract foresees this answer of `route`. It may have no field that the
    contract does not name, though clients are not promised that. A table has the columns that the
    contract names."""
    response = _response(route, status)
    if status >= 400 and isinstance(body, dict) and "error" in body:
        code = body["error"]["code"]
        foreseen = code in response["x-error-codes"]
        assert foreseen, f"{_named(route)} does not say that it may answer {status} {code}"
    if headers is not None:
        _check_headers(route, status, response["headers"], headers)
    content = response.get("content", {})
    if not content:
        assert body in ("", None, b""), f"{_named(route)} {status} has a body"
    elif media == csv_lists.MEDIA:
        assert body.startswith(content[media]["example"].encode()), f"{_named(route)}: {body[:500]}"
    elif JSON in content:
        errors = list(_validator(route.method, route.path, status).iter_errors(body))
        assert not errors, f"{_named(route)} {status}: {errors[0].json_path} {errors[0].message}"


def check_call(event: Json, headers: Mapping[str, str]) -> None:
    """Assert that the contract foresees this call of a webhook."""
    call = _contract()["webhooks"][event["event"]]["post"]
    _schema_validator(call["requestBody"]["content"][JSON]["schema"]["$ref"]).validate(event)
    for each in call["parameters"]:
        jsonschema.validate(headers[each["name"]], each["schema"])


def check_frame(frame: Json) -> None:
    """Assert that the contract foresees this frame of the WebSocket to a client."""
    fitting = [
        each["$ref"]
        for each in _contract()["x-websocket"]["receive"]
        if _schema_validator(each["$ref"]).is_valid(frame)
    ]
    assert len(fitting) == 1, f"the contract does not foresee the frame {frame}"


@cache
def _schema_validator(ref: str) -> jsonschema.Draft202012Validator:
    whole = {"$ref": ref, "components": _contract()["components"]}
    return jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker())


def _check_headers(route: Route, status: int, described: Json, headers: Mapping[str, str]) -> None:
    sent = {name.lower() for name in headers}
    for name, part in described.items():
        needed = _contract()["components"]["headers"][part["$ref"].rpartition("/")[2]]
        missing = needed.get("required", False) and name.lower() not in sent
        assert not missing, f"{_named(route)} {status} has no {name}"
    more = sent & _OF_ONE_ANSWER - {name.lower() for name in described}
    assert not more, f"{_named(route)} {status} does not say that it sends {more}"


_OF_ONE_ANSWER = {
    "content-language", "etag", "idempotency-replayed", "link", "location", "retry-after", "www-authenticate",
}  # fmt: skip
"""The headers that only some answers have."""


def _named(route: Route) -> str:
    return f"{route.method} {route.path}"


def _response(route: Route, status: int) -> Json:
    responses = _contract()["paths"][route.path][route.method.lower()]["responses"]
    assert str(status) in responses, f"{_named(route)} does not say that it may answer {status}"
    return resolved(responses[str(status)])


def resolved(part: Json) -> Json:
    """An answer of an operation, or the shared one that it names."""
    return (
        _contract()["components"]["responses"][part["$ref"].rpartition("/")[2]]
        if "$ref" in part
        else part
    )


@cache
def _validator(method: str, path: str, status: int) -> jsonschema.Draft202012Validator:
    operation = _contract()["paths"][path][method.lower()]
    schema = resolved(operation["responses"][str(status)])["content"][JSON]["schema"]
    whole = {"allOf": [schema], "components": _contract()["components"]}
    return jsonschema.Draft202012Validator(whole, format_checker=jsonschema.FormatChecker())


@cache
def _contract() -> Json:
    contract = copy.deepcopy(openapi_document.document(routes.declared()))
    for schema in _objects(contract["components"]["schemas"]):
        schema.setdefault("additionalProperties", False)
    return contract


def _objects(part: Any) -> Iterator[Json]:
    """Every schema of an object with named fields, however deep."""
    if isinstance(part, dict):
        if "properties" in part and part.get("type") == "object":
            yield part
        for value in part.values():
            yield from _objects(value)
    elif isinstance(part, list):
        for value in part:
            yield from _objects(value)
