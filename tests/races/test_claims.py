"""An Idempotency-Key in the hands of several who do not know of each other."""

from __future__ import annotations

import secrets
from datetime import datetime, timedelta
from functools import partial

import pytest

from chalicelib.services.core.deps import Deps
from chalicelib.store.idempotency import KEPT, LEASE, Claim
from tests.clock import NOON
from tests.races.crowd import rush

pytestmark = pytest.mark.engine2

LATER = NOON + LEASE + timedelta(seconds=1)


def _new(now: datetime = NOON) -> Claim:
    return Claim.new("who", "key", fingerprint="print", seed=secrets.token_hex(16), now=now)


def _claim(deps: Deps) -> tuple[bool, Claim]:
    """Whether a new claim got the key, and the claim that has it."""
    new = _new()
    found = deps.idempotency.claim(new)
    return found == new, found


def test_of_ten_who_claim_a_key_one_has_it_and_all_see_its_seed(deps: Deps) -> None:
    answers = rush([partial(_claim, deps)] * 10).answers
    assert [is_mine for is_mine, _ in answers].count(True) == 1
    assert len({claim.seed for _, claim in answers}) == 1


def test_a_claim_that_is_sent_twice_by_its_transport_is_still_its_own(deps: Deps) -> None:
    new = _new()
    assert deps.idempotency.claim(new).seed == deps.idempotency.claim(new).seed == new.seed


def test_of_ten_who_find_the_runner_dead_one_takes_over(deps: Deps) -> None:
    _, left = _claim(deps)
    outcome = rush([partial(deps.idempotency.take_over, left, LATER)] * 10)
    assert outcome.answers.count(True) == 1


def test_a_claim_that_is_released_while_others_ask_for_it_is_had_by_one_of_them(deps: Deps) -> None:
    for _ in range(5):
        _, first = _claim(deps)
        release = partial(deps.idempotency.release, first)
        outcome = rush([release, *[partial(_claim, deps)] * 9])
        assert outcome.refusals == ()
        deps.idempotency.release(deps.idempotency.claim(_new()))


def test_an_answer_that_comes_after_its_claim_was_released_leaves_nothing_behind(
    deps: Deps,
) -> None:
    _, first = _claim(deps)
    deps.idempotency.release(first)
    deps.idempotency.keep_answer(first, "late")
    deps.idempotency.end_lease(first, LATER)
    assert _claim(deps)[0]


def test_what_comes_too_late_does_nothing_to_the_next_claim_of_its_key(deps: Deps) -> None:
    _, first = _claim(deps)
    second = deps.idempotency.claim(_new(NOON + KEPT))
    deps.idempotency.keep_answer(first, "late")
    deps.idempotency.end_lease(first, NOON)
    deps.idempotency.release(first)
    assert second.seed != first.seed
    assert deps.idempotency.claim(_new(NOON + KEPT)) == second
