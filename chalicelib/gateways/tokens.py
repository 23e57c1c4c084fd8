"""Signed tokens: sign-ins (JWT), QR passes, links in mails, cursors of lists.

The first key signs, all keys verify. To rotate, put a new key first, and remove the old one after
its tokens have expired. Sign-ins are plain JWT. Each other kind is signed with its own key, derived
from the secret, so a token of one kind is never valid as another. Standard library only: a JWT
package costs more at a cold start than this module.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache
from typing import Any, Final

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors, languages, unixtime
from chalicelib.domain.core.access import Role
from chalicelib.domain.core.languages import LANGUAGES, Language
from chalicelib.domain.core.sentence import say
from chalicelib.domain.mail.link import LinkPurpose
from chalicelib.gateways import passes, seals
from chalicelib.gateways.passes import QrClaims
from chalicelib.gateways.signing import Keyring, b32, b64, key_tag, packed_json, unb32, unb64

ACCESS_LIFE: Final = timedelta(hours=24)
REFRESH_LIFE: Final = timedelta(days=7)
"""The validity of access and refresh tokens (docs/decisions/sign-in.md)."""

MOST_SITE_CLAIMS: Final = 20
"""Sites in an access token. Above that the claim is left out, so that the header stays small: the
API reads the sites from the account."""

_LONGEST_JWT: Final = 4096
_LONGEST_QR: Final = 250
_LONGEST_LINK: Final = 500
_QR_PREFIX: Final = "BERTH"
_REQUEST: Final = "request"
_SHORT_MAC: Final = 16
_MAC: Final = 32


@dataclass(frozen=True)
class AccessClaims:
    """The claims of an access token. `epoch` is that of the account at sign-in, `session` the
    family of refresh tokens. `sites` is empty above `MOST_SITE_CLAIMS`."""

    account_id: str
    role: Role
    sites: frozenset[str]
    epoch: int
    session: str
    token_id: str
    expires_at: datetime


@dataclass(frozen=True)
class RefreshClaims:
    """The claims of a refresh token: its family `session`, and its `token_id` in the family."""

    account_id: str
    epoch: int
    session: str
    token_id: str
    expires_at: datetime


@dataclass(frozen=True)
class LinkClaims:
    """The claims of a link in a mail of that `language`. `version` is that of the subject."""

    purpose: LinkPurpose
    subject_id: str
    version: int
    expires_at: datetime
    language: Language = LANGUAGES[0]


class Tokens:
    """Signs and verifies tokens with `keys` (key id -> secret); the first key signs."""

    def __init__(self, keys: Mapping[str, bytes]) -> None:
        self._keys = Keyring(keys)

    def access(
        self,
        account_id: str,
        role: Role,
        sites: frozenset[str],
        epoch: int,
        *,
        now: datetime,
        session: str,
        token_id: str,
    ) -> str:
        """An access token, valid for `ACCESS_LIFE`."""
        claims = _claims("access", account_id, epoch, now, ACCESS_LIFE, session, token_id)
        claims["role"] = role.value
        if len(sites) <= MOST_SITE_CLAIMS:
            claims["sites"] = sorted(sites)
        return self._jwt(claims)

    def refresh(
        self, account_id: str, epoch: int, *, now: datetime, session: str, token_id: str
    ) -> str:
        """A refresh token, valid once and for `REFRESH_LIFE`."""
        return self._jwt(
            _claims("refresh", account_id, epoch, now, REFRESH_LIFE, session, token_id)
        )

    def read_access(self, text: str, now: datetime) -> AccessClaims:
        """The claims of an access token. Raises TokenExpired, and NotAuthenticated for any other
        text."""
        claims = self._verified_claims(text, "access", now)
        return AccessClaims(
            account_id=claims["sub"],
            role=Role(claims["role"]),
            sites=frozenset(claims.get("sites", ())),
            epoch=claims["ver"],
            session=claims["sid"],
            token_id=claims["jti"],
            expires_at=unixtime.instant(claims["exp"]),
        )

    def read_refresh(self, text: str, now: datetime) -> RefreshClaims:
        """The claims of a refresh token. Raises TokenExpired, NotAuthenticated."""
        claims = self._verified_claims(text, "refresh", now)
        return RefreshClaims(
            account_id=claims["sub"],
            epoch=claims["ver"],
            session=claims["sid"],
            token_id=claims["jti"],
            expires_at=unixtime.instant(claims["exp"]),
        )

    def _jwt(self, claims: Mapping[str, Any]) -> str:
        header = {"alg": "HS256", "typ": "JWT", "kid": self._keys.signer}
        signed = f"{b64(packed_json(header))}.{b64(packed_json(claims))}"
        return f"{signed}.{b64(self._keys.jwt_mac(self._keys.signer, signed))}"

    def _verified_claims(self, text: str, kind: str, now: datetime) -> dict[str, Any]:
        """The claims of a valid JWT. A header with another algorithm than HS256, or with an unknown
        key, is refused before anything is computed."""
        try:
            claims = self._parsed(text)
        except (ValueError, KeyError, TypeError, RecursionError):
            raise errors.NotAuthenticated() from None
        if claims.get("iss") != "berth" or claims.get("typ") != kind:
            raise errors.NotAuthenticated()
        if now >= unixtime.instant(claims["exp"]):
            raise errors.TokenExpired()
        return claims

    def _parsed(self, text: str) -> dict[str, Any]:
        if len(text) > _LONGEST_JWT:
            raise ValueError("too long")
        header, claims_text, mac_text = text.split(".")
        expected = self._keys.jwt_mac(_key_of(header), f"{header}.{claims_text}")
        if not hmac.compare_digest(expected, unb64(mac_text)):
            raise ValueError("forged")
        claims: dict[str, Any] = json.loads(unb64(claims_text))
        return claims

    def qr(self, booking: Booking) -> str:
        """The text of the QR code of a booking: digits and capital letters only, which QR encodes
        most densely, so the symbol stays small (71 characters for `zone-a.A-001`: version 4).

        A pass has no expiry. The gate reads the booking, whose state decides; a pass with a date
        would have to be issued again after each extension. Zone and number are a hint from the time
        of issue: with them the gate reads booking and sheet together, and a gate without network
        can still show the space.
        """
        packed = bytes((key_tag(self._keys.signer),)) + passes.pack(booking)
        return _QR_PREFIX + b32(packed + self._keys.mac("qr", packed)[:_SHORT_MAC])

    def read_qr(self, text: str) -> QrClaims:
        """The content of a scanned pass, without regard to case and surrounding spaces. Raises
        UnknownCode for a text without a valid signature."""
        try:
            return passes.unpack(self._verified_pass(text.strip().upper())[1:])
        except (ValueError, IndexError):
            raise errors.UnknownCode() from None

    def _verified_pass(self, code: str) -> bytes:
        """The verified bytes of a pass. Raises ValueError."""
        if len(code) > _LONGEST_QR or not code.startswith(_QR_PREFIX):
            raise ValueError("not a pass")
        whole = unb32(code.removeprefix(_QR_PREFIX))
        packed, mac = whole[:-_SHORT_MAC], whole[-_SHORT_MAC:]
        for kid in self._keys.ids:
            if key_tag(kid) == packed[0] and self._keys.verifies(kid, "qr", packed, mac):
                return packed
        raise ValueError("forged")

    def link(
        self,
        purpose: LinkPurpose,
        subject_id: str,
        version: int,
        expires_at: datetime,
        language: Language = LANGUAGES[0],
    ) -> str:
        """The token of a link, valid until `expires_at`, in a mail of that language."""
        other = [] if language == LANGUAGES[0] else [language]
        claims = [self._keys.signer, purpose, subject_id, version, unixtime.of(expires_at)]
        payload = packed_json([*claims, *other])
        return b64(payload + self._keys.mac("link", payload))

    def read_link(self, text: str, now: datetime) -> LinkClaims:
        """The claims of a link. Raises LinkExpired for an expired and for a forged link, so that an
        attacker sees no difference."""
        claims = self.link_claims(text)
        if claims is None or now >= claims.expires_at:
            raise errors.LinkExpired()
        return claims

    def link_claims(self, text: str) -> LinkClaims | None:
        """The claims of a link, expired or not; None for a forged one."""
        try:
            payload = self._unsealed(text, "link", size=_MAC, longest=_LONGEST_LINK)
            _, purpose, subject_id, version, expires, *language = payload
        except (ValueError, KeyError, TypeError, IndexError, RecursionError):
            return None
        spoken = languages.choose(*language)
        return LinkClaims(purpose, subject_id, version, unixtime.instant(expires), spoken)

    def seal(self, purpose: str, payload: Mapping[str, Any]) -> str:
        """`payload` as a text that its bearer can neither read nor change."""
        return seals.closed(self._keys, f"seal {purpose}", packed_json(dict(payload)))

    def unseal(self, purpose: str, text: str) -> dict[str, Any]:
        """The payload sealed for the same purpose. Raises Invalid (field `cursor`)."""
        try:
            return dict(json.loads(seals.opened(self._keys, f"seal {purpose}", text)))
        except ValueError:
            raise errors.Invalid({"cursor": say("must_be_next_cursor")}) from None

    def fingerprint(self, request: bytes) -> str:
        """A keyed digest of a request: without the key it is no help to guess the contents, such as
        a password."""
        return f"{self._keys.signer}.{self._keys.mac(_REQUEST, request).hex()}"

    def is_fingerprint(self, fingerprint: str, request: bytes) -> bool:
        """Whether `fingerprint` is that of `request`, under any of the keys."""
        kid, _, mac = fingerprint.rpartition(".")
        return kid in self._keys.ids and self._keys.verifies(
            kid, _REQUEST, request, bytes.fromhex(mac)
        )

    def _unsealed(self, text: str, use: str, *, size: int, longest: int) -> list[Any]:
        """The verified JSON list in front of a MAC of `size` bytes; its first element is the key
        id. Raises ValueError, KeyError."""
        if len(text) > longest:
            raise ValueError("too long")
        whole = unb64(text)
        body, mac = whole[:-size], whole[-size:]
        payload: list[Any] = json.loads(body)
        if not self._keys.verifies(payload[0], use, body, mac):
            raise ValueError("forged")
        return payload


@lru_cache(maxsize=64)
def _key_of(header: str) -> str:
    """The key that the header of a JWT names. All tokens signed with one key have the same header.
    Raises ValueError, KeyError, TypeError."""
    read = json.loads(unb64(header))
    if read["alg"] != "HS256" or read["typ"] != "JWT":
        raise ValueError("unsupported header")
    key: str = read["kid"]
    return key


def _claims(
    kind: str,
    account_id: str,
    epoch: int,
    now: datetime,
    life: timedelta,
    session: str,
    token_id: str,
) -> dict[str, Any]:
    return {
        "iss": "berth",
        "typ": kind,
        "sub": account_id,
        "ver": epoch,
        "sid": session,
        "jti": token_id,
        "iat": unixtime.of(now),
        "exp": unixtime.of(now + life),
    }
