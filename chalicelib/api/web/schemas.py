"""JSON Schema (2020-12, as in OpenAPI 3.1) of the annotations of requests and answers. A dataclass
becomes a named schema, every other type is inlined."""

from __future__ import annotations

import types
from collections.abc import Callable, Mapping
from dataclasses import MISSING, Field, dataclass, field, is_dataclass
from datetime import date, datetime
from enum import StrEnum
from inspect import cleandoc, getdoc
from typing import Annotated, Any, Final, Literal, Union, get_args, get_origin

from chalicelib.api.web import enums, parse
from chalicelib.api.web.field_forms import PATTERNS
from chalicelib.domain.core.constraints import (
    UNSET,
    Amount,
    Doc,
    Format,
    Integer,
    Items,
    Named,
    Structure,
    Text,
)

Schema = dict[str, Any]

ONE_LINE: Final = r"^[^\t\n\r]*$"

REF: Final = "#/components/schemas/"

_INSTANT: Final[Schema] = {"type": "string", "format": "date-time"}
AMOUNT: Final[Schema] = {
    "type": "string",
    "pattern": r"^[0-9]{1,12}(\.[0-9]{1,3})?$",
    "description": "A number is taken too, and an amount with its currency as an answer shows it.",
    "examples": ["150.00"],
}
"""An amount that is sent: one shape, because clients in typed languages have no other."""

_INT32: Final = 2**31 - 1


