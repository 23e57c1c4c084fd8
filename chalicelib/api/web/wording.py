"""Refusals of a route in the words that its old clients know, in the usual shape."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

from chalicelib.api.web.answers import Answer, plain, refusal_answer
from chalicelib.domain.core import errors

Texts = tuple[tuple[type[errors.Refusal], str], ...]


@dataclass(frozen=True)
class Wording:
    """The words of a route: `instead` of ours, `usual` where ours say no more than their code,
    `before` ours, or for one faulty field, by its name; `technical` where the fault is not the
    client's. First match first. `{holes}` of the first two are facts of the refusal: without them
    our words stand."""

    technical: str | None = None
    instead: Texts = ()
    usual: Texts = ()
    before: Texts = ()
    faulty: Mapping[str, str] = field(default_factory=dict)

    def refused(self, refusal: errors.Refusal, request_id: str) -> Answer:
        """A refusal in these words."""
        answer = refusal_answer(refusal, request_id)
        error: dict[str, Any] = {**answer.body["error"], "message": self._text(refusal)}
        return Answer(answer.status, {**answer.body, "error": error})

    def _text(self, refusal: errors.Refusal) -> str:
        if len(refusal.fields) == 1:
            return self.faulty.get(next(iter(refusal.fields)), refusal.message)
        if isinstance(refusal, errors.Unavailable):
            return self.technical or refusal.message
        if text := _first(self.instead, refusal) or self._usual(refusal):
            with suppress(KeyError):
                return text.format_map(refusal.facts)
        text = _first(self.before, refusal)
        return f"{text}. {refusal.message}" if text else refusal.message

    def _usual(self, refusal: errors.Refusal) -> str | None:
        return _first(self.usual, refusal) if refusal.is_plain else None

    def plain(self, status: int, code: str, message: str, request_id: str) -> Answer:
        """An answer that no view has made, in these words."""
        text = self.technical if status >= 500 else None
        return plain(status, code, text or message, request_id)


def _first(texts: Texts, refusal: errors.Refusal) -> str | None:
    return next((text for kind, text in texts if isinstance(refusal, kind)), None)
