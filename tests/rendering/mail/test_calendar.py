from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import BookingDetails
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.rendering.mail import calendar
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


def lines(text: str) -> list[str]:
    assert text.endswith("\r\n")
    return text.replace("\r\n ", "").split("\r\n")[:-1]


def made(
    *, booking: Booking = BOOKING, site: Site = SITE, zone: Zone = ZONE, **others: Any
) -> list[str]:
    ordinary: dict[str, Any] = {"host": "berth.example", "now": NOW}
    return lines(calendar.event(booking, site, zone, **ordinary | others))


def test_an_event_says_when_and_where() -> None:
    event = made()
    assert event[:2] == ["BEGIN:VCALENDAR", "VERSION:2.0"]
    assert event[-2:] == ["END:VEVENT", "END:VCALENDAR"]
    for line in (
        "METHOD:PUBLISH",
        "UID:BKCVSTMR011NG1QR00005@berth.example",
        "SEQUENCE:1",
        "DTSTAMP:20261121T050000Z",
        "DTSTART:20261121T063000Z",
        "DTEND:20261121T080000Z",
        r"SUMMARY:Central Garage\; North: A-001",
        r"LOCATION:A-001 (Zone A)\, Central Garage\; North\, 12 MG Road\,\nBengaluru",
        'ORGANIZER;CN="Central Garage; North":mailto:desk@central.example',
        "GEO:12.9758;77.6045",
        "STATUS:CONFIRMED",
    ):
        assert line in event


def test_a_cancellation_takes_the_same_event_back() -> None:
    event = made(cancelled=True, booking=replace(BOOKING, version=3))
    assert "METHOD:CANCEL" in event
    assert "STATUS:CANCELLED" in event
    assert "SEQUENCE:3" in event
    assert "UID:BKCVSTMR011NG1QR00005@berth.example" in event


def test_a_site_without_an_address_of_its_own_still_has_an_organizer() -> None:
    event = made(site=builders.a_site(contact="+91 80 1234 5678"))
    assert 'ORGANIZER;CN="Central":mailto:no-reply@berth.example' in event
    assert not [line for line in event if line.startswith("GEO")]


def test_names_cannot_add_lines_of_their_own() -> None:
    event = made(
        site=builders.a_site(name='Evil"\r\nATTENDEE:mailto:x@example.com\x07', contact="a\r\nb@c"),
        booking=replace(BOOKING, details=BookingDetails("KA\r\nEND:VEVENT")),
    )
    assert not [line for line in event if line.startswith(("ATTENDEE", "b@c"))]
    assert event.count("END:VEVENT") == 1


@given(st.text())
def test_no_line_is_longer_than_75_octets_and_unfolding_gives_it_back(text: str) -> None:
    line = "SUMMARY:" + calendar.escaped(text)
    folded = calendar.folded(line)
    assert all(len(part.encode()) <= 75 for part in folded.split("\r\n"))
    assert folded.replace("\r\n ", "") == line


@given(st.text())
def test_escaped_text_reads_back_without_its_control_characters(text: str) -> None:
    read, marks = "", iter(calendar.escaped(text))
    for mark in marks:
        if mark == "\\":
            mark = next(marks)
            mark = "\n" if mark == "n" else mark
        read += mark
    assert read == "".join(mark for mark in text if mark == "\n" or mark.isprintable())
