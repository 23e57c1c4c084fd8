"""An example of every mail, made by the rules and the templates that make the real ones."""

from __future__ import annotations

from dataclasses import replace

from chalicelib.domain.core.languages import Language
from chalicelib.domain.mail.message import Message
from chalicelib.rendering.mail.reader import Reader
from docs.example_mails import accounts, bookings, changes, offers, season_passes, stays
from docs.example_mails.ingredients import OPERATOR


def examples(language: Language = "en") -> dict[str, Message]:
    """Every mail in a language, by the name of its files."""
    asha = Reader("asha@example.com", language, "Asha Rao", OPERATOR)
    desk = Reader("desk@example.com", language, operator=OPERATOR)
    return {
        **bookings.examples(asha),
        **changes.examples(asha),
        **stays.examples(asha),
        **offers.examples(asha),
        **accounts.examples(asha),
        **season_passes.examples(asha),
        "webhook-disabled": accounts.switched_off(replace(desk, name="Meera Iyer")),
        "overstay": stays.still_there(desk),
    }
