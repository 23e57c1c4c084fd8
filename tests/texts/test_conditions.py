"""The condition of a room in a sentence: a word of the reader's language, never a code."""

from __future__ import annotations

import re

import pytest

from chalicelib.domain.core import errors
from chalicelib.domain.core.languages import LANGUAGES, Language
from chalicelib.domain.housekeeping import turnover
from chalicelib.domain.housekeeping.turnover import Condition, Room
from chalicelib.texts import sentences
from tests.builders import ATTENDANT
from tests.clock import NOON


def said(refusal: errors.Refusal, language: Language) -> str:
    return sentences.in_words(refusal.wording, language)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("condition", Condition)
def test_a_room_that_is_not_ready_says_so_in_words(
    condition: Condition, language: Language
) -> None:
    room = Room("rooms", "101", condition)
    text = said(errors.RoomNotReady.of(room.in_words), language)
    assert not re.search("[A-Z]{3}", text)
    assert sentences.in_words(room.in_words, language) in text


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_condition_has_a_word_of_its_own(language: Language) -> None:
    words = {sentences.in_words(Room("rooms", "1", each).in_words, language) for each in Condition}
    assert len(words) == len(Condition)


@pytest.mark.parametrize(
    ("language", "text"),
    [
        ("en", "The room is dirty and cannot be marked as ready. Possible next: being cleaned or out of service."),
        ("hi", "कमरा गंदा है, इसलिए इसे “तैयार” नहीं किया जा सकता। इसके बाद संभव है: सफ़ाई में या सेवा से बाहर।"),
    ],
)  # fmt: skip
def test_a_step_that_is_not_possible_names_the_possible_ones(language: Language, text: str) -> None:
    dirty = Room("rooms", "101", Condition.CHECKOUT_DIRTY)
    with pytest.raises(errors.IllegalTransition) as refused:
        turnover.step(dirty, Condition.READY_FOR_GUEST, by=ATTENDANT, at=NOON, note="")
    assert said(refused.value, language) == text
