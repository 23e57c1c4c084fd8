"""A sentence for people as a value: its name in the catalogues, and the words that it leaves open.
It becomes text at the edge, in the language of the reader (docs/decisions/languages.md)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.core.money import Money

Word = str | int | Money
"""What fills in an open word; `count` chooses the plural form."""


@dataclass(frozen=True)
class Sentence:
    """A sentence by its name in the catalogues."""

    name: str
    words: Mapping[str, Word]


def say(name: str, /, **words: Word) -> Sentence:
    """The sentence `name` with its words.

    >>> say("nights", count=3)
    Sentence(name='nights', words={'count': 3})
    """
    return Sentence(name, words)


@dataclass(frozen=True)
class Paragraph:
    """Several sentences, in order."""

    parts: tuple[Sentence | str, ...]


Wording = Sentence | Paragraph | str
"""What people read. A text is English and in no catalogue yet (tests/texts/untranslated.py)."""


def joined(*wordings: Wording) -> Paragraph:
    """One paragraph of all that is not empty.

    >>> joined("Full.", "", joined("Come back.")).parts
    ('Full.', 'Come back.')
    """
    parts = (each.parts if isinstance(each, Paragraph) else (each,) for each in wordings)
    return Paragraph(tuple(part for some in parts for part in some if part != ""))
