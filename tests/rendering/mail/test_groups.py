"""One mail for all that was booked together."""

from __future__ import annotations

import re
from datetime import timedelta

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.core import ids
from chalicelib.domain.mail.message import Message
from chalicelib.rendering.mail import calendar, groups
from chalicelib.rendering.mail.calendar import Invitation
from chalicelib.rendering.mail.reader import Reader
from tests import builders
from tests.clock import NOON

GROUP = "GR7Q2M9X4T1NG1QR00020"
SITE = builders.a_site()
ZONE = builders.a_zone(kind="venue", policy=builders.VENUE, tariff=builders.FREE)

INVITATION = Invitation(
    Reader("asha@example.com", "en"), "berth@example.com", "berth.example.com", NOON
)


def series(count: int) -> list[Booking]:
    """Weekly, from the day after tomorrow."""
    starts = [NOON + timedelta(days=2, weeks=week) for week in range(count)]
    return [
        builders.a_booking(
            ZONE,
            booking_id=ids.member_id(GROUP, nth),
            interval=builders.an_interval(start),
            group_id=GROUP,
            now=NOON,
        )
        for nth, start in enumerate(starts)
    ]


def spaces(count: int) -> list[Booking]:
    """At one time."""
    return [
        builders.a_booking(
            ZONE, booking_id=ids.member_id(GROUP, nth), number=f"A-00{nth + 1}", group_id=GROUP
        )
        for nth in range(count)
    ]


def confirmed(bookings: list[Booking]) -> Message:
    return groups.group_confirmed(
        bookings,
        SITE,
        ZONE,
        code=lambda booking: f"BERTH{booking.booking_id}",
        invitation=INVITATION,
    )


def test_every_booking_is_named_with_its_pass_in_both_renderings() -> None:
    bookings = series(52)
    mail = confirmed(bookings)
    for nth, booking in enumerate(bookings, 1):
        assert f"BERTH{booking.booking_id}" in mail.text
        assert booking.booking_id in mail.html
        assert f'src="cid:qr-{nth}"' in mail.html
    assert [picture.cid for picture in mail.inline] == [f"qr-{nth}" for nth in range(1, 53)]
    assert len(mail.html.encode()) < 100_000  # or mail programs cut it off


def test_an_event_has_the_uid_that_it_has_alone() -> None:
    bookings = series(3)
    file = confirmed(bookings).attachments[0].content.decode()
    alone = [
        calendar.invitation(each, SITE, ZONE, INVITATION).content.decode() for each in bookings
    ]
    uids = re.compile(r"^UID:(.*)\r$", re.MULTILINE)
    assert uids.findall(file) == [uid for text in alone for uid in uids.findall(text)]
    assert file.count("BEGIN:VEVENT") == file.count("END:VEVENT") == 3
    assert file.count("BEGIN:VCALENDAR") == 1


def test_the_calendar_of_what_was_cancelled_takes_it_back() -> None:
    mail = groups.group_cancelled(series(2), SITE, ZONE, invitation=INVITATION)
    file = mail.attachments[0].content.decode()
    assert "METHOD:CANCEL" in file
    assert file.count("STATUS:CANCELLED") == 2
    assert "method=CANCEL" in mail.attachments[0].content_type


def test_whoever_must_confirm_is_told_that_the_question_comes() -> None:
    assert "We will ask you to confirm 24 hours before" in confirmed(series(2)).text


def test_dates_are_told_apart_by_their_times_and_spaces_by_their_numbers() -> None:
    headed = re.compile(r"<b[^>]*>([^<]*)</b>")
    assert headed.findall(confirmed(spaces(2)).html) == ["A-001, Zone A", "A-002, Zone A"]
    dates = headed.findall(confirmed(series(2)).html)
    assert dates == [
        "Mon, 23 Nov 2026, 12:00–13:00",
        "Mon, 30 Nov 2026, 12:00–13:00",
    ]
