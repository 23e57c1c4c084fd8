"""Bodies of requests to the control surface: JSON from scripts, forms from the pages."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import parse_qsl

from local.gateway import HttpRequest

OUT_OF_RANGE: Final = "must lie in the years 2000 to 2199"


class BadBody(Exception):
    """The body is not what the path takes; carries the faulty fields."""

    def __init__(self, **fields: str) -> None:
        super().__init__(fields)
        self.fields = fields


def json_object(request: HttpRequest, *allowed: str) -> dict[str, Any]:
    """The JSON object in the body; an empty body is an empty object. Raises BadBody."""
    try:
        body = json.loads(request.body or b"{}")
    except (ValueError, RecursionError):
        raise BadBody(body="must be JSON") from None
    if not isinstance(body, dict):
        raise BadBody(body="must be an object")
    if unknown := set(body) - set(allowed):
        raise BadBody(**dict.fromkeys(sorted(unknown), "is not known here"))
    return body


def form(request: HttpRequest) -> dict[str, str]:
    """The fields of an HTML form; the last value counts."""
    return dict(parse_qsl(request.body.decode("utf-8", "replace"), keep_blank_values=True))


def seconds(value: Any) -> int:
    """Whole seconds. Raises BadBody."""
    if not isinstance(value, int) or isinstance(value, bool):
        raise BadBody(advance_seconds="must be a whole number")
    return value


def instant(value: Any) -> datetime:
    """An instant, in UTC. Raises BadBody."""
    parsed = _parsed(value)
    if parsed is None or parsed.tzinfo is None:
        raise BadBody(now="must be an instant such as 2026-11-21T12:00:00Z")
    return _in_utc(parsed)


def utc_time(value: Any) -> datetime:
    """The instant of a date and time in UTC, as a form field sends it. Raises BadBody."""
    parsed = _parsed(value)
    if parsed is None:
        raise BadBody(now="must be a date and a time such as 2026-11-21 12:00")
    return _in_utc(parsed.replace(tzinfo=parsed.tzinfo or UTC))


def _in_utc(moment: datetime) -> datetime:
    try:
        return moment.astimezone(UTC)
    except OverflowError:
        raise BadBody(now=OUT_OF_RANGE) from None


def _parsed(value: Any) -> datetime | None:
    try:
        return datetime.fromisoformat(value)
    except (TypeError, ValueError):
        return None
