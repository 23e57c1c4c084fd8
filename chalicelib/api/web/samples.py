"""Example values and short descriptions of schemas, for people who read the contract."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any, Final

from chalicelib.api.web.schemas import REF, Schema

DEEPEST: Final = 4
"""The depth of a sample; deeper parts are empty."""

_FORMATS: Final = {
    "date-time": "2026-11-21T04:30:00Z",
    "date": "2026-11-21",
    "email": "asha.rao@example.com",
    "uri": "https://example.com",
}
_CALLED: Final = {
    "date-time": "instant", "date": "date", "email": "mail address", "uri": "URL",
}  # fmt: skip
_WORDS: Final = {"string": "text", "integer": "whole number", "boolean": "true or false"}

Part = tuple[str, str | None]
"""Words, and the schema they link to."""


def sample(schema: Schema, named: Mapping[str, Schema], depth: int = 0) -> Any:
    """A value that the schema allows, of its examples where it has any."""
    if "examples" in schema:
        return schema["examples"][0]
    if "$ref" in schema:
        return sample(named[_shape(schema)], named, depth)
    if "const" in schema:
        return schema["const"]
    if "default" in schema:
        return schema["default"]
    if "anyOf" in schema:
        return sample(schema["anyOf"][0], named, depth)
    return schema["enum"][0] if "enum" in schema else _typed(schema, named, depth)


def _typed(schema: Schema, named: Mapping[str, Schema], depth: int) -> Any:
    match _type(schema):
        case "object":
            return _object(schema, named, depth)
        case "array":
            return [] if depth >= DEEPEST else [sample(schema["items"], named, depth + 1)]
        case "string":
            return _FORMATS.get(schema.get("format", ""), "…")
        case "integer" | "number":
            return schema.get("minimum", 0)
        case "boolean":
            return True
    return None


def _object(schema: Schema, named: Mapping[str, Schema], depth: int) -> dict[str, Any]:
    if depth >= DEEPEST:
        return {}
    properties = schema.get("properties", {})
    return {name: sample(part, named, depth + 1) for name, part in properties.items()}


def words(schema: Schema) -> list[Part]:
    """The type of a value in words, with links to named schemas.

    >>> words({"type": "integer", "minimum": 1, "maximum": 100})
    [('whole number, 1 to 100', None)]
    >>> words({"type": "array", "items": {"$ref": "#/components/schemas/TimeSpan"}})
    [('list of ', None), ('TimeSpan', 'TimeSpan')]
    >>> words({"type": "string", "const": "ping"})
    [('"ping"', None)]
    """
    if "$ref" in schema:
        return [(_shape(schema), _shape(schema))]
    if choices := schema.get("anyOf") or schema.get("oneOf"):
        return _either(choices)
    if "const" in schema:
        return [(json.dumps(schema["const"]), None)]
    if "enum" in schema:
        return [("one of " + ", ".join(schema["enum"]), None)]
    orders: list[Part] = [(" or null", None)] if "null" in schema.get("type", ()) else []
    if _type(schema) == "array":
        return [("list of ", None), *words(schema["items"]), *orders]
    return [(_plain(schema), None), *orders]


def _either(choices: list[Schema]) -> list[Part]:
    parts = words(choices[0])
    for choice in choices[1:]:
        parts += [(" or ", None), *words(choice)]
    return parts


def _plain(schema: Schema) -> str:
    kind = _type(schema)
    if schema.get("format") in _CALLED:
        return _CALLED[schema["format"]]
    if kind == "string" and "maxLength" in schema:
        return f"text, {schema['minLength']} to {schema['maxLength']} characters"
    if kind in ("integer", "number") and "maximum" in schema:
        return f"{_WORDS.get(kind, kind)}, {schema['minimum']} to {schema['maximum']}"
    return _WORDS.get(kind, kind) or "anything"


def _type(schema: Schema) -> str:
    """The type beside null."""
    kind = schema.get("type", "")
    return kind if isinstance(kind, str) else next((k for k in kind if k != "null"), "null")


def _shape(schema: Schema) -> str:
    return str(schema["$ref"]).removeprefix(REF)
