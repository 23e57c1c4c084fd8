"""`Idempotency-Key`: the same key and body give the first answer again for 24 hours.

The ids of what a request makes grow from a random seed that is drawn with the claim of its key, and
kept in it (docs/decisions/idempotency.md).
"""

from __future__ import annotations

import logging
import re
from collections.abc import Callable
from dataclasses import replace
from typing import Final, TypeVar

from chalicelib.domain.core import errors
from chalicelib.domain.core.access import ANONYMOUS, Actor
from chalicelib.domain.core.sentence import say
from chalicelib.services.core.deps import Deps, Replay
from chalicelib.store.idempotency import Claim

log = logging.getLogger("berth")

A = TypeVar("A")

SEED_BITS: Final = 128

_KEY: Final = re.compile(r"[\x21-\x7e]{1,128}")


def once(
    deps: Deps,
    actor: Actor,
    key: str,
    request: bytes,
    *,
    act: Callable[[Deps], A],
    pack: Callable[[A], str],
    unpack: Callable[[str], A],
) -> A:
    """Run `act` once for this caller and key, and keep its answer; a refusal is not kept, because
    nothing happened. Where the first run died, or does not know whether its write succeeded
    (Unavailable), `act` runs again with the same ids. Raises Mismatch for another request under the
    same key, RequestInProgress while the first one runs. An answer that cannot be kept fails
    nothing."""
    if not _KEY.fullmatch(key):
        raise errors.Invalid({"Idempotency-Key": say("must_be_once_key")})
    new = _new_claim(deps, actor, key, request)
    claim = deps.idempotency.claim(new)
    is_first = claim.seed == new.seed
    if not is_first:
        answer = _known(deps, claim, request)
        if answer is not None:
            return unpack(answer)
    try:
        done = act(replace(deps, replay=Replay(claim.at, bytes.fromhex(claim.seed), claim.name)))
    except errors.Unavailable:
        deps.idempotency.end_lease(claim, new.at)
        raise
    except errors.Refusal:
        if is_first:
            deps.idempotency.release(claim)
        else:  # the first run may have written
            deps.idempotency.end_lease(claim, new.at)
        raise
    _keep(deps, claim, lambda: pack(done))
    return done


def _keep(deps: Deps, claim: Claim, packed: Callable[[], str]) -> None:
    """Keep the answer. A failure fails nothing, because the request is done: a repeated one runs
    again, with the same ids."""
    try:
        deps.idempotency.keep_answer(claim, packed())
    except Exception:
        log.exception("answer not kept", extra={"account": claim.owner})


def _new_claim(deps: Deps, actor: Actor, key: str, request: bytes) -> Claim:
    """A claim with a random seed. Callers who are not signed in have nothing else in common than
    the request itself, so only the same request is the same claim."""
    fingerprint = deps.tokens.fingerprint(request)
    owner = actor.account_id
    if actor == ANONYMOUS:
        owner = f"{owner}#{fingerprint}"
    seed = f"{deps.random_bits(SEED_BITS):0{SEED_BITS // 4}x}"
    return Claim.new(owner, key, fingerprint=fingerprint, seed=seed, now=deps.now())


def _known(deps: Deps, claim: Claim, request: bytes) -> str | None:
    """The kept answer, or None where the request may run again."""
    if not deps.tokens.is_fingerprint(claim.fingerprint, request):
        raise errors.Mismatch()
    if claim.answer is not None:
        return claim.answer
    now = deps.now()
    if claim.lease_until > now or not deps.idempotency.take_over(claim, now):
        raise errors.RequestInProgress(retry_after=5)
    return None
