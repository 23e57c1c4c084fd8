"""A sentence for people as a value: its name in the catalogues, and the words that it leaves open.
It becomes text at the edge, in the language of the reader (docs/decisions/languages.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Self, TypeAlias
from zoneinfo import ZoneInfo

from chalicelib.domain.core.money import Money


@dataclass(frozen=True)
class At:
    """An instant by the clocks in `tz`: the hour alone on the day of `now`, else with its date."""

    instant: datetime
    tz: ZoneInfo
    now: datetime | None = None


@dataclass(frozen=True)
class Weekday:
    """The weekday of a date."""

    day: date


@dataclass(frozen=True)
class Month:
    """The month of a date, with its year."""

    day: date


Word: TypeAlias = "str | int | date | Money | At | Weekday | Month | Sentence | tuple[Word, ...]"
"""What fills in an open word; `count` chooses the plural form. Several words are a list."""


@dataclass(frozen=True)
class Sentence:
    """A sentence by its name in the catalogues."""

    name: str
    words: Mapping[str, Word] = field(hash=False)

    def with_words(self, **words: Word) -> Self:
        """The sentence with these words beside or instead of its own."""
        return replace(self, words={**self.words, **words})


def say(name: str, /, **words: Word) -> Sentence:
    """The sentence `name` with its words.

    >>> say("nights", count=3)
    Sentence(name='nights', words={'count': 3})
    """
    return Sentence(name, words)


@dataclass(frozen=True)
class Verbatim:
    """A text in no catalogue, the same for every reader: what the documents of the replaced systems
    print, and what the command line says."""

    text: str


@dataclass(frozen=True)
class Paragraph:
    """Several sentences, in order."""

    parts: tuple[Sentence | Verbatim, ...]


Wording = Sentence | Verbatim | Paragraph
"""What people read."""


class Fault(ValueError):
    """What is wrong with a value. Its wording goes on after the name of the field."""

    def __init__(self, wording: Wording) -> None:
        super().__init__(wording)
        self.wording = wording


def joined(*wordings: Wording) -> Paragraph:
    """One paragraph of all wordings.

    >>> full = say("zone_full")
    >>> joined(full, joined(say("still_free"))).parts == (full, say("still_free"))
    True
    """
    parts = (each.parts if isinstance(each, Paragraph) else (each,) for each in wordings)
    return Paragraph(tuple(part for some in parts for part in some))
