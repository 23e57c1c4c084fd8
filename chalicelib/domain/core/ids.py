"""The format of ids. Randomness and time are arguments; `services/core/deps.py` supplies them.

An account has a locator of eight characters. The id of a booking is `BK`, the locator of its owner,
and a part that sorts by the time of creation: the id alone names partition and item, so a booking
is one read and the bookings of a customer are one query, newest last. The bookings of a group have
consecutive ids, and the id of the group is `GR` with the first of them.
"""

from __future__ import annotations

import re
from datetime import datetime

from chalicelib.domain.core import unixtime

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"  # Crockford's base 32: no I, L, O, U to misread
LOCATOR_LENGTH = 8
_TIME_LENGTH = 7
_TAIL_LENGTH = 4
_OWNED = rf"([{ALPHABET}]{{{LOCATOR_LENGTH}}})([{ALPHABET}]{{{_TIME_LENGTH + _TAIL_LENGTH}}})"
_BOOKING = re.compile(f"BK{_OWNED}")
_ENTRY = re.compile(f"WL{_OWNED}")
_GROUP = re.compile(f"GR{_OWNED}")
_SEASON_PASS = re.compile(f"SP{_OWNED}")

GROUP_SIZE = 64
"""The number of ids reserved for the bookings of a group."""


def encode(number: int, length: int) -> str:
    """`number` in Crockford's base 32, padded to `length` characters (higher digits are dropped).

    >>> encode(33, 4)
    '0011'
    """
    return "".join([ALPHABET[number >> 5 * place & 31] for place in range(length - 1, -1, -1)])


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
    return prefix + encode(unixtime.of(at), _TIME_LENGTH) + encode(random, tail)


def in_order(prefix: str, at: datetime, place: int, random: int) -> str:
    """An id that sorts by `at`, and within its second by `place`, below 2**20; with 25 random
    bits.

    >>> from datetime import UTC, datetime
    >>> in_order("AE", datetime(2026, 11, 21, tzinfo=UTC), 33, 7)
    'AE1NG1QR0001100007'
    """
    return sortable(prefix, at, (min(place, 2**20 - 1) << 25) + random)


def first_of_second(sortable_id: str) -> str:
    """The id with the first place of its second.

    >>> first_of_second("AE1NG1QR0ABCD00007")
    'AE1NG1QR0000000007'
    """
    head, tail = sortable_id[: 2 + _TIME_LENGTH], sortable_id[2 + _TIME_LENGTH + 4 :]
    return f"{head}0000{tail}"


def earliest(prefix: str, at: datetime) -> str:
    """The lower bound of all sortable ids with that prefix made at `at` or later.

    >>> from datetime import UTC, datetime
    >>> earliest("LE", datetime(2026, 11, 21, tzinfo=UTC))
    'LE1NG1QR0'
    """
    return sortable(prefix, at, 0, tail=0)


def made_at(sortable_id: str) -> datetime:
    """The second in which a sortable id with a prefix of two letters was made.

    >>> made_at("LE1NG1QR00007")
    datetime.datetime(2026, 11, 21, 0, 0, tzinfo=datetime.timezone.utc)
    """
    seconds = 0
    for character in sortable_id[2 : 2 + _TIME_LENGTH]:
        seconds = seconds * 32 + ALPHABET.index(character)
    return unixtime.instant(seconds)


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
    """The partition and the sort key in a booking id, or None where it is not one.

    >>> booking_key("BK7Q2M9X4T1NG1QR00005")
    ('7Q2M9X4T', '1NG1QR00005')
    >>> booking_key("nonsense") is None
    True
    """
    match = _BOOKING.fullmatch(booking_id)
    return (match[1], match[2]) if match else None


def season_pass_id(locator: str, at: datetime, random: int) -> str:
    """The id of a season pass under a locator of its own, made at `at`."""
    return f"SP{locator}" + sortable("", at, random, tail=_TAIL_LENGTH)


def season_pass_key(pass_id: str) -> tuple[str, str] | None:
    """The locator and the rest of the id of a season pass, or None where it is not one.

    >>> season_pass_key("SP7Q2M9X4T1NG1QR00005")
    ('7Q2M9X4T', '1NG1QR00005')
    """
    match = _SEASON_PASS.fullmatch(pass_id)
    return (match[1], match[2]) if match else None


def group_id(owner: str, at: datetime, random: int) -> str:
    """The id of a group that `owner` (a locator) books at `at`.

    >>> from datetime import UTC, datetime
    >>> group_id("7Q2M9X4T", datetime(2026, 11, 21, tzinfo=UTC), 70)
    'GR7Q2M9X4T1NG1QR00020'
    """
    return f"GR{owner}" + sortable("", at, random - random % GROUP_SIZE, tail=_TAIL_LENGTH)


def member_id(group_id: str, position: int) -> str:
    """The id of the booking at `position` of a group, from 0 to 63.

    >>> member_id("GR7Q2M9X4T1NG1QR00020", 33)
    'BK7Q2M9X4T1NG1QR00031'
    """
    digits = group_id[-2:]
    first = ALPHABET.index(digits[0]) * 32 + ALPHABET.index(digits[1])
    return f"BK{group_id[2:-2]}" + encode(first + position, 2)


def group_keys(group_id: str) -> tuple[str, str, str] | None:
    """The partition of a group's bookings and the first and the last of their sort keys, or None
    where it is not the id of a group.

    >>> group_keys("GR7Q2M9X4T1NG1QR00020")
    ('7Q2M9X4T', '1NG1QR00020', '1NG1QR0003Z')
    """
    match = _GROUP.fullmatch(group_id)
    if match is None:
        return None
    return match[1], match[2], member_id(group_id, GROUP_SIZE - 1)[-len(match[2]) :]
