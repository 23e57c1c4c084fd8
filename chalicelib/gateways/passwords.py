"""Passwords are kept as Argon2id hashes (docs/quality.md, Faults)."""

from __future__ import annotations

import unicodedata
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.domain.accounts.account import DEMO_PASSWORD

if TYPE_CHECKING:
    from argon2 import PasswordHasher

NO_PASSWORD = "!"  # noqa: S105 - the opposite of one
"""Stands for the hash of an account nobody can sign in to with a password."""

MEMORY_KIB = 19_456
PASSES = 2
LANES = 1
"""About 20 ms on one core, and memory that even a small Lambda has (OWASP's second choice)."""


class Passwords:
    """Hashes and verifies. `fast` is for tests and demo data only: it protects nothing. `demo`
    accepts the demo password, in the local runtime alone: elsewhere it opens no account, also
    where its hash is stored because the local runtime has filled the tables."""

    def __init__(self, *, fast: bool = False, demo: bool = False) -> None:
        self._cost = (1, 8, 1) if fast else (PASSES, MEMORY_KIB, LANES)
        self._demo = demo

    def hash(self, text: str) -> str:
        """The hash to keep, with a salt of its own."""
        return self._hasher.hash(_normal(text))

    def verify(self, hashed: str, text: str) -> bool:
        """Whether `text` is the password; of NO_PASSWORD none is."""
        from argon2.exceptions import InvalidHashError, VerificationError

        if hashed == NO_PASSWORD or (_normal(text) == DEMO_PASSWORD and not self._demo):
            self.waste(text)
            return False
        try:
            return self._hasher.verify(hashed, _normal(text))
        except (VerificationError, InvalidHashError):
            return False

    def needs_rehash(self, hashed: str) -> bool:
        """Whether the hash was made at another cost than new ones."""
        return self._hasher.check_needs_rehash(hashed)

    def waste(self, text: str) -> None:
        """Take as long as `verify` does, for a name that nobody has: the time an answer takes
        must not tell who has an account."""
        self._hasher.hash(_normal(text))

    @cached_property
    def _hasher(self) -> PasswordHasher:
        from argon2 import PasswordHasher

        passes, memory, lanes = self._cost
        return PasswordHasher(time_cost=passes, memory_cost=memory, parallelism=lanes)


def _normal(text: str) -> str:
    """One form for what looks the same: phones and desktops compose accents differently."""
    return unicodedata.normalize("NFKC", text)
