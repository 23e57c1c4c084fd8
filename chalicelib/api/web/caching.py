"""ETags, so that a poll of unchanged data costs a few bytes (docs/decisions/versions.md).

The tag ignores fields that only depend on the clock: a booking does not change because a second has
passed. A cache must not keep an answer with such fields, because an equal tag would let it show
their old values. Clients that count on from them send If-None-Match by themselves.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any, Final

from chalicelib.api.web.answers import JSON, Answer

_COUNTERS: Final = ("remaining_time", "time_remaining", "duration_minutes", "overstay_minutes")

TICKING: Final = frozenset({"server_time", "time", *_COUNTERS})
"""Fields that change with the clock; a client counts them on by itself."""


def tagged(answer: Answer, if_none_match: str | None) -> Answer:
    """The answer to a GET with its ETag; 304 without body where If-None-Match contains it."""
    if answer.status != 200 or answer.content_type != JSON:
        return answer
    lasting = _without_ticking(answer.body)
    tag = f'W/"{_version(lasting)}{_digest(lasting)}"'
    kept = "private, no-cache" if lasting == answer.body else "no-store"
    headers = {"Cache-Control": kept, **answer.headers, "ETag": tag}
    if if_none_match is not None and _matches(if_none_match, tag):
        return Answer(304, "", headers)
    return replace(answer, headers=headers)


def _matches(if_none_match: str, tag: str) -> bool:
    named = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return "*" in named or tag.removeprefix("W/") in named


def _version(lasting: Any) -> str:
    """The version of a single record, in front of its tag: the part that If-Match compares."""
    version = lasting.get("version") if isinstance(lasting, dict) else None
    return f"{version}." if isinstance(version, int) else ""


def _digest(lasting: Any) -> str:
    packed = json.dumps(lasting, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(packed.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _without_ticking(value: Any) -> Any:
    if isinstance(value, dict):
        lasting = (item for item in value.items() if not _ticks(*item))
        return {name: _without_ticking(each) for name, each in lasting}
    if isinstance(value, (list, tuple)):
        return type(value)(_without_ticking(each) for each in value)
    return value


def _ticks(name: str, value: Any) -> bool:
    """Whether a field changes with the clock. The schema of one, in the OpenAPI document, does
    not."""
    return name in TICKING and not isinstance(value, dict)
