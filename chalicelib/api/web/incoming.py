"""The body of a request, as a mapping of texts or JSON values."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final
from urllib.parse import parse_qsl

from chalice.app import Request

from chalicelib.api.web import parse
from chalicelib.api.web.answers import JSON
from chalicelib.domain.core import errors
from chalicelib.domain.core.sentence import say

FORM: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"
MAX_BODY: Final = 64 * 1024
"""Bytes; far above any valid request."""

_BOUNDARY: Final = re.compile(r'boundary=(?:"([^"]{1,70})"|([^\s;"]{1,70}))', re.IGNORECASE)
_NAME: Final = re.compile(
    rb'^content-disposition:[^\r\n]*?[;\s]name="([^"\r\n]*)"', re.IGNORECASE | re.MULTILINE
)
_NESTED: Final = re.compile(rb"^content-type:\s*multipart/", re.IGNORECASE | re.MULTILINE)
_BLANK_LINE: Final = re.compile(rb"\r?\n\r?\n")


@dataclass(frozen=True)
class Raw:
    """A body as it came, and the headers, whose names are in lower case."""

    headers: Mapping[str, str]
    content: bytes


def raw(request: Request) -> Raw:
    """The request as it came. Raises TooLarge."""
    headers = {str(name).lower(): str(value) for name, value in request.headers.items()}
    return Raw(headers, body(request))


def is_form(request: Request) -> bool:
    """Whether the body is that of an HTML form."""
    return _type(request).lower().startswith((FORM, MULTIPART))


def body(request: Request) -> bytes:
    """The raw body. Raises TooLarge."""
    raw = request.raw_body or b""
    if isinstance(raw, str):
        raw = raw.encode()
    if len(raw) > MAX_BODY:
        raise errors.TooLarge()
    return raw


def content(request: Request) -> dict[str, Any]:
    """The fields of the body. Raises TooLarge, and Invalid unless it is JSON or a form with each
    field once."""
    raw = body(request)
    if _type(request).lower().startswith(MULTIPART):
        return parse.once_each(_parts(_type(request), raw))
    if is_form(request):
        return parse.once_each(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))
    return parse.json_object(raw)


def query(request: Request) -> dict[str, str]:
    """The parameters of the query. Raises Invalid for one that is given twice."""
    given = request.query_params
    if given is None:
        return {}
    return parse.once_each((name, value) for name in given for value in given.getlist(name))


def _type(request: Request) -> str:
    return str(request.headers.get("content-type", JSON))


def _parts(content_type: str, raw: bytes) -> Iterator[tuple[str, str]]:
    """The named parts of a multipart form (RFC 7578); none where it is malformed. Raises Invalid
    for parts within parts, which no form has."""
    boundary = _BOUNDARY.search(content_type)
    if boundary is None:
        return
    line = re.escape((boundary[1] or boundary[2]).encode("utf-8", "replace"))
    for part in re.split(rb"(?:^|\r?\n)--" + line + rb"(?:--)?[ \t]*(?=\r?\n|$)", raw)[1:]:
        head, *content = _BLANK_LINE.split(b"\n" + part.lstrip(b"\r\n"), maxsplit=1)
        if _NESTED.search(head):
            raise errors.Invalid({"body": say("must_be_flat_form")})
        name = _NAME.search(head)
        if name is not None and content:
            yield name[1].decode("utf-8", "replace"), content[0].decode("utf-8", "replace")


def known(fields: Mapping[str, Any], kind: type) -> dict[str, Any]:
    """The fields that `kind` has. Forms of replaced systems send more, such as a CSRF token."""
    return {name: value for name, value in fields.items() if name in parse.shape(kind)}


def fingerprint(method: str, path: str, fields: Mapping[str, Any]) -> bytes:
    """The identity of a request for idempotency: method, path and fields, in any order. Only a
    keyed digest of it is kept, because it may have a password."""
    packed = json.dumps(fields, sort_keys=True, separators=(",", ":"), default=str)
    return f"{method} {path}\n{packed}".encode()
