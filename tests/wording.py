"""What a refusal or a fault says, in English."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import pytest

from chalicelib.domain.core.errors import Refusal
from chalicelib.domain.core.sentence import Fault
from chalicelib.texts import sentences

Refused = TypeVar("Refused", bound=Refusal | Fault)


def english(refusal: BaseException) -> str:
    """The text of a refusal, or of a fault."""
    assert isinstance(refusal, Refusal | Fault)
    return sentences.in_words(refusal.wording, "en")


def faults_of(refusal: Refusal) -> dict[str, str]:
    """The texts of its faulty fields."""
    worded: dict[str, str] = sentences.worded(refusal.fields, "en")
    return worded


@contextmanager
def refuses(kind: type[Refused], match: str) -> Iterator[pytest.ExceptionInfo[Refused]]:
    """Require an exception whose English text matches, as `pytest.raises` requires one."""
    with pytest.raises(kind) as caught:
        yield caught
    assert re.search(match, english(caught.value)), english(caught.value)


def fault_in(act: Callable[[], object]) -> Exception | None:
    """The exception that an act ends with: `assert fault_in(act) is None` where it may go on."""
    try:
        act()
    except Exception as fault:
        return fault
    return None
