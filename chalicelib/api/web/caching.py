"""ETags, so that whoever polls is told in a few bytes that nothing has happened.

The tag is of what an answer says, without what only the clock says: a booking that has just become
one second older has not changed.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import replace
from typing import Any, Final

from chalicelib.api.web.answers import JSON, Answer

_COUNTERS: Final = ("remaining_time", "time_remaining", "duration_minutes", "overstay_minutes")

TICKING: Final = frozenset({"server_time", "time", *_COUNTERS})
"""Fields that change by themselves; a client counts them on from the answer it has."""


def tagged(answer: Answer, asked: str | None) -> Answer:
    """The answer to a GET with its ETag; 304 and no body where If-None-Match has it."""
    if answer.status != 200 or answer.content_type != JSON:
        return answer
    tag = f'W/"{_digest(answer.body)}"'
    headers = {"Cache-Control": "private, no-cache", **answer.headers, "ETag": tag}
    if asked is not None and _matches(asked, tag):
        return Answer(304, "", headers)
    return replace(answer, headers=headers)


def _matches(asked: str, tag: str) -> bool:
    named = [each.strip().removeprefix("W/") for each in asked.split(",")]
    return "*" in named or tag.removeprefix("W/") in named


def _digest(body: Any) -> str:
    packed = json.dumps(_still(body), separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(packed.encode("utf-8", "surrogatepass")).hexdigest()[:24]


def _still(value: Any) -> Any:
    if isinstance(value, dict):
        return {name: _still(each) for name, each in value.items() if name not in TICKING}
    if isinstance(value, (list, tuple)):
        return [_still(each) for each in value]
    return value
