"""API keys: what a device acts with at one site (docs/decisions/api-keys.md)."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Final, Self

from chalicelib.domain.core import ids
from chalicelib.domain.core.access import KeyScope

PREFIX: Final = "berth_"
"""How the text of a key begins, so that programs find one that was published by mistake."""

SECRET_LENGTH: Final = 40
"""Letters and digits of a secret: 200 random bits."""

MOST: Final = 20
"""The most API keys of one site that are not revoked."""

_ID: Final = rf"[a-z0-9-]{{1,64}}\.AK[{ids.ALPHABET}]{{16}}"
_TEXT: Final = re.compile(rf"{PREFIX}({_ID})_([{ids.ALPHABET}]{{{SECRET_LENGTH}}})")


@dataclass(frozen=True)
class ApiKey:
    """An API key of a site. `digest` is that of its secret, which is not stored. A revoked key
    stays, because timelines and the audit trail name it."""

    key_id: str
    site: str
    scope: KeyScope
    name: str
    digest: str = field(repr=False)
    created_by: str
    created_at: datetime
    revoked_at: datetime | None = None
    version: int = 1

    def opens_with(self, secret: str) -> bool:
        """Whether the key is in force and `secret` its own; in constant time."""
        return self.revoked_at is None and hmac.compare_digest(self.digest, digest_of(secret))

    def with_secret(self, secret: str) -> Self:
        """The next version, with a new secret."""
        return replace(self, version=self.version + 1, digest=digest_of(secret))

    def revoked(self, now: datetime) -> Self:
        """The next version, without force from `now` on."""
        return replace(self, version=self.version + 1, revoked_at=now)


def digest_of(secret: str) -> str:
    """The digest to store. A random secret of 200 bits needs no slow hash.

    >>> len(digest_of("0" * 40))
    64
    """
    return hashlib.sha256(secret.encode()).hexdigest()


def text(key_id: str, secret: str) -> str:
    """The text of a key, which a device sends."""
    return f"{PREFIX}{key_id}_{secret}"


def parts(of: str) -> tuple[str, str] | None:
    """The id and the secret in the text of a key; None for any other text.

    >>> parts(text("north-gate.AK1NG2EK8000000007", "7" * 40)) == (
    ...     "north-gate.AK1NG2EK8000000007", "7" * 40)
    True
    >>> parts("berth_north-gate") is None
    True
    """
    found = _TEXT.fullmatch(of)
    return None if found is None else (found[1], found[2])


def is_id(text: str) -> bool:
    """Whether `text` has the form of the id of a key.

    >>> [is_id(text) for text in ("hall.AK1NG2EK8000000007", "hall.", "hall.AK1")]
    [True, False, False]
    """
    return re.fullmatch(_ID, text) is not None


def site_of(key_id: str) -> str:
    """The site in the id of a key.

    >>> site_of("hall.AK1NG2EK8000000007")
    'hall'
    """
    return key_id.partition(".")[0]
