"""Refusals of the waitlist and its offers."""

from __future__ import annotations

from typing import Self

from chalicelib.domain.core.errors.families import Conflict, Gone, NotFound, StaleVersion


class EntryNotFound(NotFound):
    code = "ENTRY_NOT_FOUND"


class WaitlistClosed(Conflict):
    code = "WAITLIST_CLOSED"


class StillFree(Conflict):
    code = "STILL_FREE"


class AlreadyWaiting(Conflict):
    code = "ALREADY_WAITING"


class TooManyEntries(Conflict):
    code = "TOO_MANY_ENTRIES"

    def beyond(self, limit: int) -> Self:
        """The same refusal with the number of entries that a customer may have."""
        self.facts = {"limit": limit}
        return self


class FreedTimeIsWaitedFor(StaleVersion):
    """A Change frees time that an entry waits for. The unit of work handles it."""


class NotOffered(Conflict):
    code = "NOT_OFFERED"


class AlreadyClaimed(Conflict):
    code = "ALREADY_CLAIMED"


class OfferExpired(Gone):
    code = "OFFER_EXPIRED"

    def after(self, minutes: int) -> Self:
        """The same refusal with the minutes for which the offer could be claimed."""
        self.facts = {"claim_window": minutes}
        return self
