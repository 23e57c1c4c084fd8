"""Keys, message authentication codes, and the texts that bytes become."""

from __future__ import annotations

import hashlib
import hmac
import json
from base64 import b32decode, b32encode, urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Mapping
from typing import Any

_ENCODER = json.JSONEncoder(separators=(",", ":"))


class Keyring:
    """Signing keys by id: the first one signs, every one verifies. HMAC-SHA256 throughout."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = dict(keys)
        self._derived: dict[tuple[str, str], bytes] = {}
        self.ids = tuple(self._keys)
        self.signer = self.ids[0]

    def jwt_mac(self, kid: str, signed: str) -> bytes:
        """The signature of a JWT, under the secret itself as RFC 7515 wants it. Raises KeyError
        for a key we do not have."""
        return hmac.digest(self._keys[kid], signed.encode(), "sha256")

    def mac(self, use: str, body: bytes) -> bytes:
        """The code of `body` under the signing key's own key for `use`."""
        return hmac.digest(self._key(self.signer, use), body, "sha256")

    def signs(self, kid: str, use: str, body: bytes, mac: bytes) -> bool:
        """Whether `mac`, which may be cut short, is that of `body`; in constant time. Raises
        KeyError for a key we do not have."""
        expected = hmac.digest(self._key(kid, use), body, "sha256")
        return hmac.compare_digest(expected[: len(mac)], mac)

    def _key(self, kid: str, use: str) -> bytes:
        known = self._derived.get((kid, use))
        if known is None:
            known = hmac.digest(self._keys[kid], f"berth {use}".encode(), "sha256")
            self._derived[kid, use] = known
        return known


def tag(kid: str) -> int:
    """One byte that tells which key to try."""
    return hashlib.sha256(kid.encode()).digest()[0]


def packed_json(value: Any) -> bytes:
    """JSON without blanks."""
    return _ENCODER.encode(value).encode()


def b64(raw: bytes) -> str:
    """Base64 for URLs, unpadded."""
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    """The bytes of such a text. Raises ValueError unless it is the one text that stands for them,
    so that nobody can make a second one out of a token."""
    raw = urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    if b64(raw) != text:
        raise ValueError("not canonical")
    return raw


def b32(raw: bytes) -> str:
    """Base 32, unpadded: capitals and digits only."""
    return b32encode(raw).rstrip(b"=").decode()


def unb32(text: str) -> bytes:
    """The bytes of such a text. Raises ValueError unless it is the only text for them."""
    raw = b32decode(text.encode("ascii") + b"=" * (-len(text) % 8))
    if b32(raw) != text:
        raise ValueError("not canonical")
    return raw
