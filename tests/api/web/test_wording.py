"""Refusals in the words that the clients of a replaced system know."""

from __future__ import annotations

import pytest

from chalicelib.api.web import answers
from chalicelib.api.web.wording import Wording
from chalicelib.domain.core import errors
from chalicelib.domain.core.sentence import Verbatim

WORDS = Wording(
    instead=(
        (errors.TooManyEntries, "Maximum {limit} a day"),
        (errors.AlreadyBooked, "Yours already"),
    ),
    usual=((errors.NotOffered, "Not yet"),),
)
LEFT = "You have left the waitlist."


@pytest.mark.parametrize(
    ("refusal", "says"),
    [
        (errors.AlreadyBooked(Verbatim("Two hours overlap.")), "Yours already"),
        (errors.TooManyEntries(Verbatim("Leave one.")).beyond(4), "Maximum 4 a day"),
        (errors.TooManyEntries(Verbatim("Leave one.")), "Leave one."),  # without its fact
        (errors.NotOffered(), "Not yet"),
        (errors.NotOffered(Verbatim(LEFT)), LEFT),  # it says more than its code
        (errors.ZoneClosed(Verbatim("Closed.")), "Closed."),  # no words for it
        (
            errors.Unavailable("Wait."),
            "The service is busy. Try again in a moment.",
        ),  # nor for technical faults
    ],
)
def test_a_refusal_is_told_in_the_words_there_are(refusal: errors.Refusal, says: str) -> None:
    answers.word(refusal, "en")
    said = WORDS.refused(refusal, "r1")
    assert said.body["error"]["message"] == says
    assert said.status == answers.status_of(refusal)
    assert said.body["error"]["code"] == refusal.code


def test_a_defect_of_ours_is_told_in_the_technical_words() -> None:
    for words, says in ((Wording("Try again"), "Try again"), (WORDS, "Broken.")):
        assert words.plain(500, "INTERNAL", "Broken.", "r1").body["error"]["message"] == says
    assert Wording("Try again").plain(415, "X", "Send JSON.", "r1").body["error"]["message"] == (
        "Send JSON."
    )
