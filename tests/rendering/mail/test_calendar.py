from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import BookingDetails, Guest
from chalicelib.domain.core import plain_text
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.rendering.mail import calendar
from chalicelib.rendering.mail.calendar import Invitation
from chalicelib.rendering.mail.reader import Reader
from tests import builders

NOW = datetime(2026, 11, 21, 5, tzinfo=UTC)
BOOKED = Interval(datetime(2026, 11, 21, 6, 30, tzinfo=UTC), datetime(2026, 11, 21, 8, tzinfo=UTC))
SITE = builders.a_site(
    name="Central Garage; North",
    address="12 MG Road,\nBengaluru",
    contact="desk@central.example",
    latitude="12.9758",
    longitude="77.6045",
)
ZONE = builders.a_zone(name="Zone A")
BOOKING = builders.a_booking(interval=BOOKED, now=NOW)
GIVEN = Invitation(Reader("asha@example.com", "en"), "berth@example.com", "berth.example", NOW)


def lines(text: str) -> list[str]:
    """The content lines, unfolded."""
    assert text.endswith("\r\n")
    assert "\n" not in text.replace("\r\n", "")
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def properties(event: list[str]) -> dict[str, list[str]]:
    """The values by the names of their properties, without parameters."""
    found = defaultdict(list)
    for line in event:
        head, _, value = line.partition(":")
        found[head.partition(";")[0]].append(value)
    return found


def published(
    *, booking: Booking = BOOKING, site: Site = SITE, zone: Zone = ZONE, **how: Any
) -> list[str]:
    """The file to download."""
    return lines(calendar.events((booking,), site, zone, GIVEN, **how))


def invited(
    booking: Booking = BOOKING, *, site: Site = SITE, zone: Zone = ZONE, now: datetime = NOW
) -> list[str]:
    """The file in a mail."""
    file = calendar.invitation(booking, site, zone, replace(GIVEN, now=now))
    return lines(file.content.decode())


def removed(booking: Booking) -> list[str]:
    return lines(calendar.removal(booking, SITE, ZONE, GIVEN).content.decode())


