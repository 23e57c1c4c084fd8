"""Each catalogue says the same things: every text that the code names, and no other."""

from __future__ import annotations

import ast
import re
import string
from collections.abc import Iterator
from dataclasses import fields
from functools import cache
from pathlib import Path
from typing import get_args

import pytest

from chalicelib.domain.core import errors
from chalicelib.domain.core.languages import LANGUAGES, Language
from chalicelib.domain.sites.site import ZoneKind
from chalicelib.texts import catalogue, cldr
from chalicelib.texts.kinds import KindTexts
from chalicelib.texts.mails import MailTexts
from chalicelib.texts.pages import PageTexts
from chalicelib.texts.receipts import ReceiptTexts
from tests.services.bookings import timeline_words

KINDS = get_args(ZoneKind)
ROOT = Path(__file__).parents[2] / "chalicelib"
SECTIONS: dict[str, type] = {
    "mails": MailTexts,
    "pages": PageTexts,
    "receipts": ReceiptTexts,
    **dict.fromkeys(KINDS, KindTexts),
}
NOT_YET: set[tuple[Language, str]] = set()
"""Sections that are still to be translated; their readers get English. It only shrinks."""

CARRIERS: set[str] = {
    "texts",
    "page.texts",
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
WHOLE = [*EVERY, *((language, section) for language in LANGUAGES for section in catalogue.BY_NAME)]


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
    named = {*SECTIONS, *catalogue.BY_NAME, "steps"}
    assert catalogue.sections(language).keys() == named - untranslated


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_step_of_a_timeline_has_a_text_and_no_other_has(language: Language) -> None:
    steps = timeline_words.every() | {"checked_out_auto"}
    assert catalogue.steps(language).keys() == steps
    assert all(isinstance(text, str) for text in catalogue.steps(language).values())


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


@pytest.mark.parametrize(("language", "section"), WHOLE)
def test_all_languages_leave_the_same_words_open(language: Language, section: str) -> None:
    ours, english = catalogue.sections(language)[section], catalogue.sections("en")[section]
    for name, text in ours.items():
        every = set().union(*map(placeholders, forms_of(english[name])))
        open_words = set().union(*map(placeholders, forms_of(text)))
        assert open_words == every, name


@pytest.mark.parametrize(("language", "section"), WHOLE)
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
    for template in folder.rglob("*.html"):
        yield from re.findall(r"page\.texts\.(\w+)", template.read_text())
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


# -- what is said: refusals, and reasons ---------------------------------------------------------


def _codes() -> set[str]:
    """The names of the sentences of refusals that say nothing else."""
    kinds: list[type[errors.Refusal]] = [errors.Refusal]
    for kind in kinds:
        kinds.extend(kind.__subclasses__())
    return {kind.code.lower() for kind in kinds}


@cache
def _said() -> dict[str, set[frozenset[str]]]:
    """The sentences that the code says by name, with the words that it fills in."""
    found: dict[str, set[frozenset[str]]] = {}
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text())):
            match node:
                case ast.Call(func=ast.Name("say"), args=[ast.Constant(str(name))]):
                    words = frozenset(str(word.arg) for word in node.keywords)
                    found.setdefault(name, set()).add(words)
    return found


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_has_a_text_and_every_text_is_said(language: Language) -> None:
    assert catalogue.sentences(language).keys() == _said().keys() | _codes()


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_sentence_is_given_the_words_that_it_leaves_open(language: Language) -> None:
    for name, given in _said().items():
        text = catalogue.sentences(language)[name]
        forms = [text] if isinstance(text, str) else text.forms.values()
        assert given == {frozenset(set().union(*map(placeholders, forms)))}, name


@pytest.mark.parametrize("language", LANGUAGES)
def test_no_two_sections_name_a_sentence_alike(language: Language) -> None:
    names = [
        name for section in catalogue.BY_NAME for name in catalogue.sections(language)[section]
    ]
    assert len(names) == len({*names})


WHOLE_SENTENCE = re.compile(r"[A-Z{].*[.!)}]", re.DOTALL)
GOES_ON = re.compile(r"[^A-Z.].*[^.]", re.DOTALL)


