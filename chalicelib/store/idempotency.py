"""Answers kept for repeated requests.

A key is claimed with a conditional put before the request runs; where it is claimed already, the
claim is read and its answer returned.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from pynamodb.attributes import UnicodeAttribute
from pynamodb.exceptions import PutError, UpdateError
from pynamodb.expressions.update import Action

from chalicelib.domain.core import unixtime
from chalicelib.store.dynamodb.attributes import IntegerAttribute
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import OutboxTable

KEPT: Final = timedelta(hours=24)
"""How long an answer is kept."""

LEASE: Final = timedelta(seconds=30)
"""How long a claim without an answer counts as running: longer than any request may take."""

_REFUSED: Final = "ConditionalCheckFailedException"


class IdempotencyItem(OutboxTable):
    """A claim (`once#<account>#<key>`, `once`)."""

    fingerprint = UnicodeAttribute()
    at = IntegerAttribute()
    lease = IntegerAttribute()
    answer = UnicodeAttribute(null=True)
    ttl = IntegerAttribute()


@dataclass(frozen=True)
class Claim:
    """The first request under a key: its fingerprint, its instant, the end of its lease, and its
    answer (None while it runs)."""

    name: str
    fingerprint: str
    at: datetime
    lease_until: datetime
    answer: str | None


class Idempotency:
    """Claims by name; a name holds the account and the caller's key."""

    def claim(self, name: str, fingerprint: str, now: datetime) -> Claim | None:
        """Claim `name` and return None: one put. Where it is claimed already, return that
        claim: one read more."""
        item = IdempotencyItem(
            f"once#{name}",
            "once",
            fingerprint=fingerprint,
            at=unixtime.of(now),
            lease=unixtime.of(now + LEASE),
            ttl=unixtime.of(now + KEPT),
        )
        fresh = IdempotencyItem.pk.does_not_exist() | (IdempotencyItem.ttl <= unixtime.of(now))
        try:
            with translated():
                item.save(fresh)
        except PutError as error:
            if error.cause_response_code != _REFUSED:
                raise
            return self._find(name) or self.claim(name, fingerprint, now)
        return None

    def take_over(self, claim: Claim, now: datetime) -> bool:
        """Lease a claim whose first request died. False where another request has taken it over."""
        item = IdempotencyItem(f"once#{claim.name}", "once")
        unchanged = IdempotencyItem.lease == unixtime.of(claim.lease_until)
        try:
            with translated():
                item.update([IdempotencyItem.lease.set(unixtime.of(now + LEASE))], unchanged)
        except UpdateError:
            return False
        return True

    def keep_answer(self, name: str, answer: str) -> None:
        """Keep the answer for repeated requests."""
        self._change(name, IdempotencyItem.answer.set(answer))

    def end_lease(self, name: str, now: datetime) -> None:
        """Let a repeated request run from `now` on, because the result of this one is unknown."""
        self._change(name, IdempotencyItem.lease.set(unixtime.of(now)))

    def release(self, name: str) -> None:
        """Delete the claim of a refused request: it wrote nothing, so it may be tried again."""
        with translated():
            IdempotencyItem(f"once#{name}", "once").delete()

    def _change(self, name: str, action: Action) -> None:
        """Change a claim, unless a request that took it over has released it."""
        try:
            with translated():
                IdempotencyItem(f"once#{name}", "once").update(
                    [action], IdempotencyItem.pk.exists()
                )
        except UpdateError as error:
            if error.cause_response_code != _REFUSED:
                raise

    def _find(self, name: str) -> Claim | None:
        """The claim; None where it was released in the meantime."""
        try:
            with translated():
                item = IdempotencyItem.get(f"once#{name}", "once", consistent_read=True)
        except IdempotencyItem.DoesNotExist:
            return None
        return Claim(
            name=name,
            fingerprint=item.fingerprint,
            at=unixtime.instant(item.at),
            lease_until=unixtime.instant(item.lease),
            answer=item.answer,
        )
