"""Each catalogue says the same things: every text that the code names, and no other."""

from __future__ import annotations

import ast
import string
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

from chalicelib.domain.core.languages import LANGUAGES, Language
from chalicelib.domain.sites.site import ZoneKind
from chalicelib.texts import catalogue, cldr
from chalicelib.texts.kinds import KindTexts
from chalicelib.texts.mails import MailTexts

KINDS = get_args(ZoneKind)
ROOT = Path(__file__).parents[2] / "chalicelib"
SECTIONS: dict[str, type] = {
    "mails": MailTexts,
    **dict.fromkeys(KINDS, KindTexts),
}

NOT_YET: set[tuple[Language, str]] = set()
"""Sections that are still to be translated; their readers get English. It only shrinks."""

CARRIERS: set[str] = {
    "texts",
    "kind",
    "self.texts",
    "reader.texts",
    "texts.of(booking.kind)",
    "texts.of(zone.kind)",
}
"""What the code calls a catalogue of texts."""

EVERY = [
    (language, section)
    for language in LANGUAGES
    for section in SECTIONS
    if (language, section) not in NOT_YET
]


def forms_of(text: str | dict[str, str]) -> list[str]:
    """The sentence, or its plural forms."""
    return list(text.values()) if isinstance(text, dict) else [text]


def placeholders(form: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(form) if name is not None}


def test_there_is_one_file_for_each_language() -> None:
    assert {path.stem for path in catalogue.FOLDER.glob("*.json")} == set(LANGUAGES)


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_file_has_no_sections_but_those_in_use(language: Language) -> None:
    untranslated = {section for of, section in NOT_YET if of == language}
    assert catalogue.sections(language).keys() == SECTIONS.keys() - untranslated


@pytest.mark.parametrize(("language", "section"), EVERY)
def test_no_text_is_missing_and_none_is_unknown(language: Language, section: str) -> None:
    named = {each.name for each in fields(SECTIONS[section])} - {"language", *KINDS}
    assert catalogue.sections(language)[section].keys() == named


@pytest.mark.parametrize(("language", "section"), EVERY)
def test_a_text_has_the_forms_that_its_language_counts_by(language: Language, section: str) -> None:
    counted = {each.name for each in fields(SECTIONS[section]) if "Counted" in str(each.type)}
    forms = {*cldr.of(language).plural_form.tags, "other"}
    texts = catalogue.sections(language)[section]
    assert {name for name, text in texts.items() if isinstance(text, dict)} == counted
    assert {name for name in counted if texts[name].keys() != forms} == set()


@pytest.mark.parametrize(("language", "section"), EVERY)
def test_all_languages_leave_the_same_words_open(language: Language, section: str) -> None:
    ours, english = catalogue.sections(language)[section], catalogue.sections("en")[section]
    for name, text in ours.items():
        every = set().union(*map(placeholders, forms_of(english[name])))
        open_words = set().union(*map(placeholders, forms_of(text)))
        assert open_words == every, name


@pytest.mark.parametrize(("language", "section"), EVERY)
def test_no_text_is_empty_or_padded(language: Language, section: str) -> None:
    for name, text in catalogue.sections(language)[section].items():
        for form in forms_of(text):
            assert form.strip() == form != "", name


@pytest.mark.parametrize("section", SECTIONS)
def test_every_text_is_used(section: str) -> None:
    named = {each.name for each in fields(SECTIONS[section])} - {"language", *KINDS}
    assert named - _attributes() == set()


@cache
def _attributes() -> frozenset[str]:
    """The attributes that the code outside the catalogues reads."""
    return frozenset(_read_in(ROOT))


def _read_in(folder: Path) -> Iterator[str]:
    paths = (path for path in folder.rglob("*.py") if path.parent.name != "texts")
    for node in (node for path in paths for node in ast.walk(ast.parse(path.read_text()))):
        if isinstance(node, ast.Attribute) and ast.unparse(node.value) in CARRIERS:
            yield node.attr


def test_a_missing_text_is_an_error_and_no_gap_in_a_mail() -> None:
    texts = dict(catalogue.sections("en")["mails"])
    del texts["greeting"]
    kind = catalogue.mails("en").parking
    with pytest.raises(TypeError, match="greeting"):
        MailTexts(language="en", parking=kind, venue=kind, room=kind, **texts)
