"""Answers as they are kept for repeated requests."""

from __future__ import annotations

import json
from collections.abc import Iterable

from chalicelib.api.web import spoken
from chalicelib.api.web.answers import Answer


def packed(answer: Answer, *, without: Iterable[str]) -> str:
    """The answer to keep, with the language of its sentences. The secrets `without` are null in
    it."""
    hidden = dict.fromkeys(without)
    body = {**answer.body, **hidden} if hidden else answer.body
    language = answer.headers.get("Content-Language")
    return json.dumps([answer.status, body, *([language] if language else [])])


def unpacked(text: str) -> Answer:
    """The kept answer. Older ones do not say their language."""
    status, body, *language = json.loads(text)
    answer = Answer(status, body, {"Idempotency-Replayed": "true"})
    return spoken.in_language(answer, language[0]) if language else answer
