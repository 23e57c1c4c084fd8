"""Signing keys, message authentication codes, and base64 and base32 encodings."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b32decode, b32encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from functools import lru_cache
from typing import Any

_ENCODER = json.JSONEncoder(separators=(",", ":"))


class Keyring:
    """Signing keys by id: the first one signs, all of them verify. HMAC-SHA256."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = dict(keys)
        self._derived: dict[tuple[str, str], bytes] = {}
        self.ids = tuple(self._keys)
        self.signer = self.ids[0]

    def jwt_mac(self, kid: str, signed: str) -> bytes:
        """The signature of a JWT, with the secret itself as RFC 7515 requires. Raises KeyError for
        an unknown key."""
        return hmac.digest(self._keys[kid], signed.encode(), "sha256")

    def mac(self, use: str, body: bytes) -> bytes:
        """The code of `body`, with the key derived for `use` from the signing key."""
        return hmac.digest(self.key(self.signer, use), body, "sha256")

    def verifies(self, kid: str, use: str, body: bytes, mac: bytes) -> bool:
        """Whether `mac`, which may be truncated, is that of `body`; in constant time. Raises
        KeyError for an unknown key."""
        expected = hmac.digest(self.key(kid, use), body, "sha256")
        return hmac.compare_digest(expected[: len(mac)], mac)

    def key(self, kid: str, use: str) -> bytes:
        """The key for `use`, derived from a signing key. Raises KeyError for an unknown one."""
        known = self._derived.get((kid, use))
        if known is None:
            known = hmac.digest(self._keys[kid], f"berth {use}".encode(), "sha256")
            self._derived[kid, use] = known
        return known


@lru_cache(maxsize=64)
def key_tag(kid: str) -> int:
    """One byte of the digest of a key id, to select the key."""
    return hashlib.sha256(kid.encode()).digest()[0]


def packed_json(value: Any) -> bytes:
    """JSON without spaces."""
    return _ENCODER.encode(value).encode()


def b64(raw: bytes) -> str:
    """Base64 for URLs, without padding."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """Decode `b64`. Raises ValueError for a text that is not canonical, so that a token has no
    second spelling."""
    raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    if b64(raw) != text:
        raise ValueError("not canonical")
    return raw


def b32(raw: bytes) -> str:
    """Base32, without padding: capital letters and digits."""
    return b32encode(raw).rstrip(b"=").decode()


def unb32(text: str) -> bytes:
    """Decode `b32`. Raises ValueError for a text that is not canonical."""
    raw = b32decode(text.encode("ascii") + b"=" * (-len(text) % 8))
    if b32(raw) != text:
        raise ValueError("not canonical")
    return raw