@dataclass
class Schemas:
    """The named schemas collected so far."""

    named: dict[str, Schema] = field(default_factory=dict)
    _names: dict[tuple[type, bool], str] = field(default_factory=dict)

    def of(self, annotation: Any, *, read: bool) -> Schema:
        """The schema of an annotation; `read` for requests, otherwise for answers."""
        base, marks = _bare(annotation)
        schema = self._marked(base, marks, read=read)
        if _is_nullable(annotation):
            schema = _nullable(schema)
        return _described(schema, _doc(annotation))

    def properties(self, kind: type, *, read: bool) -> dict[str, Schema]:
        """The schemas of the fields of a dataclass, by external name."""
        found = {
            name: _with_default(self.of(annotation, read=read), declared)
            for name, (declared, annotation) in parse.shape(kind).items()
        }
        return found if read else {name: _formed(name, part) for name, part in found.items()}

    def form(self, kind: type) -> Schema:
        """The schema of a body as a web form: it has no null, no list and no part, and may have
        further fields, such as a token of the page."""
        name = self._name(kind, read=True).removesuffix("Form") + "WebForm"
        parts = {f: without_null(part) for f, part in self.properties(kind, read=True).items()}
        needed = self.required(kind)
        self.named[name] = {
            "type": "object",
            "description": "As a web form: a field without a value is left out.",
            "properties": {field: part for field, part in parts.items() if self._is_plain(part)},
            **({"required": needed} if needed else {}),
        }
        return {"$ref": REF + name}

    def _is_plain(self, schema: Schema) -> bool:
        """Whether a value is one text, number or choice."""
        whole = self.named[schema["$ref"].removeprefix(REF)] if "$ref" in schema else schema
        return whole.get("type") not in ("array", "object")

    def page(self, view: type) -> Schema:
        """The page of a list: `items`, each as `view` shows it, and the cursor of the next page."""
        items = {"type": "array", "items": self.of(view, read=False)}
        following = {"type": ["string", "null"], "description": "The cursor of the next page."}
        name = f"{view.__name__.removesuffix('View')}Page"
        self.named[name] = {
            "type": "object",
            "properties": {"items": items, "next_cursor": following},
            "required": ["items", "next_cursor"],
        }
        return {"$ref": REF + name}

    def required(self, kind: type) -> list[str]:
        """The fields of a dataclass that a request must have."""
        return [name for name, (each, _) in parse.shape(kind).items() if not _has_default(each)]

    def _marked(self, base: Any, marks: tuple[Any, ...], *, read: bool) -> Schema:
        for mark in marks:
            if isinstance(mark, Structure):
                return self._under_name(dict(mark.schema), _own_name(marks))
            if isinstance(mark, Amount):
                return dict(AMOUNT)
        if is_dataclass(base) and isinstance(base, type):
            return {"$ref": REF + self._name(base, read=read)}
        return self._plain(base, marks, read=read) | _form(marks)

    def _plain(self, base: Any, marks: tuple[Any, ...], *, read: bool) -> Schema:
        origin = get_origin(base)
        if origin is Literal or (isinstance(base, type) and issubclass(base, StrEnum)):
            return self._choice(base, marks)
        if origin in (list, tuple):
            return self._list(base, marks, read=read)
        if origin in (dict, Mapping):
            return {"type": "object", "additionalProperties": self.of(get_args(base)[1], read=read)}
        return _PLAIN[base](marks, read) if base in _PLAIN else {}

    def _choice(self, base: Any, marks: tuple[Any, ...]) -> Schema:
        """One of a few words: named, so that a generated client has one type for them."""
        return self._under_name(enums.schema(base), _own_name(marks) or enums.name(base))

    def _under_name(self, schema: Schema, name: str | None) -> Schema:
        """A schema without a name stays where it is used."""
        if name is None:
            return schema
        self.named[name] = schema
        return {"$ref": REF + name}

    def _list(self, base: Any, marks: tuple[Any, ...], *, read: bool) -> Schema:
        schema: Schema = {"type": "array", "items": self.of(get_args(base)[0], read=read)}
        if read:
            mark = next((m for m in marks if isinstance(m, Items)), Items())
            schema |= {"maxItems": mark.max} | ({"minItems": mark.min} if mark.min else {})
        return schema

    def _name(self, kind: type, *, read: bool) -> str:
        """The name of the schema of a dataclass. One that is both read and answered has two
        schemas, because an answer always has all fields."""
        if (kind, read) in self._names:
            return self._names[kind, read]
        taken = {*self._names.values(), *self.named}
        name = next(n for n in _names_for(kind, read=read) if n not in taken)
        self._names[kind, read] = name
        self.named[name] = {}  # for dataclasses that contain themselves
        self.named[name] = self._object(kind, read=read)
        return name

    def _object(self, kind: type, *, read: bool) -> Schema:
        required = self.required(kind) if read else list(parse.shape(kind))
        schema: Schema = {"type": "object", "properties": self.properties(kind, read=read)}
        if doc := _own_doc(kind):
            schema["description"] = doc
        if required:
            schema["required"] = required
        if read:
            schema["additionalProperties"] = False
        return schema


def _own_name(marks: tuple[Any, ...]) -> str | None:
    return next((mark.name for mark in marks if isinstance(mark, Named)), None)


def _names_for(kind: type, *, read: bool) -> tuple[str, ...]:
    module = kind.__module__.rpartition(".")[2].title().replace("_", "")
    name = kind.__name__.lstrip("_")
    return (name, f"{name}{'Input' if read else 'View'}", module + name)


def _own_doc(kind: type) -> str:
    doc = getdoc(kind) or ""
    return "" if doc.startswith(f"{kind.__name__}(") else one_line(doc)


def one_line(doc: str) -> str:
    """A docstring without its line breaks, paragraphs kept."""
    paragraphs = cleandoc(doc).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)


def _bare(annotation: Any) -> tuple[Any, tuple[Any, ...]]:
    """The type without `| None`, and all marks on either side of it."""
    base, marks = parse.unwrap(annotation)
    if _is_nullable(base):
        rest = [part for part in get_args(base) if part is not type(None)]
        inner, more = parse.unwrap(rest[0] if len(rest) == 1 else Union[tuple(rest)])  # noqa: UP007
        return inner, (*marks, *more)
    return base, marks


