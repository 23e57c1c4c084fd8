"""Sentences that depend on a number: one form for each plural category of the language (CLDR)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from chalicelib.domain.core.languages import Language
from chalicelib.texts import amounts, cldr


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
        form = self.forms[cldr.of(self.language).plural_form(count)]
        return form.format(count=amounts.number(count, self.language), **words)
