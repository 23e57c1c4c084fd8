"""Everything Berth signs: sign-ins (JWT), QR passes, links in mails, cursors of lists.

The first key signs, every key verifies: a key is retired by putting a new one before it and taking
it away once what it signed has run out. Sign-ins are plain JWT; each of the other kinds is signed
under a key of its own, derived from the secret, so that a text of one kind is never one of another.
Standard library only: a JWT package costs more at a cold start than all of this.
"""

from __future__ import annotations

import hmac
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import errors, ids, unixtime
from chalicelib.domain.core.access import Role
from chalicelib.domain.mail.link import LinkPurpose
from chalicelib.gateways.signing import Keyring, b32, b64, packed_json, tag, unb32, unb64

ACCESS_LIFE: Final = timedelta(hours=24)
REFRESH_LIFE: Final = timedelta(days=7)
"""How long a sign-in lasts (docs/decisions/sign-in.md)."""

MOST_SITES: Final = 20
"""Sites named in an access token. Beyond that the claim is left out: the API reads an account's
sites from the account, and a header must stay small."""

_LONGEST_JWT: Final = 4096
_LONGEST_QR: Final = 250
_LONGEST_LINK: Final = 500
_LONGEST_SEAL: Final = 2000
_QR_PREFIX: Final = "BERTH"
_SHORT_MAC: Final = 16
_MAC: Final = 32
_BOOKING_BYTES: Final = 12
_BOOKING_DIGITS: Final = 19


@dataclass(frozen=True)
class AccessClaims:
    """Who a request says it is from. `epoch` is the account's when it signed in, `session` the
    family of refresh tokens; `sites` is empty where there were too many to name."""

    account_id: str
    role: Role
    sites: frozenset[str]
    epoch: int
    session: str
    token_id: str
    expires_at: datetime


@dataclass(frozen=True)
class RefreshClaims:
    """A refresh token: the family it belongs to, and which of the family it is."""

    account_id: str
    epoch: int
    session: str
    token_id: str
    expires_at: datetime


@dataclass(frozen=True)
class QrClaims:
    """What a pass says: the booking, and in which zone and space it was when the pass was drawn."""

    booking_id: str
    zone_id: str
    number: str


@dataclass(frozen=True)
class LinkClaims:
    """What a link in a mail is for. `version` is compared with that of the subject."""

    purpose: LinkPurpose
    subject_id: str
    version: int
    expires_at: datetime