def _doc(annotation: Any) -> Doc | None:
    """The description of a field; that of its type where it has none of its own."""
    while annotation is not None:
        base, *marks = get_args(annotation) if get_origin(annotation) is Annotated else [annotation]
        for mark in reversed(marks):
            if isinstance(mark, Doc):
                return mark
        rest = [part for part in get_args(base) if part is not type(None)]
        annotation = rest[0] if _is_nullable(base) else None
    return None


def _form(marks: tuple[Any, ...]) -> Schema:
    """The form that a text has for programs."""
    mark = next((mark for mark in marks if isinstance(mark, Format)), Format())
    parts = {"format": mark.name, "pattern": mark.pattern}
    return {name: part for name, part in parts.items() if part is not None}


def _formed(name: str, schema: Schema) -> Schema:
    """The schema of a field of an answer, with the form of its name where it has none."""
    is_text = "string" in schema.get("type", ()) and not {"format", "pattern"} & schema.keys()
    if is_text and name in PATTERNS:
        return {**schema, "pattern": PATTERNS[name]}
    return schema


def _is_nullable(annotation: Any) -> bool:
    base = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    return get_origin(base) in (Union, types.UnionType) and type(None) in get_args(base)


def _nullable(schema: Schema) -> Schema:
    if isinstance(schema.get("type"), str) and "enum" not in schema:
        return {**schema, "type": [schema["type"], "null"]}
    return {"anyOf": [schema, {"type": "null"}]}


def without_null(schema: Schema) -> Schema:
    """The same, but null is not allowed.

    >>> without_null({"type": ["string", "null"], "maxLength": 9})
    {'type': 'string', 'maxLength': 9}
    """
    if isinstance(schema.get("type"), list):
        return {**schema, "type": schema["type"][0]}
    if "anyOf" in schema and {"type": "null"} in schema["anyOf"]:
        rest = {name: value for name, value in schema.items() if name != "anyOf"}
        return {**schema["anyOf"][0], **rest}
    return dict(schema)


def _described(schema: Schema, about: Doc | None) -> Schema:
    if about is None:
        return schema
    also = f" {schema['description']}" if schema.get("description") == AMOUNT["description"] else ""
    described = {**schema, "description": about.text + also}
    if about.example is not None:
        described["examples"] = [about.example]
    return described


def _has_default(declared: Field[Any]) -> bool:
    return declared.default is not MISSING or declared.default_factory is not MISSING


def _with_default(schema: Schema, declared: Field[Any]) -> Schema:
    default = declared.default
    if default is UNSET or not isinstance(default, (str, int, bool)):
        return schema
    return {**schema, "default": default}


def _text(marks: tuple[Any, ...], read: bool) -> Schema:
    mark = next((mark for mark in marks if isinstance(mark, Text)), Text() if read else None)
    if mark is None:
        return {"type": "string"}
    schema: Schema = {"type": "string", "minLength": mark.min, "maxLength": mark.max}
    if mark.pattern is not None:
        schema["pattern"] = f"^(?:{mark.pattern})$"
    elif not mark.lines:
        schema["pattern"] = ONE_LINE
    return schema


def _whole(marks: tuple[Any, ...], read: bool) -> Schema:
    mark = next((mark for mark in marks if isinstance(mark, Integer)), Integer() if read else None)
    if mark is None:
        return {"type": "integer", "format": "int64"}
    size = "int32" if mark.max <= _INT32 else "int64"
    return {"type": "integer", "format": size, "minimum": mark.min, "maximum": mark.max}


_PLAIN: Final[dict[Any, Callable[[tuple[Any, ...], bool], Schema]]] = {
    str: _text,
    int: _whole,
    bool: lambda marks, read: {"type": "boolean"},
    float: lambda marks, read: {"type": "number", "format": "double"},
    datetime: lambda marks, read: dict(_INSTANT),
    date: lambda marks, read: {"type": "string", "format": "date"},
}
