"""Sentences as text: refusals, and reasons that the domain gives."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from chalicelib.domain.core.languages import Language
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import Paragraph, Sentence, Word, Wording


def in_words(wording: Wording, language: Language) -> str:
    """The text of a wording. Raises KeyError for a sentence without one.

    >>> from chalicelib.domain.core.sentence import say
    >>> in_words(say("refund_within", count=1), "en")
    'Cancelled within 1 minute of booking: everything paid is refunded.'
    """
    if isinstance(wording, Paragraph):
        return " ".join(in_words(part, language) for part in wording.parts)
    return wording if isinstance(wording, str) else _filled(wording, language)


def worded(value: Any, language: Language) -> Any:
    """A value for JSON with every wording in it as text."""
    match value:
        case Sentence() | Paragraph():
            return in_words(value, language)
        case Mapping():
            return {name: worded(each, language) for name, each in value.items()}
        case list() | tuple():
            return [worded(each, language) for each in value]
    return value


def _filled(sentence: Sentence, language: Language) -> str:
    from chalicelib.texts import catalogue
    from chalicelib.texts.counted import Counted

    text = catalogue.sentences(language)[sentence.name]
    words = {name: _shown(word, language) for name, word in sentence.words.items()}
    if isinstance(text, Counted):
        del words["count"]
        return text.format(_count(sentence), **words)
    return text.format(**words)


def _count(sentence: Sentence) -> int:
    count = sentence.words["count"]
    assert isinstance(count, int)
    return count


def _shown(word: Word, language: Language) -> object:
    """A word as text. English keeps amounts as the API writes them, which old clients know."""
    if not isinstance(word, Money):
        return word
    if language == "en":
        return f"{word.text()} {word.currency}"
    from chalicelib.texts import amounts

    return amounts.show(word, language)
