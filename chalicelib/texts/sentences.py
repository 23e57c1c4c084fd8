"""Sentences as text: refusals, and reasons that the domain gives."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any

from chalicelib.domain.core import localtime
from chalicelib.domain.core.languages import Language
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import (
    At,
    Month,
    Paragraph,
    Sentence,
    Verbatim,
    Weekday,
    Word,
    Wording,
)

_Formatted = Money | At | Weekday | Month | date
"""Words that each language writes in a form of its own."""


def in_words(wording: Wording, language: Language) -> str:
    """The text of a wording. Raises KeyError for a sentence without one.

    >>> from chalicelib.domain.core.sentence import say
    >>> in_words(say("refund_within", count=1), "en")
    'Cancelled within 1 minute of booking: everything paid is refunded.'
    """
    match wording:
        case Paragraph():
            return " ".join(in_words(part, language) for part in wording.parts)
        case Verbatim():
            return wording.text
    return _filled(wording, language)


def worded(value: Any, language: Language) -> Any:
    """A value for JSON with every wording in it as text."""
    match value:
        case Sentence() | Paragraph() | Verbatim():
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
    words = {name: shown(word, language) for name, word in sentence.words.items()}
    if isinstance(text, Counted):
        del words["count"]
        return text.format(_count(sentence), **words)
    return text.format(**words)


def _count(sentence: Sentence) -> int:
    count = sentence.words["count"]
    assert isinstance(count, int)
    return count


def shown(word: Word, language: Language) -> str:
    """A word as text. English keeps amounts and instants as the API writes them, which old clients
    know."""
    match word:
        case tuple():
            return ", ".join(shown(each, language) for each in word)
        case Sentence():
            return in_words(word, language)
        case str() | int():
            return str(word)
    return _in_english(word) if language == "en" else _by_cldr(word, language)


def _in_english(word: _Formatted) -> str:
    match word:
        case Money():
            return f"{word.text()} {word.currency}"
        case At(instant, tz, None):
            return localtime.text(instant, tz)
        case At(instant, tz, datetime() as now):
            return localtime.hour_or_date(instant, tz, now=now)
        case Weekday():
            return f"{word.day:%a}"
        case Month():
            return f"{word.day:%B %Y}"
        case date():
            return f"{word.day} {word:%B %Y}"
    raise TypeError(word)


def _by_cldr(word: _Formatted, language: Language) -> str:
    from chalicelib.texts import amounts, clocks

    match word:
        case Money():
            return amounts.show(word, language)
        case At(instant, tz, None):
            return clocks.moment(instant, tz, language)
        case At(instant, tz, datetime() as now):
            return clocks.today(instant, tz, language, now=now)
        case Weekday():
            return clocks.weekdays((word.day.weekday(),), language)
        case Month():
            return clocks.month(word.day, language)
        case date():
            return clocks.long_day(word, language)
    raise TypeError(word)
