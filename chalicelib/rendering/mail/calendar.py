"""Bookings as iCalendar files (RFC 5545), to add to a calendar or to remove (RFC 5546).

One UID for the life of a booking and a rising SEQUENCE, so that a later file replaces the earlier.
In a mail the file is an invitation (`REQUEST`, `CANCEL`): Outlook, Apple and Google apply one by
themselves if it names the reader as ATTENDEE and the sender of the mail as ORGANIZER. A file to
download is a publication and names no reader (docs/decisions/notices.md).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, Literal

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import plain_text
from chalicelib.domain.mail.free_text import unlinked
from chalicelib.domain.mail.message import MailAttachment
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.rendering.mail.reader import Reader
from chalicelib.texts.mails import MailTexts

Method = Literal["PUBLISH", "REQUEST", "CANCEL"]

LONGEST_LINE = 75
"""The octets of a line without its line break (RFC 5545, 3.1)."""

_ALARM: Final = {"parking": timedelta(minutes=30), "venue": timedelta(hours=1)}
"""How long before the start a calendar reminds its owner; a day for rooms."""

_ESCAPES = str.maketrans({"\\": "\\\\", ";": "\\;", ",": "\\,", "\n": "\\n"})


@dataclass(frozen=True)
class Invitation:
    """From whom to whom a mail with a calendar file goes: to the `reader`, from the mail address
    `organizer`. `host` makes the UID unique in the world, `now` is when the file is made."""

    reader: Reader
    organizer: str
    host: str
    now: datetime


def invitation(booking: Booking, site: Site, zone: Zone, given: Invitation) -> MailAttachment:
    """The file that adds a booking to the calendar of its guest, or updates it there."""
    return _invite("REQUEST", booking, site, zone, given)


def removal(booking: Booking, site: Site, zone: Zone, given: Invitation) -> MailAttachment:
    """The file that removes a booking from the calendar of its guest."""
    return _invite("CANCEL", booking, site, zone, given)


def _invite(
    method: Method, booking: Booking, site: Site, zone: Zone, given: Invitation
) -> MailAttachment:
    text = _calendar(method, [_event(method, booking, site, zone, given, to=given.reader.address)])
    return attached(booking.booking_id, text, method, inside=True)


def attached(name: str, text: str, method: Method, *, inside: bool = False) -> MailAttachment:
    """A calendar as a file called `name`; `inside`: also as a part that mail programs apply."""
    kind = f"text/calendar; charset=utf-8; method={method}"
    return MailAttachment(f"{name}.ics", kind, text.encode(), inside=inside)


def events(
    bookings: Iterable[Booking],
    site: Site,
    zone: Zone,
    given: Invitation,
    *,
    cancelled: bool = False,
) -> str:
    """`bookings` as one calendar without attendees, because an invitation has one event only
    (RFC 5546, 3.2.2); each event has the UID that it has alone."""
    method: Method = "CANCEL" if cancelled else "PUBLISH"
    return _calendar(method, [_event(method, each, site, zone, given) for each in bookings])


def _calendar(method: Method, blocks: Iterable[Iterator[str]]) -> str:
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Berth//Bookings//EN",
        "CALSCALE:GREGORIAN",
        f"METHOD:{method}",
        *(line for block in blocks for line in block),
        "END:VCALENDAR",
    ]
    return "".join(f"{folded(line)}\r\n" for line in lines)


def _event(
    method: Method,
    booking: Booking,
    site: Site,
    zone: Zone,
    given: Invitation,
    *,
    to: str | None = None,
) -> Iterator[str]:
    yield "BEGIN:VEVENT"
    yield from _identity(booking, site, given)
    if to is not None:
        yield _attendee(booking, to)
        yield "X-MICROSOFT-DISALLOW-COUNTER:TRUE"
    yield from _content(booking, site, zone, given.reader.texts)
    yield f"STATUS:{'CANCELLED' if method == 'CANCEL' else 'CONFIRMED'}"
    if method == "REQUEST":
        yield from _alarm(booking, site, given)
    yield "END:VEVENT"


def _identity(booking: Booking, site: Site, given: Invitation) -> Iterator[str]:
    yield f"UID:{booking.booking_id}@{given.host}"
    yield f"SEQUENCE:{booking.version}"
    yield f"DTSTAMP:{_utc(given.now)}"
    yield f"CREATED:{_utc(booking.created_at)}"
    yield f"LAST-MODIFIED:{_utc(booking.updated_at)}"
    yield f'ORGANIZER;CN="{_quoted(site.name)}":mailto:{given.organizer}'


def _attendee(booking: Booking, to: str) -> str:
    """The guest, who has accepted by booking, so that no program asks for an answer."""
    details = booking.details
    typed = details.owner_name or next((guest.name for guest in details.guests), None)
    name = unlinked(typed) if typed else to
    role = "CUTYPE=INDIVIDUAL;ROLE=REQ-PARTICIPANT;PARTSTAT=ACCEPTED;RSVP=FALSE"
    return f'ATTENDEE;{role};CN="{_quoted(name)}":mailto:{to}'


def _alarm(booking: Booking, site: Site, given: Invitation) -> Iterator[str]:
    """A reminder before the start, where that is still ahead."""
    before = _ALARM.get(booking.kind, timedelta(days=1))
    if booking.booked.start - before <= given.now:
        return
    yield "BEGIN:VALARM"
    yield "ACTION:DISPLAY"
    yield f"DESCRIPTION:{escaped(_summary(booking, site, given.reader.texts))}"
    yield f"TRIGGER:-PT{int(before.total_seconds()) // 60}M"
    yield "END:VALARM"


def _summary(booking: Booking, site: Site, texts: MailTexts) -> str:
    return f"{site.name}: {texts.of(booking.kind).named.format(number=booking.number)}"


def _content(booking: Booking, site: Site, zone: Zone, texts: MailTexts) -> Iterator[str]:
    yield f"DTSTART:{_utc(booking.booked.start)}"
    yield f"DTEND:{_utc(booking.booked.end)}"
    yield f"SUMMARY:{escaped(_summary(booking, site, texts))}"
    yield f"LOCATION:{escaped(', '.join(_places(booking, site, zone)))}"
    yield f"DESCRIPTION:{escaped(_description(booking, site, zone, texts))}"
    if site.latitude and site.longitude:
        yield f"GEO:{site.latitude};{site.longitude}"
    yield "TRANSP:OPAQUE"


def _places(booking: Booking, site: Site, zone: Zone) -> Iterator[str]:
    yield f"{booking.number} ({zone.name})"
    yield site.name
    if site.address:
        yield site.address


def _description(booking: Booking, site: Site, zone: Zone, texts: MailTexts) -> str:
    facts = (
        (texts.booking_code, booking.code),
        (texts.booking, booking.booking_id),
        (texts.of(booking.kind).space, f"{booking.number}, {zone.name}"),
        (texts.vehicle, booking.details.vehicle_number),
        (texts.purpose, booking.details.purpose),
        (texts.contact, site.contact),
    )
    return "\n".join(f"{label}: {value}" for label, value in facts if value)


def escaped(text: str) -> str:
    r"""`text`, cleaned, as a TEXT value: RFC 5545, 3.3.11.

    >>> escaped("Gate 2; left, then up\r\nmind the \\")
    'Gate 2\\; left\\, then up\\nmind the \\\\'
    """
    return plain_text.cleaned(text).translate(_ESCAPES)


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
    return plain_text.one_line(name).replace('"', "'")


def _utc(instant: datetime) -> str:
    return f"{instant:%Y%m%dT%H%M%SZ}"
