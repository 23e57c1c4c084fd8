"""Sentences for people in the answer of a view: their language stands in its headers."""

from __future__ import annotations

from dataclasses import replace
from typing import Annotated, Any, Final, get_args, get_origin

from chalicelib.api.web.answers import Answer
from chalicelib.domain.core.constraints import Doc
from chalicelib.domain.core.languages import Language

TRANSLATED: Final = Doc("In the reader's language.")
Translated = Annotated[str, TRANSLATED]
"""A sentence for people, in the language of the reader."""

VARY: Final = "Accept-Language"


class Spoken:
    """A view with sentences for people, its own or those of a part. The type says so itself: to
    look at the annotations of all parts would cost a cold start milliseconds."""


def speaks(gives: Any) -> bool:
    """Whether an answer of this view, a list of it or a page of it has sentences for people."""
    listed = gives if isinstance(gives, list) else get_args(gives)
    kind = listed[0] if isinstance(gives, list) or get_origin(gives) is tuple else gives
    return isinstance(kind, type) and issubclass(kind, Spoken)


def in_language(answer: Answer, language: Language) -> Answer:
    """The answer with the language of its sentences."""
    headers = {"Content-Language": language, "Vary": VARY, **answer.headers}
    return replace(answer, headers=headers)
