"""The locales of CLDR behind our languages. Importing them takes time, so that only mails, pages
and sentences with an amount, a date or a number do it."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Final

from chalicelib.domain.core.languages import Language

if TYPE_CHECKING:
    from babel import Locale

LOCALES: Final[dict[Language, str]] = {"en": "en_GB", "hi": "hi"}

INDIAN_ENGLISH: Final = "en_IN"
"""English for currencies whose amounts are grouped in lakhs."""

SHIPPED: Final = ("root", "en", "en_001", "en_GB", "en_IN", "hi")
"""These locales and their parents: `infra/vendor.py` leaves the others out."""


@cache
def locale(name: str) -> Locale:
    """A locale of CLDR."""
    from babel import Locale

    return Locale.parse(name)


def of(language: Language) -> Locale:
    """The locale of a language."""
    return locale(LOCALES[language])