@pytest.mark.parametrize("section", ["refusals", "refunds"])
def test_what_people_read_by_itself_is_a_whole_sentence(section: str) -> None:
    for name, text in catalogue.sections("en")[section].items():
        for form in forms_of(text):
            assert WHOLE_SENTENCE.fullmatch(form), name


def test_a_fault_goes_on_after_the_name_of_its_field() -> None:
    for name, text in catalogue.sections("en")["faults"].items():
        for form in forms_of(text):
            assert GOES_ON.fullmatch(form), name


NEXT_STEP = re.compile(
    r"(?:^|[.;:] |, |, or )(?:Add|Ask|Assign|Book|Cancel|Change|Check|Choose|Close|Come|Confirm|"
    r"Delete|Earlier|Erase|Find|Finish|Have|Join|Leave|Lift|Load|Look|Make|Move|Open|Pay|"
    r"Possible next|Refresh|Reload|Repeat|Revoke|Send|Set|Show|Sign|Subscribe|Switch|Take|Try|Wait|"
    r"You can|We will|It may have|An owner can|The header|The next|/api/docs|book|check)\b"
)
SAYS_ALL = {
    # each field says what is wrong with it; the facts beside it say what is in the way
    "refused", "validation_failed", "space_taken", "zone_full", "taken_from",
    # the times at which a place is open, or a date of a series can be booked
    "outside_hours", "closed_from_until", "closed_because", "renew_too_early",
    "start_fault", "clocks_change_length", "no_such_date", "no_such_day", "time_skipped_on",
    "time_twice_on", "waited_time_begun",
    # a state in which nothing is left to do
    "nothing_due", "shift_closed", "case_closed", "closed_for_good", "needs_no_confirmation", "confirmed_stays",
    "already_checked_in", "inside_since", "inside_since_where", "inside_since_by",
    "inside_since_where_by", "over_booked", "over_active", "over_completed", "over_cancelled",
    "over_expired", "cancelled_unconfirmed",
    # the rule itself names the step that is possible
    "only_unconfirmed", "only_not_entered", "only_held_fee", "only_a_hold", "only_begun",
    "only_end_moves",
    "zones_priced_in_currency",
    # parts of a paragraph whose other sentences say where to pay
    "booking_unpaid", "contact_is", "free_instead",
}  # fmt: skip
"""Refusals after which a reader has nothing to ask."""


def test_a_refusal_says_what_to_do_next() -> None:
    refusals = catalogue.sections("en")["refusals"]
    silent = {
        name for name, text in refusals.items() if not all(map(NEXT_STEP.search, forms_of(text)))
    }
    assert silent == SAYS_ALL


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_is_missing_or_forbidden_has_a_second_sentence(language: Language) -> None:
    texts = catalogue.sections(language)["refusals"]
    for kind in (errors.NotFound, errors.Forbidden, errors.AlreadyExists):
        for code in {kind.code, *(each.code for each in kind.__subclasses__())}:
            assert len(re.findall(r"[.।](?: |$)", texts[code.lower()])) > 1, code
    assert len(re.findall(r"[.।](?: |$)", texts["internal"])) > 1


CODE = re.compile(r"\b[A-Z]{4,}\b|\b[A-Z]+_[A-Z_]+\b")
NO_CODES = {"JSON", "IANA", "ASCII", "CGST", "SGST", "GSTIN", "AUTO"}
"""Words in capitals; AUTO is promised to the clients of the auto-checkout system."""


@pytest.mark.parametrize(("language", "section"), [*WHOLE, ("en", "steps"), ("hi", "steps")])
def test_no_text_shows_a_code_of_the_program(language: Language, section: str) -> None:
    for name, text in catalogue.sections(language)[section].items():
        for form in forms_of(text):
            assert set(CODE.findall(form)) <= NO_CODES, name


@pytest.mark.parametrize("section", ["refusals", "faults", "answers"])
def test_no_sentence_blames_its_reader(section: str) -> None:
    texts = catalogue.sections("en")[section].items()
    blaming = re.compile(r"\b(you (must|have to|failed|forgot)|your (fault|mistake)|illegal|bad)\b")
    assert [name for name, text in texts if any(map(blaming.search, forms_of(text)))] == []
