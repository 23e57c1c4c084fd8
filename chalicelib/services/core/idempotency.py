"""`Idempotency-Key`: the same key and body give the first answer again for 24 hours."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Callable
from dataclasses import replace
from typing import TypeVar

from chalicelib.domain.core import errors
from chalicelib.domain.core.access import Actor
from chalicelib.services.core.deps import Deps, Replay
from chalicelib.store.idempotency import Claim

A = TypeVar("A")
_KEY = re.compile(r"[\x21-\x7e]{1,128}")


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
    same key, RequestInProgress while the first one runs."""
    if not _KEY.fullmatch(key):
        raise errors.Invalid({"Idempotency-Key": "must be 1 to 128 printable ASCII characters"})
    now = deps.now()
    name = f"{actor.account_id}#{key}"
    fingerprint = hashlib.sha256(request).hexdigest()
    claim = deps.idempotency.claim(name, fingerprint, now)
    if claim is not None:
        answer = _known(deps, claim, fingerprint)
        if answer is not None:
            return unpack(answer)
    replay = Replay(claim.at if claim else now, hashlib.sha256(name.encode()).digest())
    try:
        done = act(replace(deps, replay=replay))
        deps.idempotency.keep_answer(name, pack(done))
    except errors.Unavailable:
        deps.idempotency.end_lease(name, now)
        raise
    except errors.Refusal:
        deps.idempotency.release(name)
        raise
    return done


def _known(deps: Deps, claim: Claim, fingerprint: str) -> str | None:
    """The kept answer, or None where the request may run again."""
    if claim.fingerprint != fingerprint:
        raise errors.Mismatch()
    if claim.answer is not None:
        return claim.answer
    now = deps.now()
    if claim.lease_until > now or not deps.idempotency.take_over(claim, now):
        raise errors.RequestInProgress(retry_after=5)
    return None
