"""The unit of work: one Change, committed with the mails, events and offers that follow from it."""

from __future__ import annotations

from dataclasses import dataclass

from chalicelib.domain.bookings import notices
from chalicelib.domain.core import errors
from chalicelib.domain.core.change import Change
from chalicelib.domain.receipts import calls
from chalicelib.services.core.deps import Deps
from chalicelib.services.realtime import emit
from chalicelib.services.waitlist import offering

TRIES = 4
"""Attempts to read the queue while other people join it; then the caller's step starts again."""


@dataclass(frozen=True)
class UnitOfWork:
    """Commits Changes. The `commit` of its `deps` is the store's and does nothing else.

    A Change that frees time is first tried as it is: without waiting entries that is the whole
    cost. With waiting entries the store refuses it; then the queue is read, and the Change is
    committed together with the offers of the freed time.
    """

    deps: Deps

    def __call__(self, change: Change) -> None:
        """Write `change` in one transaction. Raises the refusal of the store."""
        change = calls.with_tasks(notices.with_mails(change))
        try:
            self._write(change)
        except errors.FreedTimeIsWaitedFor:
            self.deps.retry_on_conflict(
                lambda: self._write(offering.offer_freed(self.deps, change)), tries=TRIES
            )

    def _write(self, change: Change) -> None:
        self.deps.commit(emit.with_events(self.deps, change))
