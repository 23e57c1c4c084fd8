"""Answers kept for repeated requests. A key is claimed with a conditional put before anything is
done; a refused put brings the first claim along."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta

from pynamodb.exceptions import PutError, UpdateError
from pynamodb.expressions.update import Action

from chalicelib.domain.core import unixtime
from chalicelib.store.dynamodb.refusals import translated
from chalicelib.store.dynamodb.schema import IdempotencyItem

KEEP = timedelta(hours=24)
LEASE = timedelta(seconds=30)
"""How long a claim without an answer counts as still running: longer than any request may take."""

_REFUSED = "ConditionalCheckFailedException"


@dataclass(frozen=True)
class Claim:
    """Who asked first, what, when, and what they were told (None while it runs)."""

    name: str
    fingerprint: str
    at: datetime
    lease_until: datetime
    answer: str | None


class Idempotency:
    """Claims by name; a name holds the account and the caller's key."""

    def claim(self, name: str, fingerprint: str, now: datetime) -> Claim | None:
        """Claim `name`, or return the claim that is there. None means: it is ours now."""
        item = IdempotencyItem(
            f"once#{name}",
            "once",
            fingerprint=fingerprint,
            at=unixtime.of(now),
            lease=unixtime.of(now + LEASE),
            ttl=unixtime.of(now + KEEP),
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
        """Run a claim again whose first runner died. False when somebody else does."""
        item = IdempotencyItem(f"once#{claim.name}", "once")
        unchanged = IdempotencyItem.lease == unixtime.of(claim.lease_until)
        try:
            with translated():
                item.update([IdempotencyItem.lease.set(unixtime.of(now + LEASE))], unchanged)
        except UpdateError:
            return False
        return True

    def answered(self, name: str, answer: str) -> None:
        """Keep the answer for whoever repeats the request."""
        self._note(name, IdempotencyItem.answer.set(answer))

    def step_back(self, name: str, now: datetime) -> None:
        """Let whoever repeats the request run it from `now` on: what became of it is not known."""
        self._note(name, IdempotencyItem.lease.set(unixtime.of(now)))

    def release(self, name: str) -> None:
        """Forget a claim that was refused: nothing happened, so it may be tried again."""
        with translated():
            IdempotencyItem(f"once#{name}", "once").delete()

    def _note(self, name: str, action: Action) -> None:
        """Change a claim, unless somebody who took it over has released it."""
        try:
            with translated():
                IdempotencyItem(f"once#{name}", "once").update(
                    [action], IdempotencyItem.pk.exists()
                )
        except UpdateError as error:
            if error.cause_response_code != _REFUSED:
                raise

    def _find(self, name: str) -> Claim | None:
        """The claim; None where it was released since it was seen."""
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
