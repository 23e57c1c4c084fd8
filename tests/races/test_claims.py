"""An Idempotency-Key in the hands of several who do not know of each other."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from chalicelib.services.core.deps import Deps
from chalicelib.store.idempotency import LEASE, Claim
from tests.clock import NOON
from tests.races.crowd import rush

pytestmark = pytest.mark.engine2

LATER = NOON + LEASE + timedelta(seconds=1)


def _claim(deps: Deps) -> Claim | None:
    return deps.idempotency.claim("who#key", "print", NOON)


def test_of_ten_who_claim_a_key_one_has_it(deps: Deps) -> None:
    assert [found is None for found in rush([partial(_claim, deps)] * 10).answers].count(True) == 1


def test_of_ten_who_find_the_runner_dead_one_takes_over(deps: Deps) -> None:
    _claim(deps)
    left = _claim(deps)
    assert left is not None
    outcome = rush([partial(deps.idempotency.take_over, left, LATER)] * 10)
    assert outcome.answers.count(True) == 1


def test_a_claim_that_is_released_while_others_ask_for_it_is_had_by_one_of_them(deps: Deps) -> None:
    for _ in range(5):
        _claim(deps)
        release = partial(deps.idempotency.release, "who#key")
        outcome = rush([release, *[partial(_claim, deps)] * 9])
        assert outcome.refusals == ()
        deps.idempotency.release("who#key")


def test_an_answer_that_comes_after_its_claim_was_released_leaves_nothing_behind(
    deps: Deps,
) -> None:
    _claim(deps)
    deps.idempotency.release("who#key")
    deps.idempotency.keep_answer("who#key", "late")
    deps.idempotency.end_lease("who#key", LATER)
    assert _claim(deps) is None
