"""What is known of an address that mail goes to, whoever it belongs to: that mail bounces there, or
that its reader wants none that could be left out.

The record lies under a digest of the address, which stands nowhere in it: it outlives an erased
account without naming anybody.
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
    """An address: since when mail bounces there, when somebody proved to read it after all, and
    since when no optional mail is wanted. Version 0 is an address of which nothing is known."""

    mailbox_id: str
    bounced_at: datetime | None = None
    proved_at: datetime | None = None
    unsubscribed_at: datetime | None = None
    version: int = 0

    def is_closed_to(self, name: EffectName) -> bool:
        """Whether a mail of this name would only bounce again."""
        return self.bounced_at is not None and name not in PROVING

    def does_without(self, name: EffectName) -> bool:
        """Whether a mail of this name is optional and not wanted."""
        return self.unsubscribed_at is not None and name in OPTIONAL

    def bounced(self, at: datetime) -> Self | None:
        """After a hard bounce at `at`. None where that says nothing new: it has bounced before, or
        the word comes late and somebody has proved since to read it."""
        if self.bounced_at is not None or (self.proved_at is not None and at <= self.proved_at):
            return None
        return self._next(bounced_at=at)

    def proved(self, at: datetime) -> Self | None:
        """After its reader has followed a link mailed there. None where it was in good standing."""
        return None if self.bounced_at is None else self._next(bounced_at=None, proved_at=at)

    def unsubscribed(self, at: datetime) -> Self | None:
        """After its reader has unsubscribed, or complained. None where that was so before."""
        return None if self.unsubscribed_at is not None else self._next(unsubscribed_at=at)

    def _next(self, **changes: datetime | None) -> Self:
        return replace(self, version=self.version + 1, **changes)  # type: ignore[arg-type]


def id_of(address: str) -> str:
    """The digest under which an address is kept; case and surrounding blanks do not matter.

    >>> id_of(" Asha@Example.com ") == id_of("asha@example.com")
    True
    >>> len(id_of("asha@example.com"))
    64
    """
    return hashlib.sha256(login_name(address).encode()).hexdigest()
