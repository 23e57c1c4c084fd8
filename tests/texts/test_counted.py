"""Sentences that depend on a number, beside the rules of CLDR."""

from __future__ import annotations

import pytest

from chalicelib.domain.core.languages import LANGUAGES, Language
from chalicelib.texts import amounts, cldr
from chalicelib.texts.counted import Counted


@pytest.mark.parametrize("language", LANGUAGES)
def test_small_numbers_have_the_form_and_the_digits_of_cldr(language: Language) -> None:
    forms = {name: f"{name} {{count}}" for name in (*cldr.of(language).plural_form.tags, "other")}
    counted = Counted(language, forms)
    for count in (*range(1200), 9_999, 123_456):
        category = cldr.of(language).plural_form(count)
        assert counted.format(count) == f"{category} {amounts.number(count, language)}"
