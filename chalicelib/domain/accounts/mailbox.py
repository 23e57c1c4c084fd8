"""Mailboxes: whether mail to an address bounces, and whether its reader unsubscribed.

The record is stored under a digest of the address and does not contain it, so it can outlive an
erased account.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Self

from chalicelib.domain.accounts.account import login_name
from chalicelib.domain.core.effect import OPTIONAL, PROVING, EffectName


@dataclass(frozen=True)
class Mailbox:
    """The state of an address: when mail bounced, when its reader proved to receive mail again, and
    when they unsubscribed from optional mail. Version 0 is not stored."""

    mailbox_id: str
    bounced_at: datetime | None = None
    proved_at: datetime | None = None
    unsubscribed_at: datetime | None = None
    version: int = 0

    def is_closed_to(self, name: EffectName) -> bool:
        """Whether a mail of this name is not sent, because mail bounces."""
        return self.bounced_at is not None and name not in PROVING

    def has_unsubscribed_from(self, name: EffectName) -> bool:
        """Whether a mail of this name is optional and unsubscribed."""
        return self.unsubscribed_at is not None and name in OPTIONAL

    def bounced(self, at: datetime) -> Self | None:
        """The next version after a hard bounce at `at`. None where it has bounced before, or where
        the report is older than the last proof."""
        if self.bounced_at is not None or (self.proved_at is not None and at <= self.proved_at):
            return None
        return self._next(bounced_at=at)

    def proved(self, at: datetime) -> Self | None:
        """The next version after its reader followed a mailed link. None where mail did not
        bounce."""
        return None if self.bounced_at is None else self._next(bounced_at=None, proved_at=at)

    def unsubscribed(self, at: datetime) -> Self | None:
        """The next version after an unsubscription or complaint. None where it was unsubscribed."""
        return None if self.unsubscribed_at is not None else self._next(unsubscribed_at=at)

    def _next(self, **changes: datetime | None) -> Self:
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]


def id_of(address: str) -> str:
    """The digest of an address, without regard to case and surrounding blanks.

    >>> id_of(" Asha@Example.com ") == id_of("asha@example.com")
    True
    >>> len(id_of("asha@example.com"))
    64
    """
    return hashlib.sha256(login_name(address).encode()).hexdigest()
