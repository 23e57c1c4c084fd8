"""Answers as they are kept for repeated requests."""

from __future__ import annotations

import json
from collections.abc import Iterable

from chalicelib.api.web.answers import Answer


def packed(answer: Answer, *, without: Iterable[str]) -> str:
    """The answer to keep. The secrets `without` are null in it."""
    hidden = dict.fromkeys(without)
    return json.dumps([answer.status, {**answer.body, **hidden} if hidden else answer.body])


def unpacked(text: str) -> Answer:
    """The kept answer."""
    status, body = json.loads(text)
    return Answer(status, body, {"Idempotency-Replayed": "true"})
