"""Hashes of passwords that other systems made: Django's PBKDF2 and Argon2. Such a hash is verified
until the first sign-in, which makes one of ours of it (docs/decisions/sign-in.md).

Each check bounds what it costs: a hash with more rounds or more memory than Django ever asked for
opens no account.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import hmac
import re
from typing import Final

MOST_ROUNDS: Final = 2_000_000
"""Rounds of PBKDF2: above the default of every Django so far, and under a second on one core."""

MOST_MEMORY_KIB: Final = 131_072
MOST_PASSES: Final = 10
MOST_LANES: Final = 16
"""The most of an Argon2 hash: Django asks for 102,400 KiB, two passes and eight lanes."""

ARGON2: Final = "argon2$"
"""How Django begins an Argon2 hash. A hash that other systems made always begins so here, because
it is of the text as it was typed, and ours are of its normal form."""

_PBKDF2 = re.compile(
    r"pbkdf2_sha256\$([0-9]{1,9})\$([!-#%-~]{1,128})\$([A-Za-z0-9+/]{43}=)", re.ASCII
)
_ARGON2 = re.compile(
    r"\$argon2id?\$v=19\$m=([0-9]{1,9}),t=([0-9]{1,9}),p=([0-9]{1,9})"
    r"\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{16,86}",
    re.ASCII,
)


def stored(hashed: str) -> str | None:
    """The hash of another system in the form in which an account keeps it; None for a scheme that
    Berth cannot verify, or one that costs too much.

    >>> stored("md5$salt$6f5902ac237024bdd0c176cb93063dc4") is None
    True
    """
    if _PBKDF2.fullmatch(hashed):
        return hashed if _rounds(hashed) else None
    argon2 = "$" + hashed.removeprefix(ARGON2) if is_old(hashed) else hashed
    return ARGON2 + argon2[1:] if _is_affordable(argon2) else None


def is_old(hashed: str) -> bool:
    """Whether another system made the hash."""
    return hashed.startswith((ARGON2, "pbkdf2_sha256$"))


def verify(hashed: str, text: str) -> bool:
    """Whether `text`, as it was typed, is the password of an old hash."""
    if not hashed.startswith(ARGON2):
        return _verify_pbkdf2(hashed, text)
    argon2 = "$" + hashed.removeprefix(ARGON2)
    return _is_affordable(argon2) and _verify_argon2(argon2, text)


def _verify_pbkdf2(hashed: str, text: str) -> bool:
    rounds = _rounds(hashed)
    if not rounds:
        return False
    _, _, salt, digest = hashed.split("$")
    try:
        expected = base64.b64decode(digest, validate=True)
    except binascii.Error:
        return False
    found = hashlib.pbkdf2_hmac("sha256", text.encode(), salt.encode(), rounds)
    return hmac.compare_digest(found, expected)


def _verify_argon2(hashed: str, text: str) -> bool:
    from argon2 import PasswordHasher
    from argon2.exceptions import InvalidHashError, VerificationError

    try:
        return PasswordHasher().verify(hashed, text)
    except (VerificationError, InvalidHashError):
        return False


def _rounds(hashed: str) -> int:
    """The rounds of a PBKDF2 hash; 0 where it is none, or asks for more than MOST_ROUNDS."""
    found = _PBKDF2.fullmatch(hashed)
    rounds = int(found[1]) if found else 0
    return rounds if rounds <= MOST_ROUNDS else 0


def _is_affordable(hashed: str) -> bool:
    found = _ARGON2.fullmatch(hashed)
    if found is None:
        return False
    memory, passes, lanes = map(int, found.groups())
    return memory <= MOST_MEMORY_KIB and passes <= MOST_PASSES and lanes <= MOST_LANES
