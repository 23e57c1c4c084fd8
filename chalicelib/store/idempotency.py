"""Claims of idempotency keys: each holds the seed of the ids that its request makes, and the answer
kept for repeated requests (docs/decisions/idempotency.md).

A key is claimed with a conditional put before the request runs; where it is claimed already, the
claim is read and its answer returned. The claims of an account are one partition.
"""

from __future__ import annotations

import zlib
from base64 import b64decode, b64encode
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import DeleteError, PutError, UpdateError
from pynamodb.expressions.condition import Condition
from pynamodb.expressions.update import Action

from chalicelib.domain.core import unixtime
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import OutboxTable

KEPT: Final = timedelta(hours=24)
"""How long an answer is kept."""

LEASE: Final = timedelta(seconds=30)
"""How long a claim without an answer counts as running: longer than any request may take."""

MOST_BYTES: Final = 390_000
"""The longest kept answer: an item of DynamoDB has 400 KB, its other attributes included."""

_FAST: Final = 1
"""The level of compression: bookings made together differ by a few bytes, which any level finds."""

_REFUSED: Final = "ConditionalCheckFailedException"


class IdempotencyItem(OutboxTable):
    """A claim (`once#<owner>`, the key)."""

    fingerprint = UnicodeAttribute()
    seed = UnicodeAttribute()
    at = IntegerAttribute()
    lease = IntegerAttribute()
    packed = UnicodeAttribute(null=True)
    ttl = IntegerAttribute()


@dataclass(frozen=True)
class Claim:
    """The first request of `owner` under `key`: its fingerprint, the random seed of its ids, its
    instant, the end of its lease, and its answer (None while it runs)."""

    owner: str
    key: str
    fingerprint: str
    seed: str
    at: datetime
    lease_until: datetime
    answer: str | None = None

    @classmethod
    def new(cls, owner: str, key: str, *, fingerprint: str, seed: str, now: datetime) -> Claim:
        """The claim of a request that begins at `now`."""
        return cls(owner, key, fingerprint, seed, now, now + LEASE)

    @property
    def name(self) -> str:
        """Owner and key, as `Idempotency.forget` takes them."""
        return f"{self.owner} {self.key}"


class Idempotency:
    """The claims of all callers."""

    def claim(self, new: Claim) -> Claim:
        """Claim a key: one put. Returns `new`, or the claim that has the key already: one read
        more."""
        expired = IdempotencyItem.ttl <= unixtime.of(new.at)
        try:
            with translated():
                _to_item(new).save(IdempotencyItem.pk.does_not_exist() | expired)
        except PutError as error:
            if error.cause_response_code != _REFUSED:
                raise
            return self._find(new.owner, new.key) or self.claim(new)
        return new

    def take_over(self, claim: Claim, now: datetime) -> bool:
        """Lease a claim whose first request died. False where another request has taken it over."""
        unchanged = IdempotencyItem.lease == unixtime.of(claim.lease_until)
        try:
            with translated():
                _key_of(claim).update(
                    [IdempotencyItem.lease.set(unixtime.of(now + LEASE))], unchanged
                )
        except UpdateError:
            return False
        return True

    def keep_answer(self, claim: Claim, answer: str) -> None:
        """Keep the answer for repeated requests, compressed: those of a series of bookings are
        longer than an item may be. Raises ValueError for one that is longer even so."""
        packed = packed_text(answer)
        if len(packed) > MOST_BYTES:
            raise ValueError(f"an answer of {len(packed)} bytes")
        self._change(claim, IdempotencyItem.packed.set(packed))

    def end_lease(self, claim: Claim, now: datetime) -> None:
        """Let a repeated request run from `now` on, because the result of this one is unknown."""
        self._change(claim, IdempotencyItem.lease.set(unixtime.of(now)))

    def release(self, claim: Claim) -> None:
        """Delete the claim of a refused request: it wrote nothing, so its key is free again."""
        try:
            with translated():
                _key_of(claim).delete(_is_still(claim))
        except DeleteError as error:
            if error.cause_response_code != _REFUSED:
                raise

    def forget(self, name: str) -> None:
        """Delete a claim with its answer, or all claims of an owner where no key is named."""
        owner, _, key = name.partition(" ")
        one = IdempotencyItem.sk == key if key else None
        with translated():
            for item in list(IdempotencyItem.query(f"once#{owner}", one, consistent_read=True)):
                item.delete()

    def _change(self, claim: Claim, action: Action) -> None:
        """Change a claim, unless it was released or has expired, and the key was claimed anew."""
        try:
            with translated():
                _key_of(claim).update([action], _is_still(claim))
        except UpdateError as error:
            if error.cause_response_code != _REFUSED:
                raise

    def _find(self, owner: str, key: str) -> Claim | None:
        """The claim; None where it was released in the meantime."""
        try:
            with translated():
                item = IdempotencyItem.get(f"once#{owner}", key, consistent_read=True)
        except IdempotencyItem.DoesNotExist:
            return None
        return Claim(
            owner=owner,
            key=key,
            fingerprint=item.fingerprint,
            seed=item.seed,
            at=unixtime.instant(item.at),
            lease_until=unixtime.instant(item.lease),
            answer=None if item.packed is None else unpacked_text(item.packed),
        )


def packed_text(text: str) -> str:
    """A text, compressed to ASCII."""
    return b64encode(zlib.compress(text.encode("utf-8", "surrogatepass"), _FAST)).decode()


def unpacked_text(packed: str) -> str:
    """The text that `packed_text` has compressed."""
    return zlib.decompress(b64decode(packed)).decode("utf-8", "surrogatepass")


def _to_item(claim: Claim) -> IdempotencyItem:
    return IdempotencyItem(
        f"once#{claim.owner}",
        claim.key,
        fingerprint=claim.fingerprint,
        seed=claim.seed,
        at=unixtime.of(claim.at),
        lease=unixtime.of(claim.lease_until),
        ttl=unixtime.of(claim.at + KEPT),
    )


def _key_of(claim: Claim) -> IdempotencyItem:
    return IdempotencyItem(f"once#{claim.owner}", claim.key)


def _is_still(claim: Claim) -> Condition:
    """The condition that the key is still claimed by this claim."""
    return IdempotencyItem.seed == claim.seed
