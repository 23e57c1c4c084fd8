"""What a refusal says, in English."""

from __future__ import annotations

from chalicelib.domain.core.errors import Refusal
from chalicelib.texts import sentences


def english(refusal: BaseException) -> str:
    """The text of a refusal."""
    assert isinstance(refusal, Refusal)
    return sentences.in_words(refusal.wording, "en")
