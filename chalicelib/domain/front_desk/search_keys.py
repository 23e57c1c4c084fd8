"""Finding a booking by what a guest says: a name, a phone number, a mail address
(docs/rules/rooms.md, The search).

The booking of a room carries keys of whoever it is for, which indexes of its site sort: the name as
it is said, the name with its last word first, the end of the phone number, the address. They are
made of what the booking says and stored in it, so they change and go with it.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from typing import Final, Literal

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import Guest

Key = Literal["name", "surname", "phone", "mail"]

PHONE_END: Final = 7
"""Digits of a phone number that are looked up: people leave out the beginning, or say it in one of
several ways."""

LONGEST: Final = 80
"""Characters of a key; what goes beyond is no longer told apart."""

_PHONE = re.compile(r"[-+()./\s0-9]+")


def names(booking: Booking) -> tuple[str, ...]:
    """Who comes, as far as the booking says: its guests, or in whose name it is."""
    return tuple(guest.name for guest in booking.details.guests) or (
        (booking.details.owner_name,) if booking.details.owner_name else ()
    )


def keys(booking: Booking) -> Mapping[Key, str]:
    """What the booking of a room is found by; nothing elsewhere. Behind each key is when the
    booking was made, so that of many alike the newest come first."""
    if booking.kind != "room":
        return {}
    named = next(iter(names(booking)), "")
    guest = booking.details.guests[0] if booking.details.guests else Guest(named)
    made = booking.booking_id[10:17]
    return {key: f"{said[:LONGEST]}#{made}" for key, said in _said(guest).items() if said}


def prefixes(wanted: str) -> Mapping[Key, str]:
    """The keys under which to look for whatever is `wanted`, and how they begin.

    >>> prefixes("Aoife  O'Byrne")
    {'name': 'aoife obyrne', 'surname': 'aoife obyrne'}
    >>> prefixes("(01) 555 0100"), prefixes("Aoife@Example.com")
    ({'phone': '5550100'}, {'mail': 'aoife@example.com'})
    """
    if "@" in wanted:
        return {"mail": _mail(wanted)[:LONGEST]}
    if len(_phone(wanted)) == PHONE_END and _PHONE.fullmatch(wanted):
        return {"phone": _phone(wanted)}
    said = " ".join(words(wanted))[:LONGEST]
    return {"name": said, "surname": said} if said else {}


def words(name: str) -> tuple[str, ...]:
    """The words of a name without case, accents and apostrophes.

    >>> words("Seán O’Brien-Daly")
    ('sean', 'obrien', 'daly')
    """
    bare = unicodedata.normalize("NFKD", name.casefold())
    kept = "".join(each for each in bare if not unicodedata.combining(each) and each not in "'’")
    return tuple("".join(each if each.isalnum() else " " for each in kept).split())


def is_about(booking: Booking, wanted: str) -> bool:
    """Whether somebody who says `wanted` may mean this booking: its id, room or plate, somebody's
    name (part of it, or how its words begin), phone number or mail address."""
    text = wanted.casefold().strip()
    if text in (booking.booking_id.casefold(), booking.number.casefold()):
        return True
    if booking.details.vehicle_number and _bare(text) == _bare(booking.details.vehicle_number):
        return True
    guests = (*booking.details.guests, Guest(booking.details.owner_name or ""))
    return any(_is_called(guest.name, text) or _is_reached(guest, text) for guest in guests)


def _said(guest: Guest) -> dict[Key, str]:
    first, last = words(guest.name)[:-1], words(guest.name)[-1:]
    return {
        "name": " ".join((*first, *last)),
        "surname": " ".join((*last, *first)) if first else "",
        "phone": _phone(guest.phone or ""),
        "mail": _mail(guest.email or ""),
    }


def _is_called(name: str, text: str) -> bool:
    said, asked = words(name), words(text)
    if not asked:
        return False
    begins = all(any(word.startswith(each) for word in said) for each in asked)
    return begins or " ".join(asked) in " ".join(said)


def _is_reached(guest: Guest, text: str) -> bool:
    asked = prefixes(text)
    by_mail = "mail" in asked and _mail(guest.email or "").startswith(asked["mail"])
    return by_mail or ("phone" in asked and _is_number(guest.phone or "", text))


def _is_number(phone: str, text: str) -> bool:
    """Whether both are one number, as far as each of them says it."""
    one, other = (_digits(each).lstrip("0") for each in (phone, text))
    return bool(one) and (one.endswith(other) or other.endswith(one))


def _mail(address: str) -> str:
    return address.strip().casefold()


def _phone(number: str) -> str:
    return _digits(number)[-PHONE_END:]


def _digits(text: str) -> str:
    return "".join(each for each in text if each.isdecimal())


def _bare(plate: str) -> str:
    return "".join(each for each in plate.casefold() if each.isalnum())
