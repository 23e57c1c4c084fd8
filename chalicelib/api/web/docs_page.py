"""The contract as a page to browse. It works without script and loads nothing from other hosts, as
its Content-Security-Policy states."""

from __future__ import annotations

import base64
import hashlib
import html
import json
import re
from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

from chalicelib.api.web.answers import JSON
from chalicelib.api.web.samples import Part, sample, words
from chalicelib.api.web.schemas import REF, Schema

TEMPLATE: Final = Path(__file__).parent / "templates" / "docs.html"
PARAMETERS: Final = "#/components/parameters/"
RESPONSES: Final = "#/components/responses/"


@dataclass(frozen=True)
class DocsPage:
    """The page, and its Content-Security-Policy."""

    html: str
    policy: str


@dataclass(frozen=True)
class Row:
    """A parameter, or a field of a schema."""

    name: str
    kind: list[Part]
    required: bool
    about: str
    place: str = ""
    default: str = ""


@dataclass(frozen=True)
class Sample:
    """A body or an answer: its schema, its fields and a sample."""

    title: str
    about: str
    kind: list[Part]
    rows: list[Row]
    sample: str


@dataclass(frozen=True)
class Operation:
    """One route."""

    id: str
    method: str
    path: str
    summary: str
    about: str
    roles: list[str]
    key_scope: str
    parameters: list[Row]
    body: Sample | None
    forms: bool
    answer: Sample
    refusals: list[tuple[str, str]]


@dataclass(frozen=True)
class Section:
    """The routes of one subject."""

    name: str
    about: str
    operations: list[Operation]


@dataclass(frozen=True)
class CallOut:
    """The call of a webhook for one event."""

    id: str
    event: str
    summary: str
    headers: list[Row]
    body: Sample
    answers: list[tuple[str, str]]


@dataclass(frozen=True)
class Socket:
    """The WebSocket: the frames that a client sends, and those that it receives."""

    about: str
    sent: list[Sample]
    received: list[Sample]


def render(document: Mapping[str, Any]) -> DocsPage:
    """The page for an OpenAPI document."""
    import jinja2
    import markupsafe

    named = document["components"]["schemas"]
    environment = jinja2.Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True)
    environment.filters["prose"] = lambda text: markupsafe.Markup(_prose(text))  # noqa: S704
    template = environment.from_string(TEMPLATE.read_text(encoding="utf-8"))
    page = template.render(
        info=document["info"],
        sections=list(_sections(document)),
        calls=list(_calls(document)),
        socket=_socket(document),
        shapes=[_part(name, schema, named) for name, schema in named.items()],
    )
    return DocsPage(page, _policy(page))


def _prose(text: str) -> str:
    """Escaped HTML of a text in which `backticks` mark code.

    >>> _prose("`end` > start")
    '<code>end</code> &gt; start'
    """
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))


def _policy(page: str) -> str:
    """The policy that allows the page's own style and script, by their hashes, and nothing else."""
    parts = [
        "default-src 'none'",
        "base-uri 'none'",
        "form-action 'none'",
        "frame-ancestors 'none'",
    ]
    for tag in ("style", "script"):
        hashes = (_hash(text) for text in re.findall(rf"<{tag}>(.*?)</{tag}>", page, re.DOTALL))
        parts.append(f"{tag}-src " + " ".join(hashes))
    return "; ".join(parts)


def _hash(text: str) -> str:
    return f"'sha256-{base64.b64encode(hashlib.sha256(text.encode()).digest()).decode()}'"


def _sections(document: Mapping[str, Any]) -> Iterator[Section]:
    by_tag: dict[str, list[Operation]] = defaultdict(list)
    for path, item in document["paths"].items():
        for method, operation in item.items():
            by_tag[operation["tags"][0]].append(_operation(document, method, path, operation))
    for tag in document["tags"]:
        yield Section(tag["name"], tag["description"], by_tag[tag["name"]])


def _operation(
    document: Mapping[str, Any], method: str, path: str, operation: Mapping[str, Any]
) -> Operation:
    named = document["components"]["schemas"]
    status, success = next(iter(operation["responses"].items()))
    body: Mapping[str, Any] = operation.get("requestBody", {}).get("content", {})
    return Operation(
        id=operation["operationId"],
        method=method.upper(),
        path=path,
        summary=operation["summary"],
        about=operation.get("description", ""),
        roles=operation["x-roles"],
        key_scope=operation.get("x-api-key-scope", ""),
        parameters=[
            _parameter(document["components"]["parameters"][each["$ref"].removeprefix(PARAMETERS)])
            if "$ref" in each
            else _parameter(each)
            for each in operation.get("parameters", ())
        ],
        body=_sent("Body", body[JSON]["schema"], named) if body else None,
        forms=len(body) > 1,
        answer=_answer(status, success, named),
        refusals=list(_refusals(document, operation)),
    )


def _calls(document: Mapping[str, Any]) -> Iterator[CallOut]:
    named = document["components"]["schemas"]
    for event, item in document.get("webhooks", {}).items():
        call = item["post"]
        yield CallOut(
            id=call["operationId"],
            event=event,
            summary=call["summary"],
            headers=[_parameter(each) for each in call["parameters"]],
            body=_sent("Body", call["requestBody"]["content"][JSON]["schema"], named),
            answers=[(status, each["description"]) for status, each in call["responses"].items()],
        )


def _socket(document: Mapping[str, Any]) -> Socket | None:
    if "x-websocket" not in document:
        return None
    socket, named = document["x-websocket"], document["components"]["schemas"]
    sent, received = (
        [_sent(each["$ref"].removeprefix(REF), each, named) for each in socket[way]]
        for way in ("send", "receive")
    )
    return Socket(socket["description"], sent, received)


def _parameter(parameter: Mapping[str, Any]) -> Row:
    schema = parameter["schema"]
    return Row(
        name=parameter["name"],
        kind=words(schema),
        required=parameter.get("required", False),
        about=parameter.get("description", ""),
        place=parameter["in"],
        default=_default(schema),
    )


def _answer(status: str, success: Mapping[str, Any], named: Mapping[str, Schema]) -> Sample:
    content = success.get("content", {})
    if JSON in content:
        return _sent(f"Answer {status}", content[JSON]["schema"], named)
    kind: list[Part] = [(", ".join(content) or "nothing", None)]
    return Sample(f"Answer {status}", "", kind, [], "")


def _sent(title: str, schema: Schema, named: Mapping[str, Schema]) -> Sample:
    whole = named[schema["$ref"].removeprefix(REF)] if "$ref" in schema else schema
    shown = json.dumps(sample(schema, named), indent=2, ensure_ascii=False) if schema else ""
    return Sample(title, whole.get("description", ""), words(schema), _rows(whole), shown)


def _part(name: str, schema: Schema, named: Mapping[str, Schema]) -> Sample:
    return Sample(name, schema.get("description", ""), [], _rows(schema), "")


def _rows(schema: Schema) -> list[Row]:
    needed = schema.get("required", ())
    return [
        Row(name, words(part), name in needed, part.get("description", ""), "", _default(part))
        for name, part in schema.get("properties", {}).items()
    ]


def _default(schema: Schema) -> str:
    return json.dumps(schema["default"]) if "default" in schema else ""


def _refusals(
    document: Mapping[str, Any], operation: Mapping[str, Any]
) -> Iterator[tuple[str, str]]:
    published = document["components"]["responses"]
    for status, response in list(operation["responses"].items())[1:]:
        name = response.get("$ref", "").removeprefix(RESPONSES)
        yield status, (published[name] if name else response)["description"]
