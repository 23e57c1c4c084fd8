"""Each kind of place has its words, and each mail the name, the colour and the contact of its
place."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import timedelta

import pytest

from chalicelib.domain.bookings import confirmation, confirmation_steps, ends
from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import Guest
from chalicelib.domain.core.access import SYSTEM
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.mail.message import Message
from chalicelib.domain.mail.operator import Operator
from chalicelib.domain.pricing.tariff import Tariff, Tax
from chalicelib.domain.sites.site import Site, Zone, default_policy
from chalicelib.domain.stays import check_in, check_out
from chalicelib.rendering.mail import endings, mails, notices, reminders
from chalicelib.rendering.mail.calendar import Invitation
from chalicelib.rendering.mail.reader import Reader
from chalicelib.rendering.mail.reminders import Question
from tests import builders
from tests.clock import NOON

OPERATOR = Operator("Parks Ltd", "help@parks.example", "https://app.parks.example")
READER = Reader("asha@example.com", "en", "Asha", OPERATOR)
INVITATION = Invitation(READER, "berth@example.com", "berth.example.com", NOON)
HOTEL = builders.a_site(name="Killarney House", contact="+353 64 555 0100", colour="#14213d")
ROOMS = builders.a_zone(
    name="Rooms",
    kind="room",
    policy=default_policy("room"),
    tariff=Tariff("nightly", "INR", 12000, tax=Tax(1800, inclusive=False)),
)
HALLS = builders.a_zone(name="Halls", kind="venue", policy=builders.VENUE, tariff=builders.FREE)
NIGHTS = Interval(NOON + timedelta(hours=3), NOON + timedelta(days=2, hours=23))

CAR_PARK = re.compile(r"park|gate|entry|vehicle|drive|space", re.IGNORECASE)


def room() -> Booking:
    """Three nights of a guest whom the desk has booked."""
    return builders.a_booking(
        ROOMS,
        number="101",
        interval=NIGHTS,
        user_id=None,
        vehicle_number=None,
        guests=(Guest("Ravi Kumar", "ravi@example.com"),),
    )


def hall() -> Booking:
    return builders.a_booking(
        HALLS,
        number="aula",
        interval=builders.an_interval(NOON + timedelta(days=2)),
        vehicle_number=None,
        purpose="Choir rehearsal",
    )


def confirmed(booking: Booking, zone: Zone, site: Site = HOTEL) -> Message:
    return mails.booking_confirmed(booking, site, zone, code="BERTH1", invitation=INVITATION)


def auto_cancelled() -> Message:
    over = confirmation_steps.auto_cancel(
        hall(), policy=HALLS.policy, source="sweep", at=NOON + timedelta(days=1, hours=22)
    ).booking
    return endings.cancelled(over, HOTEL, HALLS, invitation=INVITATION)


def reminder() -> Message:
    return reminders.reminder(
        hall(),
        HOTEL,
        HALLS,
        question=Question(
            "https://b.example/l/yes",
            "https://b.example/l/no",
            confirmation.auto_cancel_at(hall().booked.start, INVITATION.now, HALLS.policy),
        ),
        invitation=INVITATION,
    )


def flat(mail: Message) -> str:
    return " ".join(mail.text.split())


def test_the_mail_of_a_room_names_guest_nights_hours_and_total() -> None:
    mail = confirmed(room(), ROOMS)
    assert mail.subject == (
        "Booked: room 101 at Killarney House, Sat, 21 Nov 2026 – Tue, 24 Nov 2026"
    )
    lines = [re.sub(r" {2,}", ": ", line) for line in mail.text.splitlines()]
    for line in (
        "Room: 101, Rooms",
        "Arrival: Sat, 21 Nov 2026, from 15:00",
        "Departure: Tue, 24 Nov 2026, until 11:00",
        "Nights: 3",
        "Guest: Ravi Kumar",
        "Total: ₹424.80 for 3 nights",
    ):
        assert line in lines
    assert "Show it at the front desk when you arrive." in flat(mail)


def test_no_mail_of_a_room_speaks_of_a_car_park() -> None:
    booking = room()
    entered = check_in.check_in(
        booking,
        by=builders.ATTENDANT,
        source="staff_api",
        policy=ROOMS.policy,
        sheets=(),
        now=NIGHTS.start,
    ).booking
    left = check_out.check_out(
        entered,
        by=SYSTEM,
        source="auto_checkout",
        at=NIGHTS.end,
        tz=HOTEL.tz,
        policy=ROOMS.policy,
        entry_id="LE1",
        tender=None,
    ).booking
    gone = ends.expire(booking, by=SYSTEM, source="sweep", at=NIGHTS.end).booking
    for mail in (
        confirmed(booking, ROOMS),
        confirmed(entered, ROOMS),
        mails.stay_ended(READER, left, HOTEL, ROOMS),
        endings.expired(gone, HOTEL, ROOMS, invitation=INVITATION),
        notices.overstay(READER, entered, HOTEL, ROOMS),
    ):
        said = mail.subject + mail.text.replace(OPERATOR.contact, "")
        assert CAR_PARK.findall(said) == []


def test_a_bill_of_a_room_counts_nights_and_says_auto_beside_the_check_out() -> None:
    left = check_out.check_out(
        check_in.check_in(
            room(),
            by=builders.ATTENDANT,
            source="staff_api",
            policy=ROOMS.policy,
            sheets=(),
            now=NIGHTS.start,
        ).booking,
        by=SYSTEM,
        source="auto_checkout",
        at=NIGHTS.end,
        tz=HOTEL.tz,
        policy=ROOMS.policy,
        entry_id="LE1",
        tender=None,
    ).booking
    said = mails.stay_ended(READER, left, HOTEL, ROOMS).text
    assert re.search(r"Check-out +Tue, 24 Nov 2026, 11:00\n +AUTO: ended automatically", said)
    assert re.search(r"Nights +3\n", said)


def test_the_reminder_has_name_venue_date_time_purpose_hour_and_both_buttons() -> None:
    mail = reminder()
    assert mail.subject.startswith("Reminder: aula at Killarney House, Mon, 23 Nov 2026")
    for part in (
        "Hello Asha,",
        "Mon, 23 Nov 2026, 12:00–13:00",
        "Choir rehearsal",
        "confirm by Mon, 23 Nov 2026, 10:00",
    ):
        assert part in flat(mail)
    for name, link in (("button", "yes"), ("other", "no")):
        assert re.search(rf'class="{name}" href="https://b.example/l/{link}"', mail.html)


def test_the_auto_cancel_says_that_why_by_when_and_where_to_book_again() -> None:
    mail = auto_cancelled()
    assert mail.subject.startswith("Auto-cancelled: aula at Killarney House")
    for part in (
        "Hello Asha,",
        "was cancelled automatically because it was not confirmed by Mon, 23 Nov 2026, 10:00.",
        "Reason Not confirmed in time",
        "Choir rehearsal",
        "Book again: https://app.parks.example",
    ):
        assert part in " ".join(flat(mail).split())


@pytest.mark.parametrize(
    ("contact", "reply_to", "line"),
    [
        (
            "+353 64 555 0100, desk@killarney.example",
            "desk@killarney.example",
            "Questions? Contact Killarney House: +353 64 555 0100, desk@killarney.example",
        ),
        # no address in it: answers go to the operator
        ("+353 64 555 0100", "help@parks.example", "Contact Killarney House: +353 64 555 0100"),
        # none at all
        (None, "help@parks.example", "Questions? Contact us: help@parks.example"),
    ],
)
def test_every_mail_has_a_contact_and_a_reader_of_answers(
    contact: str | None, reply_to: str, line: str
) -> None:
    mail = confirmed(hall(), HALLS, replace(HOTEL, contact=contact))
    assert (mail.sender_name, mail.reply_to) == ("Killarney House", reply_to)
    assert line in flat(mail)


def test_a_mail_about_an_account_comes_from_the_operator() -> None:
    mail = mails.reset_password(READER, "https://b.example/l/new", until=NOON)
    assert (mail.sender_name, mail.reply_to) == ("Parks Ltd", "help@parks.example")
    assert "Questions? Contact us: help@parks.example" in flat(mail)


def test_a_mail_has_the_colour_of_its_place() -> None:
    assert 'bgcolor="#14213d"' in reminder().html
    assert 'bgcolor="#1f6f5c"' in confirmed(hall(), HALLS, replace(HOTEL, colour=None)).html


def test_no_sentence_of_the_catalogue_begins_with_a_word_that_the_caller_fills_in_small() -> None:
    """The name of a venue is as its owner typed it, such as `aula`."""
    texts = READER.texts
    for carrier in (texts, texts.parking, texts.venue, texts.room):
        for name, text in vars(carrier).items():
            forms = [text] if isinstance(text, str) else getattr(text, "forms", {}).values()
            for form in forms:
                if name not in ("named", "language") and " " in form:
                    assert not re.match(r"\{(space|number|zone)\}|[a-z]", form), name
                    assert not re.search(r"[.?!] (\{(space|number|zone)\}|[a-z])", form), name
