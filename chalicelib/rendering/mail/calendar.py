"""Bookings as iCalendar files (RFC 5545), to add to a calendar or to remove (RFC 5546).

One UID for the life of a booking and a rising SEQUENCE, so that a later file replaces the earlier.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.sites.site import Site, Zone

LONGEST_LINE = 75
"""The octets of a line without its line break (RFC 5545, 3.1)."""

_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


def event(
    booking: Booking,
    site: Site,
    zone: Zone,
    *,
    host: str,
    now: datetime,
    cancelled: bool = False,
) -> str:
    """`booking` as a calendar with one event; with `cancelled` one that removes it.

    `host` makes the UID unique in the world, `now` is when the file is made.
    """
    return events((booking,), site, zone, host=host, now=now, cancelled=cancelled)


def events(
    bookings: Iterable[Booking],
    site: Site,
    zone: Zone,
    *,
    host: str,
    now: datetime,
    cancelled: bool = False,
) -> str:
    """All `bookings` as one calendar; each event has the UID that it has alone."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Berth//Bookings//EN",
        "CALSCALE:GREGORIAN",
        f"METHOD:{'CANCEL' if cancelled else 'PUBLISH'}",
    ]
    for booking in bookings:
        lines += (
            "BEGIN:VEVENT",
            *_identity(booking, site, host, now),
            *_content(booking, site, zone),
            f"STATUS:{'CANCELLED' if cancelled else 'CONFIRMED'}",
            "END:VEVENT",
        )
    lines.append("END:VCALENDAR")
    return "".join(f"{folded(line)}\r\n" for line in lines)


def _identity(booking: Booking, site: Site, host: str, now: datetime) -> Iterator[str]:
    yield f"UID:{booking.booking_id}@{host}"
    yield f"SEQUENCE:{booking.version}"
    yield f"DTSTAMP:{_utc(now)}"
    yield f"CREATED:{_utc(booking.created_at)}"
    yield f"LAST-MODIFIED:{_utc(booking.updated_at)}"
    yield f'ORGANIZER;CN="{_quoted(site.name)}":mailto:{_organizer(site, host)}'


def _content(booking: Booking, site: Site, zone: Zone) -> Iterator[str]:
    yield f"DTSTART:{_utc(booking.booked.start)}"
    yield f"DTEND:{_utc(booking.booked.end)}"
    yield f"SUMMARY:{escaped(f'{site.name}: {booking.number}')}"
    yield f"LOCATION:{escaped(', '.join(_places(booking, site, zone)))}"
    yield f"DESCRIPTION:{escaped(_description(booking, site, zone))}"
    if site.latitude and site.longitude:
        yield f"GEO:{site.latitude};{site.longitude}"
    yield "TRANSP:OPAQUE"


def _places(booking: Booking, site: Site, zone: Zone) -> Iterator[str]:
    yield f"{booking.number} ({zone.name})"
    yield site.name
    if site.address:
        yield site.address


def _description(booking: Booking, site: Site, zone: Zone) -> str:
    parts = [f"Booking {booking.booking_id}", f"Space {booking.number}, {zone.name}"]
    if booking.details.vehicle_number:
        parts.append(f"Vehicle {booking.details.vehicle_number}")
    if site.contact:
        parts.append(f"Contact: {site.contact}")
    return "\n".join(parts)


def _organizer(site: Site, host: str) -> str:
    contact = site.contact or ""
    return (
        contact
        if "@" in contact and contact.isprintable() and " " not in contact
        else f"no-reply@{host}"
    )


def escaped(text: str) -> str:
    r"""`text` as a TEXT value: RFC 5545, 3.3.11; other control characters are left out.

    >>> escaped("Gate 2; left, then up\r\nmind the \\")
    'Gate 2\\; left\\, then up\\nmind the \\\\'
    """
    kept = (mark for mark in text if mark == "\n" or mark.isprintable())
    return "".join(kept).translate(_ESCAPES)


def folded(line: str) -> str:
    """`line` broken into lines of at most 75 octets, never inside a character.

    >>> folded("A" * 76).encode().split(b"\\r\\n")[1]
    b' A'
    """
    lines, room, current = [], LONGEST_LINE, ""
    for mark in line:
        width = len(mark.encode())
        if width > room:
            lines.append(current)
            room, current = LONGEST_LINE - 1, ""
        current += mark
        room -= width
    return "\r\n ".join([*lines, current])


def _quoted(name: str) -> str:
    """`name` for between quotation marks, where it may have none of its own (RFC 5545, 3.2)."""
    return "".join(mark for mark in name if mark.isprintable()).replace('"', "'")


def _utc(instant: datetime) -> str:
    return f"{instant:%Y%m%dT%H%M%SZ}"
