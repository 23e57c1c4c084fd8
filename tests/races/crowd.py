"""Many people at once, and the outcome of each."""

from __future__ import annotations

import threading
from collections import Counter
from collections.abc import Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

from chalicelib.domain.core.errors import Refusal


@dataclass(frozen=True)
class Outcome:
    """What everybody got: an answer, or a named refusal."""

    answers: tuple[Any, ...]
    refusals: tuple[Refusal, ...]

    @property
    def codes(self) -> dict[str, int]:
        """How often each refusal was given, by its code."""
        return dict(Counter(refusal.code for refusal in self.refusals))


def rush(acts: Iterable[Callable[[], Any]]) -> Outcome:
    """Let everybody act at the same moment, a thread each. What is no refusal is raised: nothing
    else may ever come out of a race."""
    everybody = tuple(acts)
    gate = threading.Barrier(len(everybody))
    with ThreadPoolExecutor(len(everybody)) as pool:
        results = list(pool.map(lambda act: _let(act, gate), everybody))
    refused = tuple(result for result in results if isinstance(result, Refusal))
    return Outcome(tuple(r for r in results if not isinstance(r, Refusal)), refused)


def _let(act: Callable[[], Any], gate: threading.Barrier) -> Any:
    gate.wait(30)
    try:
        return act()
    except Refusal as refusal:
        return refusal