class Tokens:
    """Signs and reads tokens with the keys given: key id -> secret, the first one signs."""

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
        """An access token, good for 24 hours."""
        claims = _claims("access", account_id, epoch, now, ACCESS_LIFE, session, token_id)
        claims["role"] = role.value
        if len(sites) <= MOST_SITES:
            claims["sites"] = sorted(sites)
        return self._jwt(claims)

    def refresh(
        self, account_id: str, epoch: int, *, now: datetime, session: str, token_id: str
    ) -> str:
        """A refresh token, good once and for 7 days."""
        return self._jwt(
            _claims("refresh", account_id, epoch, now, REFRESH_LIFE, session, token_id)
        )

    def read_access(self, text: str, now: datetime) -> AccessClaims:
        """The claims of an access token. Raises TokenExpired, or NotAuthenticated for whatever is
        not one of ours."""
        claims = self._verified(text, "access", now)
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
        claims = self._verified(text, "refresh", now)
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

    def _verified(self, text: str, kind: str, now: datetime) -> dict[str, Any]:
        """The claims of a JWT of ours. The algorithm is ours to choose, not the header's: a header
        that names another, or a key we do not have, is refused before anything is computed."""
        try:
            claims = self._opened(text)
        except (ValueError, KeyError, TypeError, RecursionError):
            raise errors.NotAuthenticated() from None
        if claims.get("iss") != "berth" or claims.get("typ") != kind:
            raise errors.NotAuthenticated()
        if now >= unixtime.instant(claims["exp"]):
            raise errors.TokenExpired()
        return claims

    def _opened(self, text: str) -> dict[str, Any]:
        if len(text) > _LONGEST_JWT:
            raise ValueError("too long")
        header_text, claims_text, mac_text = text.split(".")
        header = json.loads(unb64(header_text))
        if header["alg"] != "HS256" or header["typ"] != "JWT":
            raise ValueError("not ours")
        expected = self._keys.jwt_mac(header["kid"], f"{header_text}.{claims_text}")
        if not hmac.compare_digest(expected, unb64(mac_text)):
            raise ValueError("forged")
        claims: dict[str, Any] = json.loads(unb64(claims_text))
        return claims

    def qr(self, booking: Booking) -> str:
        """The text in a booking's QR symbol: digits and capitals only, so that the symbol uses its
        densest letters and stays small (71 characters for `zone-a.A-001`: version 4).

        Nothing in it expires. A pass is worth what its booking is: the state of the booking, read
        at the gate anyway, says whether it opens, and a pass with a date of its own would have to
        be drawn anew whenever the booking is extended. Zone and number are a hint, where the
        booking was when the pass was drawn: the gate reads booking and sheet together, and a gate
        without a network can still show the bay.
        """
        zone = booking.zone_id.encode()
        head = bytes((tag(self._keys.signer),)) + _pack_booking(booking.booking_id)
        packed = head + bytes((len(zone),)) + zone + booking.number.encode()
        return _QR_PREFIX + b32(packed + self._keys.mac("qr", packed)[:_SHORT_MAC])

    def read_qr(self, text: str) -> QrClaims:
        """What a scanned text says. Scanners may add blanks and change the case. Raises
        UnknownCode for anything we have not signed."""
        try:
            packed = self._scanned(text.strip().upper())
            zone_end = 2 + _BOOKING_BYTES + packed[1 + _BOOKING_BYTES]
            return QrClaims(
                booking_id=_unpack_booking(packed[1 : 1 + _BOOKING_BYTES]),
                zone_id=packed[2 + _BOOKING_BYTES : zone_end].decode(),
                number=packed[zone_end:].decode(),
            )
        except (ValueError, IndexError):
            raise errors.UnknownCode() from None

    def _scanned(self, code: str) -> bytes:
        """The signed bytes of a pass. Raises ValueError."""
        if len(code) > _LONGEST_QR or not code.startswith(_QR_PREFIX):
            raise ValueError("not a pass")
        whole = unb32(code.removeprefix(_QR_PREFIX))
        packed, mac = whole[:-_SHORT_MAC], whole[-_SHORT_MAC:]
        for kid in self._keys.ids:
            if tag(kid) == packed[0] and self._keys.signs(kid, "qr", packed, mac):
                return packed
        raise ValueError("forged")

    def link(
        self, purpose: LinkPurpose, subject_id: str, version: int, expires_at: datetime
    ) -> str:
        """The token of a link, bound to one purpose, one subject and its version, until
        `expires_at`."""
        payload = packed_json(
            [self._keys.signer, purpose, subject_id, version, unixtime.of(expires_at)]
        )
        return b64(payload + self._keys.mac("link", payload))

    def read_link(self, text: str, now: datetime) -> LinkClaims:
        """What a link is for. Raises LinkExpired when it has expired, and just the same when it
        was never ours: whoever tries to forge one learns nothing."""
        try:
            payload = self._unsealed(text, "link", size=_MAC, longest=_LONGEST_LINK)
            _, purpose, subject_id, version, expires = payload
        except (ValueError, KeyError, TypeError, IndexError, RecursionError):
            raise errors.LinkExpired() from None
        claims = LinkClaims(purpose, subject_id, version, unixtime.instant(expires))
        if now >= claims.expires_at:
            raise errors.LinkExpired()
        return claims

    def seal(self, purpose: str, payload: Mapping[str, Any]) -> str:
        """`payload` as a text that only we can make: readable, not secret."""
        body = packed_json([self._keys.signer, dict(payload)])
        return b64(body + self._keys.mac(f"seal {purpose}", body)[:_SHORT_MAC])

    def open(self, purpose: str, text: str) -> dict[str, Any]:
        """What was sealed for the same purpose. Raises Invalid, naming the field `cursor`."""
        try:
            use = f"seal {purpose}"
            _, payload = self._unsealed(text, use, size=_SHORT_MAC, longest=_LONGEST_SEAL)
        except (ValueError, KeyError, TypeError, IndexError, RecursionError):
            raise errors.Invalid({"cursor": "is not one of ours"}) from None
        return dict(payload)

    def _unsealed(self, text: str, use: str, *, size: int, longest: int) -> list[Any]:
        """The JSON list in front of a MAC of `size` bytes; its first element is the key id."""
        if len(text) > longest:
            raise ValueError("too long")
        whole = unb64(text)
        body, mac = whole[:-size], whole[-size:]
        payload: list[Any] = json.loads(body)
        if not self._keys.signs(payload[0], use, body, mac):
            raise ValueError("forged")
        return payload


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


def _pack_booking(booking_id: str) -> bytes:
    number = 0
    for character in booking_id.removeprefix("BK"):
        number = number * 32 + ids.ALPHABET.index(character)
    return number.to_bytes(_BOOKING_BYTES, "big")


def _unpack_booking(packed: bytes) -> str:
    return "BK" + ids.encode(int.from_bytes(packed, "big"), _BOOKING_DIGITS)
