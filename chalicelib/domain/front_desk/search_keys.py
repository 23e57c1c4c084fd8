"""Search keys of a booking: the guest's name, phone number and mail address (docs/rules/rooms.md,
The search).

The booking of a room has keys of its first guest, and indexes of its site sort them: the name, the
name with its last word first, the end of the phone number, the mail address. The keys are stored in
the booking, so they change with it and are erased with it.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final, Literal

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import Guest
from chalicelib.domain.core import mail_addresses, phones, plates
from chalicelib.domain.front_desk import spelling

Key = Literal["name", "surname", "phone", "mail"]

PHONE_END: Final = 7
"""Digits at the end of a phone number that are looked up. The beginning is often left out, or
written in one of several ways."""

LONGEST: Final = 80
"""Characters of a key; longer names are cut."""


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


def prefixes(query: str) -> Mapping[Key, tuple[str, ...]]:
    """The keys to search for a query, each with the prefixes of a match; several where a name is
    spelt in several ways, or was kept in another way by earlier versions.

    >>> prefixes("Aoife  O'Byrne")
    {'name': ('aoife obyrne',), 'surname': ('aoife obyrne',)}
    >>> prefixes("(01) 555 0100"), prefixes("Aoife@Example.com")
    ({'phone': ('5550100',)}, {'mail': ('aoife@example.com',)})
    """
    if "@" in query:
        return {"mail": (_mail(query)[:LONGEST],)}
    if len(_phone(query)) == PHONE_END:
        return {"phone": (_phone(query),)}
    spelt = (*spelling.spellings(query), spelling.former_words(query))
    names = tuple(dict.fromkeys(" ".join(each)[:LONGEST] for each in spelt if each))
    return {"name": names, "surname": names} if names else {}


def matches(booking: Booking, query: str) -> bool:
    """Whether a query matches the booking: its id, room or plate; the name of any guest (a part, or
    the beginnings of its words), a phone number or a mail address."""
    text = query.casefold().strip()
    if text in (booking.booking_id.casefold(), booking.number.casefold()):
        return True
    if _has_plate(booking, text):
        return True
    guests = (*booking.details.guests, Guest(booking.details.owner_name or ""))
    return any(_has_name(guest, text) or _has_contact(guest, query) for guest in guests)


def _has_plate(booking: Booking, text: str) -> bool:
    plate, wanted = booking.details.vehicle_number, plates.compared(text)
    return plate is not None and bool(wanted) and plates.compared(plate) == wanted


def _texts(guest: Guest) -> dict[Key, str]:
    words = spelling.words(guest.name)
    first, last = words[:-1], words[-1:]
    return {
        "name": " ".join((*first, *last)),
        "surname": " ".join((*last, *first)) if first else "",
        "phone": _phone(guest.phone or ""),
        "mail": _mail(guest.email or ""),
    }


def _has_name(guest: Guest, text: str) -> bool:
    names, queries = spelling.spellings(guest.name), spelling.spellings(text)
    return any(_is_spelt(name, query) for name in names for query in queries if query)


def _is_spelt(name: tuple[str, ...], query: tuple[str, ...]) -> bool:
    begins = all(any(word.startswith(each) for word in name) for each in query)
    return begins or " ".join(query) in " ".join(name)


def _has_contact(guest: Guest, text: str) -> bool:
    if "@" in text:
        return _mail(guest.email or "").startswith(_mail(text))
    return len(_phone(text)) == PHONE_END and _is_same_number(guest.phone or "", text)


def _is_same_number(phone: str, text: str) -> bool:
    """Whether the shorter of two phone numbers is the end of the longer."""
    one, other = (phones.digits(each).lstrip("0") for each in (phone, text))
    return bool(one) and (one.endswith(other) or other.endswith(one))


def _mail(address: str) -> str:
    """An address, or its beginning, as it is kept. A query has a blank where a `+` was meant: that
    is how a `+` reads that is not encoded."""
    return mail_addresses.found_by(address.strip().replace(" ", "+"))


def _phone(number: str) -> str:
    return phones.digits(number)[-PHONE_END:]
