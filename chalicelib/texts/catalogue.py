"""The catalogues: one file a language, read when a text of it is first needed."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from chalicelib.domain.core.languages import LANGUAGES, Language
from chalicelib.texts.counted import Counted

if TYPE_CHECKING:
    from chalicelib.texts.mails import MailTexts
    from chalicelib.texts.pages import PageTexts
    from chalicelib.texts.receipts import ReceiptTexts

FOLDER: Final = Path(__file__).parent

BY_NAME: Final = ("refusals", "faults", "parts", "refunds", "answers")
"""The sections of sentences that the code names (domain/core/sentence.py). `faults` go on after the
name of a field, `parts` are words within others."""


@cache
def sections(language: Language) -> Mapping[str, Mapping[str, Any]]:
    """The whole catalogue of a language: section, name, text."""
    loaded: dict[str, dict[str, Any]] = json.loads((FOLDER / f"{language}.json").read_bytes())
    return loaded


@cache
def mails(language: Language) -> MailTexts:
    """The texts of mails, in English where a language has none yet. Raises TypeError where one is
    missing or has no use."""
    from chalicelib.texts.kinds import KindTexts
    from chalicelib.texts.mails import MailTexts

    spoken = language if "mails" in sections(language) else LANGUAGES[0]
    return MailTexts(
        language=spoken,
        parking=KindTexts(**_texts(spoken, "parking")),
        venue=KindTexts(**_texts(spoken, "venue")),
        room=KindTexts(**_texts(spoken, "room")),
        **_texts(spoken, "mails"),
    )


@cache
def pages(language: Language) -> PageTexts:
    """The texts of pages. Raises TypeError where one is missing or has no use."""
    from chalicelib.texts.pages import PageTexts

    return PageTexts(language=language, **_texts(language, "pages"))


@cache
def receipts(language: Language) -> ReceiptTexts:
    """The texts of receipts and invoices. Raises TypeError where one is missing or has no use."""
    from chalicelib.texts.receipts import ReceiptTexts

    return ReceiptTexts(language=language, **_texts(language, "receipts"))


@cache
def sentences(language: Language) -> Mapping[str, str | Counted]:
    """The sentences of refusals, faults of fields, reasons and answers, by name."""
    return {name: text for section in BY_NAME for name, text in _texts(language, section).items()}


@cache
def steps(language: Language) -> Mapping[str, str]:
    """The steps of a booking as its timeline shows them, by the word that is stored."""
    return _texts(language, "steps")


def _texts(language: Language, section: str) -> dict[str, Any]:
    """The texts of a section; those with plural forms as a Counted."""
    return {
        name: Counted(language, text) if isinstance(text, dict) else text
        for name, text in sections(language)[section].items()
    }
