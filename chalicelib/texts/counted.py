"""Sentences that depend on a number: one form for each plural category of the language (CLDR)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from chalicelib.domain.core.languages import Language

_SMALL: Final = 1000
"""Smaller numbers have no separator, and their plural category is known without CLDR."""

_ONE: Final[Mapping[Language, tuple[int, ...]]] = {"en": (1,), "hi": (0, 1)}
"""The small numbers of the category `one`; all others are `other`."""


@dataclass(frozen=True)
class Counted:
    """The forms of a sentence by plural category."""

    language: Language
    forms: Mapping[str, str]

    def format(self, count: int, /, **words: object) -> str:
        """The sentence for `count`, which fills in `{count}`, with the other words.

        >>> nights = Counted("en", {"one": "{count} night", "other": "{count} nights"})
        >>> nights.format(1), nights.format(1000)
        ('1 night', '1,000 nights')
        """
        if 0 <= count < _SMALL:
            category = "one" if count in _ONE[self.language] else "other"
            return self.forms[category].format(count=count, **words)
        from chalicelib.texts import amounts, cldr

        form = self.forms[cldr.of(self.language).plural_form(count)]
        return form.format(count=amounts.number(count, self.language), **words)
