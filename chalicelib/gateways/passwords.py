"""Argon2id hashes of passwords (docs/quality.md, Faults)."""

from __future__ import annotations

import unicodedata
from functools import cached_property
from typing import TYPE_CHECKING

from chalicelib.domain.accounts.account import DEMO_PASSWORD
from chalicelib.gateways import old_passwords

if TYPE_CHECKING:
    from argon2 import PasswordHasher

NO_PASSWORD = "!"  # noqa: S105 - the opposite of one
"""In place of a hash: no password opens the account."""

MEMORY_COST_KIB = 19_456
TIME_COST = 2
PARALLELISM = 1
"""The second configuration that OWASP recommends: about 20 ms on one core, and memory that a small
Lambda has."""


class Passwords:
    """Hashes and verifies passwords. `fast` is for tests and demo data only: its hashes are weak.
    `demo` accepts the demo password, in the local runtime alone: elsewhere it opens no account,
    even where its hash is stored because the local runtime has filled the tables."""

    def __init__(self, *, fast: bool = False, demo: bool = False) -> None:
        self._cost = (1, 8, 1) if fast else (TIME_COST, MEMORY_COST_KIB, PARALLELISM)
        self._demo = demo

    def hash(self, text: str) -> str:
        """The hash to store, with a random salt."""
        return self._hasher.hash(_normal(text))

    def verify(self, hashed: str, text: str) -> bool:
        """Whether `text` is the password of the hash, ours or one that another system made. False
        for NO_PASSWORD, in the same time."""
        from argon2.exceptions import InvalidHashError, VerificationError

        if hashed == NO_PASSWORD or (_normal(text) == DEMO_PASSWORD and not self._demo):
            self.dummy_verify(text)
            return False
        if old_passwords.is_old(hashed):
            return old_passwords.verify(hashed, text)
        try:
            return self._hasher.verify(hashed, _normal(text))
        except (VerificationError, InvalidHashError):
            return False

    def needs_rehash(self, hashed: str) -> bool:
        """Whether another system made the hash, or its cost differs from that of new ones."""
        return old_passwords.is_old(hashed) or self._hasher.check_needs_rehash(hashed)

    def dummy_verify(self, text: str) -> None:
        """Take as long as `verify`, for an unknown name: the response time must not reveal which
        accounts exist."""
        self._hasher.hash(_normal(text))

    @cached_property
    def _hasher(self) -> PasswordHasher:
        from argon2 import PasswordHasher

        time, memory, parallelism = self._cost
        return PasswordHasher(time_cost=time, memory_cost=memory, parallelism=parallelism)


def _normal(text: str) -> str:
    """The Unicode normal form: phones and desktops compose accents differently."""
    return unicodedata.normalize("NFKC", text)
