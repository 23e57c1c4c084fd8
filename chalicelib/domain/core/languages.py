"""The languages that people read, and whose wish decides (docs/decisions/languages.md)."""

from __future__ import annotations

from collections.abc import Iterator
from functools import lru_cache
from typing import Final, Literal

Language = Literal["en", "hi"]

LANGUAGES: Final[tuple[Language, ...]] = ("en", "hi")
"""Those with a catalogue. The first one is for readers whose language is not known."""


def choose(*tags: str | None) -> Language:
    """The language of the first tag (BCP 47) that has a catalogue; English where none has one.

    >>> choose(None, "fr-CA", "hi-IN", "en"), choose("de"), choose()
    ('hi', 'en', 'en')
    """
    return next((found for tag in tags if (found := known(tag)) is not None), LANGUAGES[0])


def known(tag: str | None) -> Language | None:
    """The language of a tag, None where it has no catalogue.

    >>> known("hi-Deva-IN"), known("EN_gb"), known("hil"), known(None)
    ('hi', 'en', None, None)
    """
    first = (tag or "").replace("_", "-").partition("-")[0].lower()
    return next((language for language in LANGUAGES if language == first), None)


@lru_cache(maxsize=256)
def accepted(header: str | None) -> Language | None:
    """The language that an `Accept-Language` header prefers of those with a catalogue; None where
    it names none of them. Of equal weights the first counts.

    >>> accepted("ta, hi-IN;q=0.9, en;q=0.8"), accepted("en;q=0.2,hi;q=0.5"), accepted("hi;q=0, *")
    ('hi', 'hi', None)
    """
    best = max(_weighed(header or ""), key=lambda each: each[0], default=(0.0, None))
    return best[1] if best[0] > 0 else None


def _weighed(header: str) -> Iterator[tuple[float, Language | None]]:
    """The weights and the languages of the ranges with a catalogue, in order."""
    for each in header.split(","):
        tag, *parameters = (part.strip() for part in each.split(";"))
        language = known(tag)
        if language is not None:
            yield _weight(parameters), language


def _weight(parameters: list[str]) -> float:
    """The weight `q`; 0 for one that is no number from 0 to 1."""
    text = next((each[2:] for each in parameters if each.lower().startswith("q=")), "1")
    try:
        weight = float(text)
    except ValueError:
        return 0.0
    return weight if 0 <= weight <= 1 else 0.0
