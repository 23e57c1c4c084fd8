"""Sealed texts: encrypted and authenticated, for one use, with the standard library alone.

The code of a body (HMAC-SHA256) is also the seed of the keystream (SHAKE-256 over a key of its own
and the code), as in AES-SIV: equal bodies give equal texts, so the tag of a list does not change,
and an observer learns no more than that two places are the same.
"""

from __future__ import annotations

import hashlib
from typing import Final

from chalicelib.gateways.signing import Keyring, b64, key_tag, unb64

CODE: Final = 16
"""Bytes of the code: 128 bits."""


def closed(keys: Keyring, use: str, body: bytes) -> str:
    """`body` sealed for `use` with the signing key."""
    code = keys.mac(use, body)[:CODE]
    return b64(bytes((key_tag(keys.signer),)) + code + _ciphered(keys, keys.signer, code, body))


def opened(keys: Keyring, use: str, text: str) -> bytes:
    """The body of a text sealed for `use` with any of the keys. Raises ValueError."""
    whole = unb64(text)
    tag, code, ciphered = whole[:1], whole[1 : 1 + CODE], whole[1 + CODE :]
    for kid in keys.ids:
        if tag == bytes((key_tag(kid),)) and len(code) == CODE:
            body = _ciphered(keys, kid, code, ciphered)
            if keys.verifies(kid, use, body, code):
                return body
    raise ValueError("forged")


def _ciphered(keys: Keyring, kid: str, code: bytes, text: bytes) -> bytes:
    """`text` under the keystream of `code`; applied twice, `text` again."""
    stream = hashlib.shake_256(keys.key(kid, "stream") + code).digest(len(text))
    mixed = int.from_bytes(stream, "big") ^ int.from_bytes(text, "big")
    return mixed.to_bytes(len(text), "big")