def test_an_event_says_when_and_where() -> None:
    event = published()
    assert event[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert event[-2:] == ["END:VEVENT", "END:VCALENDAR"]
    for line in (
        "METHOD:PUBLISH",
        "UID:BKCVSTMR011NG1QR00005@berth.example",
        "SEQUENCE:1",
        "DTSTAMP:20261121T050000Z",
        "DTSTART:20261121T063000Z",
        "DTEND:20261121T080000Z",
        r"SUMMARY:Central Garage\; North: space A-001",
        r"LOCATION:A-001 (Zone A)\, Central Garage\; North\, 12 MG Road\,\nBengaluru",
        'ORGANIZER;CN="Central Garage; North":mailto:berth@example.com',
        "GEO:12.9758;77.6045",
        "STATUS:CONFIRMED",
    ):
        assert line in event


def test_an_event_names_the_code_and_the_number() -> None:
    about = next(line for line in published() if line.startswith("DESCRIPTION:"))
    assert r"Booking code: 9A-0005\nBooking: BKCVSTMR011NG1QR00005" in about


def test_a_file_to_download_names_no_reader() -> None:
    assert "ATTENDEE" not in properties(published())
    assert "ATTENDEE" not in properties(published(cancelled=True))


def test_a_mail_invites_its_reader_on_behalf_of_its_sender() -> None:
    event = invited()
    assert "METHOD:REQUEST" in event
    assert properties(event)["ATTENDEE"] == ["mailto:asha@example.com"]
    assert properties(event)["ORGANIZER"] == ["mailto:berth@example.com"]
    (attendee,) = [line for line in event if line.startswith("ATTENDEE")]
    assert "PARTSTAT=ACCEPTED;RSVP=FALSE" in attendee


@pytest.mark.parametrize(
    ("details", "name"),
    [
        (BookingDetails(owner_name="Asha Rao", guests=(Guest("Ravi"),)), "Asha Rao"),
        (BookingDetails(guests=(Guest("Ravi"),)), "Ravi"),
        (BookingDetails(), "asha@example.com"),
    ],
)
def test_the_reader_is_called_as_the_booking_does(details: BookingDetails, name: str) -> None:
    (attendee,) = [
        line for line in invited(replace(BOOKING, details=details)) if line.startswith("ATTENDEE")
    ]
    assert f'CN="{name}"' in attendee


def test_an_update_and_a_removal_replace_the_event_of_one_uid() -> None:
    first = properties(invited())
    later = properties(invited(replace(BOOKING, version=2)))
    gone = properties(removed(replace(BOOKING, version=3)))
    assert [each["SEQUENCE"] for each in (first, later, gone)] == [["1"], ["2"], ["3"]]
    for name in ("UID", "ORGANIZER", "ATTENDEE"):
        assert first[name] == later[name] == gone[name]
    assert (gone["METHOD"], gone["STATUS"]) == (["CANCEL"], ["CANCELLED"])


def test_the_organizer_stays_when_the_contact_of_the_site_changes() -> None:
    other = invited(site=replace(SITE, contact="new@central.example"))
    assert properties(other)["ORGANIZER"] == properties(invited())["ORGANIZER"]


@pytest.mark.parametrize(
    ("kind", "named", "before"),
    [
        ("parking", "space A-001", "30M"),
        ("venue", "A-001", "60M"),
        ("room", "room A-001", "1440M"),
    ],
)
def test_the_calendar_reminds_before_the_start(kind: Any, named: str, before: str) -> None:
    booking = replace(BOOKING, kind=kind)
    event = invited(booking, now=BOOKED.start - timedelta(days=2))
    assert event[event.index("BEGIN:VALARM") : event.index("END:VALARM")] == [
        "BEGIN:VALARM",
        "ACTION:DISPLAY",
        rf"DESCRIPTION:Central Garage\; North: {named}",
        f"TRIGGER:-PT{before}",
    ]


def test_the_calendar_does_not_remind_of_what_is_near_or_cancelled() -> None:
    assert "BEGIN:VALARM" not in invited(now=BOOKED.start - timedelta(minutes=30))
    assert "BEGIN:VALARM" not in removed(BOOKING)
    assert "BEGIN:VALARM" not in published()


def test_a_cancellation_to_download_takes_the_same_event_back() -> None:
    event = published(cancelled=True, booking=replace(BOOKING, version=3))
    assert "METHOD:CANCEL" in event
    assert "STATUS:CANCELLED" in event
    assert "SEQUENCE:3" in event
    assert "UID:BKCVSTMR011NG1QR00005@berth.example" in event


def test_a_site_without_a_position_has_none() -> None:
    assert "GEO" not in properties(invited(site=builders.a_site()))


def test_names_cannot_add_lines_of_their_own() -> None:
    event = invited(
        replace(BOOKING, details=BookingDetails("KA\r\nEND:VEVENT", 'Al"\r\nATTENDEE:x@y')),
        site=builders.a_site(name='Evil"\r\nATTENDEE:mailto:x@example.com\x07', contact="a\r\nb@c"),
    )
    assert len(properties(event)["ATTENDEE"]) == 1
    assert not [line for line in event if line.startswith("b@c")]
    assert event.count("END:VEVENT") == 1


@given(st.text())
def test_no_line_is_longer_than_75_octets_and_unfolding_gives_it_back(text: str) -> None:
    line = "SUMMARY:" + calendar.escaped(text)
    folded = calendar.folded(line)
    assert all(len(part.encode()) <= 75 for part in folded.split("\r\n"))
    assert folded.replace("\r\n ", "") == line


@given(st.text())
def test_escaped_text_reads_back_as_cleaned(text: str) -> None:
    read, marks = "", iter(calendar.escaped(text))
    for mark in marks:
        if mark == "\\":
            mark = next(marks)
            mark = "\n" if mark == "n" else mark
        read += mark
    assert read == plain_text.cleaned(text)
