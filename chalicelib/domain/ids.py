"""What ids look like. Randomness and time come in as arguments; `services/deps.py` supplies them.

An account is known by an eight-character locator. A booking's id is `BK`, the locator of whoever
owns it, and a part that sorts by the time of creation: so the id alone names the partition and the
item, a booking is one read away, and a customer's bookings are one query, newest last.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U to misread
LOCATOR_LENGTH = 8
_TIME_LENGTH = 7
_TAIL_LENGTH = 4
_OWNED = rf"([{ALPHABET}]{{{LOCATOR_LENGTH}}})([{ALPHABET}]{{{_TIME_LENGTH + _TAIL_LENGTH}}})"
_BOOKING = re.compile(f"BK{_OWNED}")
_ENTRY = re.compile(f"WL{_OWNED}")


def encode(number: int, length: int) -> str:
    """`number` in Crockford's base 32, padded to `length` characters (higher digits are dropped).

    >>> encode(33, 4)
    '0011'
    """
    digits = []
    for _ in range(length):
        number, digit = divmod(number, 32)
        digits.append(ALPHABET[digit])
    return "".join(reversed(digits))


def locator(random: int) -> str:
    """Forty random bits as the eight characters that name an account or a guest.

    >>> locator(2**40 - 1)
    'ZZZZZZZZ'
    """
    return encode(random, LOCATOR_LENGTH)


def sortable(prefix: str, at: datetime, random: int, *, tail: int = 9) -> str:
    """An id that sorts by `at` (to the second) behind a prefix, with `5 * tail` random bits.

    >>> from datetime import UTC, datetime
    >>> sortable("LE", datetime(2026, 11, 21, tzinfo=UTC), 7, tail=4)
    'LE1NG1QR00007'
    """
    return prefix + encode(int(at.timestamp()), _TIME_LENGTH) + encode(random, tail)


def made_at(sortable_id: str) -> datetime:
    """When an id that sorts was made, to the second; it has a prefix of two letters.

    >>> made_at("LE1NG1QR00007")
    datetime.datetime(2026, 11, 21, 0, 0, tzinfo=datetime.timezone.utc)
    """
    seconds = 0
    for character in sortable_id[2 : 2 + _TIME_LENGTH]:
        seconds = seconds * 32 + ALPHABET.index(character)
    return datetime.fromtimestamp(seconds, UTC)


def booking_id(owner: str, at: datetime, random: int) -> str:
    """The id of a booking of `owner` (a locator) made at `at`.

    >>> from datetime import UTC, datetime
    >>> booking_id("7Q2M9X4T", datetime(2026, 11, 21, tzinfo=UTC), 5)
    'BK7Q2M9X4T1NG1QR00005'
    """
    return f"BK{owner}" + sortable("", at, random, tail=_TAIL_LENGTH)


def entry_id(owner: str, at: datetime, random: int) -> str:
    """The id of a waitlist entry of `owner` (a locator) made at `at`."""
    return f"WL{owner}" + sortable("", at, random, tail=_TAIL_LENGTH)


def entry_key(entry_id: str) -> tuple[str, str] | None:
    """The owner's locator and the rest of an entry's id, or None where it is not one.

    >>> entry_key("WL7Q2M9X4T1NG1QR00005")
    ('7Q2M9X4T', '1NG1QR00005')
    """
    match = _ENTRY.fullmatch(entry_id)
    return (match[1], match[2]) if match else None


def booking_key(booking_id: str) -> tuple[str, str] | None:
    """The partition and sort key hidden in a booking id, or None where it is not one.

    >>> booking_key("BK7Q2M9X4T1NG1QR00005")
    ('7Q2M9X4T', '1NG1QR00005')
    >>> booking_key("nonsense") is None
    True
    """
    match = _BOOKING.fullmatch(booking_id)
    return (match[1], match[2]) if match else None
