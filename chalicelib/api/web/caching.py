"""ETags, so that a poll of unchanged data costs a few bytes.

The tag ignores fields that only depend on the clock: a booking does not change because a second has
passed.
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
    tag = f'W/"{_digest(answer.body)}"'
    headers = {"Cache-Control": "private, no-cache", **answer.headers, "ETag": tag}
    if if_none_match is not None and _matches(if_none_match, tag):
        return Answer(304, "", headers)
    return replace(answer, headers=headers)


def _matches(if_none_match: str, tag: str) -> bool:
    named = [each.strip().removeprefix("W/") for each in if_none_match.split(",")]
    return "*" in named or tag.removeprefix("W/") in named


def _digest(body: Any) -> str:
    packed = json.dumps(_without_ticking(body), separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(packed.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _without_ticking(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _without_ticking(each) for name, each in value.items() if name not in TICKING}
    if isinstance(value, (list, tuple)):
        return [_without_ticking(each) for each in value]
    return value
