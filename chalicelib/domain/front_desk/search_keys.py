"""Search keys of a booking: the guest's name, phone number and mail address (docs/rules/rooms.md,
The search).

The booking of a room has keys of its first guest, and indexes of its site sort them: the name, the
name with its last word first, the end of the phone number, the mail address. The keys are stored in
the booking, so they change with it and are erased with it.
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
"""Digits at the end of a phone number that are looked up. The beginning is often left out, or
written in one of several ways."""

LONGEST: Final = 80
"""Characters of a key; longer names are cut."""

_PHONE = re.compile(r"[-+()./\s0-9]+")


def names(booking: Booking) -> tuple[str, ...]:
    """The names of its guests, or the name that the booking is made in."""
    return tuple(guest.name for guest in booking.details.guests) or (
        (booking.details.owner_name,) if booking.details.owner_name else ()
    )


def keys(booking: Booking) -> Mapping[Key, str]:
    """The search keys of the booking of a room; none in other zones. A key ends with the time at
    which the booking was made, so that equal keys sort by time."""
    if booking.kind != "room":
        return {}
    name = next(iter(names(booking)), "")
    guest = booking.details.guests[0] if booking.details.guests else Guest(name)
    made = booking.booking_id[10:17]
    return {key: f"{text[:LONGEST]}#{made}" for key, text in _texts(guest).items() if text}


def prefixes(query: str) -> Mapping[Key, str]:
    """The keys to search for a query, each with the prefix of a match.

    >>> prefixes("Aoife  O'Byrne")
    {'name': 'aoife obyrne', 'surname': 'aoife obyrne'}
    >>> prefixes("(01) 555 0100"), prefixes("Aoife@Example.com")
    ({'phone': '5550100'}, {'mail': 'aoife@example.com'})
    """
    if "@" in query:
        return {"mail": _mail(query)[:LONGEST]}
    if len(_phone(query)) == PHONE_END and _PHONE.fullmatch(query):
        return {"phone": _phone(query)}
    name = " ".join(words(query))[:LONGEST]
    return {"name": name, "surname": name} if name else {}


def words(name: str) -> tuple[str, ...]:
    """The words of a name without case, accents and apostrophes.

    >>> words("Seán O’Brien-Daly")
    ('sean', 'obrien', 'daly')
    """
    decomposed = unicodedata.normalize("NFKD", name.casefold())
    plain = "".join(c for c in decomposed if not unicodedata.combining(c) and c not in "'’")
    return tuple("".join(c if c.isalnum() else " " for c in plain).split())


def matches(booking: Booking, query: str) -> bool:
    """Whether a query matches the booking: its id, room or plate; the name of any guest (a part, or
    the beginnings of its words), a phone number or a mail address."""
    text = query.casefold().strip()
    if text in (booking.booking_id.casefold(), booking.number.casefold()):
        return True
    if booking.details.vehicle_number and _plate(text) == _plate(booking.details.vehicle_number):
        return True
    guests = (*booking.details.guests, Guest(booking.details.owner_name or ""))
    return any(_has_name(guest, text) or _has_contact(guest, text) for guest in guests)


def _texts(guest: Guest) -> dict[Key, str]:
    first, last = words(guest.name)[:-1], words(guest.name)[-1:]
    return {
        "name": " ".join((*first, *last)),
        "surname": " ".join((*last, *first)) if first else "",
        "phone": _phone(guest.phone or ""),
        "mail": _mail(guest.email or ""),
    }


def _has_name(guest: Guest, text: str) -> bool:
    name, query = words(guest.name), words(text)
    if not query:
        return False
    begins = all(any(word.startswith(each) for word in name) for each in query)
    return begins or " ".join(query) in " ".join(name)


def _has_contact(guest: Guest, text: str) -> bool:
    query = prefixes(text)
    by_mail = "mail" in query and _mail(guest.email or "").startswith(query["mail"])
    return by_mail or ("phone" in query and _is_same_number(guest.phone or "", text))


def _is_same_number(phone: str, text: str) -> bool:
    """Whether the shorter of two phone numbers is the end of the longer."""
    one, other = (_digits(each).lstrip("0") for each in (phone, text))
    return bool(one) and (one.endswith(other) or other.endswith(one))


def _mail(address: str) -> str:
    return address.strip().casefold()


def _phone(number: str) -> str:
    return _digits(number)[-PHONE_END:]


def _digits(text: str) -> str:
    return "".join(each for each in text if each.isdecimal())


def _plate(plate: str) -> str:
    return "".join(each for each in plate.casefold() if each.isalnum())
