"""The content of a QR pass as bytes, without its signature (`tokens.py`)."""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass
from typing import Final

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import ids

LONGEST: Final = 42
"""Bytes. A pass has 100 characters at most then: replaced systems keep no more."""

_BOOKING_BYTES: Final = 12
_BOOKING_DIGITS: Final = 19

_UUID: Final = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
_AS_UUID: Final = 0xFF
"""In place of the length of a zone id: it is a UUID, in 16 bytes."""


@dataclass(frozen=True)
class QrClaims:
    """The content of a QR pass: the booking, its zone and space when the pass was issued (empty
    where they were too long for it), and which issue it is: 0 for the first pass of a booking."""

    booking_id: str
    zone_id: str
    number: str
    issue: int = 0


def pack(booking: Booking) -> bytes:
    """The content of the pass of a booking; without its zone and number where they are too
    long."""
    named, issue = _pack_booking(booking.booking_id), _issue(booking)
    packed = named + _pack_zone(booking.zone_id) + booking.number.encode() + issue
    return packed if len(packed) <= LONGEST else named + _pack_zone("") + issue


def unpack(packed: bytes) -> QrClaims:
    """The content that `pack` packed. Raises ValueError, IndexError."""
    zone_id, rest = _unpack_zone(packed[_BOOKING_BYTES:])
    number, _, issue = rest.partition(b"\0")
    return QrClaims(
        booking_id=_unpack_booking(packed[:_BOOKING_BYTES]),
        zone_id=zone_id,
        number=number.decode(),
        issue=int.from_bytes(issue, "big"),
    )


def _issue(booking: Booking) -> bytes:
    """The issue of a pass behind the number; nothing for the first one."""
    return b"\0" + booking.pass_issue.to_bytes(2, "big") if booking.pass_issue else b""


def _pack_zone(zone_id: str) -> bytes:
    if _UUID.fullmatch(zone_id):
        return bytes((_AS_UUID,)) + bytes.fromhex(zone_id.replace("-", ""))
    return bytes((len(zone_id),)) + zone_id.encode()


def _unpack_zone(packed: bytes) -> tuple[str, bytes]:
    """The zone id at the start of `packed`, and what follows it."""
    if packed[0] != _AS_UUID:
        end = 1 + packed[0]
        return packed[1:end].decode(), packed[end:]
    digits = packed[1:17].hex()
    ends = (0, 8, 12, 16, 20, 32)
    parts = (digits[start:end] for start, end in itertools.pairwise(ends))
    return "-".join(parts), packed[17:]


def _pack_booking(booking_id: str) -> bytes:
    number = 0
    for character in booking_id.removeprefix("BK"):
        number = number * 32 + ids.ALPHABET.index(character)
    return number.to_bytes(_BOOKING_BYTES, "big")


def _unpack_booking(packed: bytes) -> str:
    return "BK" + ids.encode(int.from_bytes(packed, "big"), _BOOKING_DIGITS)
