"""The body of a request, as a mapping of texts or JSON values."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, Final
from urllib.parse import parse_qsl

from chalice.app import Request

from chalicelib.api.web import parse
from chalicelib.api.web.answers import JSON
from chalicelib.domain.core import errors

FORM: Final = "application/x-www-form-urlencoded"
MULTIPART: Final = "multipart/form-data"
MAX_BODY: Final = 64 * 1024
"""Bytes; far above any valid request."""


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
    """The fields of the body. Raises TooLarge, and Invalid unless it is JSON or a form."""
    raw = body(request)
    if _type(request).lower().startswith(MULTIPART):
        return dict(_parts(_type(request), raw))
    if is_form(request):
        return dict(parse_qsl(raw.decode("utf-8", "replace"), keep_blank_values=True))
    return parse.json_object(raw)


def _type(request: Request) -> str:
    return str(request.headers.get("content-type", JSON))


def _parts(content_type: str, raw: bytes) -> Iterator[tuple[str, str]]:
    """The named parts of a multipart form; none where it is malformed."""
    from email import message_from_bytes

    whole = message_from_bytes(f"Content-Type: {content_type}\r\n\r\n".encode() + raw)
    for part in whole.walk():
        name = part.get_param("name", header="content-disposition")
        content = part.get_payload(decode=True)
        if isinstance(name, str) and isinstance(content, bytes):
            yield name, content.decode("utf-8", "replace")


def known(fields: Mapping[str, Any], kind: type) -> dict[str, Any]:
    """The fields that `kind` has. Forms of replaced systems send more, such as a CSRF token."""
    return {name: value for name, value in fields.items() if name in parse.shape(kind)}


def fingerprint(method: str, path: str, fields: Mapping[str, Any]) -> bytes:
    """The identity of a request for idempotency: method, path and fields, in any order. Only a
    keyed digest of it is kept, because it may have a password."""
    packed = json.dumps(fields, sort_keys=True, separators=(",", ":"), default=str)
    return f"{method} {path}\n{packed}".encode()
