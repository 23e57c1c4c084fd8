from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from html.parser import HTMLParser
from typing import Any

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.details import Guest
from chalicelib.domain.core.access import SYSTEM
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.money import Money
from chalicelib.domain.mail.message import Message
from chalicelib.domain.payments.payment import Capture, Payment, Refund
from chalicelib.domain.payments.tender import PaymentMethod, Tender
from chalicelib.domain.pricing.cancellation import CancelDeadline, CancellationTerms
from chalicelib.domain.pricing.tariff import Tariff, Tax
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.sites.site import Site, Zone
from chalicelib.domain.stays import check_out
from chalicelib.rendering.mail import mails, parts
from chalicelib.rendering.mail.calendar import Invitation
from chalicelib.rendering.mail.reader import Reader
from tests import builders
from tests.clock import NOON

SITE = builders.a_site(address="12 MG Road\nBengaluru", contact="desk@central.example")
ZONE = builders.a_zone()
READER = Reader("user1@example.com", "en")
LINK = "https://berth.example.com/l/a-b_c"
INVITATION = Invitation(
    Reader("user1@example.com", "en"), "berth@example.com", "berth.example.com", NOON
)
CODE = "BERTH7Q2M9X4T1NG1QR00005"


class _Words(HTMLParser):
    """The text of a page, without its style sheet."""

    def __init__(self) -> None:
        super().__init__()
        self.words: list[str] = []
        self._hidden = False

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self._hidden = tag in ("style", "title")

    def handle_endtag(self, tag: str) -> None:
        self._hidden = False

    def handle_data(self, data: str) -> None:
        if not self._hidden:
            self.words += data.split()


def words(html: str) -> str:
    reader = _Words()
    reader.feed(html)
    return " ".join(reader.words)


def flat(text: str) -> str:
    return " ".join(text.split())


def confirmed(booking: Booking | None = None, site: Site = SITE, zone: Zone = ZONE) -> Message:
    return mails.booking_confirmed(
        booking or builders.a_booking(zone),
        site,
        zone,
        code=CODE,
        invitation=INVITATION,
    )


def left(
    zone: Zone = ZONE,
    *,
    minutes: int = 126,
    paid: int = 0,
    by: Any = builders.ATTENDANT,
    **fields: Any,
) -> Booking:
    """A stay from noon that has ended; by the system it stays unpaid."""
    stay = replace(builders.an_active_booking(zone, **fields), paid=paid)
    return check_out.check_out(
        stay,
        by=by,
        source="gate_exit",
        at=NOON + timedelta(minutes=minutes),
        tz=SITE.tz,
        policy=Policy(),
        entry_id="LE1",
        tender=None if by == SYSTEM else Tender(PaymentMethod.CASH, Money(100_000, "INR")),
    ).booking


def ended(booking: Booking, zone: Zone = ZONE) -> Message:
    return mails.stay_ended(READER, booking, SITE, zone)


# -- booking confirmed


def test_a_confirmation_says_where_when_and_for_what_price() -> None:
    mail = confirmed()
    for said in (flat(mail.text), words(mail.html)):
        assert "A-001, Zone A" in said
        assert "12 MG Road" in said
        assert "Sat, 21 Nov 2026, 12:00–13:00" in said
        assert "KA01AB1234" in said
        assert "₹50.00 per hour or part thereof, with 5 minutes of grace" in said
        assert "₹50.00 booking fee, credited to the bill" in said
        assert "BKCVSTMR011NG1QR00005" in said
    assert mail.subject == "Booked: space A-001 at Central, Sat, 21 Nov 2026, 12:00–13:00"


def test_a_confirmation_says_what_was_paid_in_advance() -> None:
    """It is the only mail about a fee that was paid online at once."""
    assert "Paid in advance" not in confirmed().text
    assert "Paid in advance ₹50.00" in flat(
        confirmed(replace(builders.a_booking(ZONE), paid=5000)).text
    )


def test_a_confirmation_says_how_to_cancel_and_until_when_it_costs_nothing() -> None:
    said = flat(confirmed().text)
    assert "You can cancel in the app, under your bookings, until you drive in." in said
    assert "If you cancel by Sat, 21 Nov 2026, 12:05, we refund everything" in said


TERMS = builders.a_zone(
    tariff=replace(
        builders.HOURLY,
        no_show_fee=3000,
        cancellation=CancellationTerms((CancelDeadline(1, 18 * 60, 50),), kept=500),
    )
)


@pytest.mark.parametrize(
    ("zone", "sentence"),
    [
        (builders.a_zone(tariff=builders.FREE), "Cancelling is free of charge."),
        (builders.a_zone(policy=Policy(free_cancel_window=0)), "paid is not refunded."),
        (TERMS, "If you cancel by Sun, 22 Nov 2026, 18:00, we refund 50% of what you have paid"),
        (TERMS, "₹5.00 is deducted from every refund. After that, nothing is refunded."),
        (TERMS, "₹30.00 if you do not come and have not cancelled"),
        (builders.a_zone(policy=builders.TIMED), "ends automatically 1 hour after you drive in."),
        (builders.a_zone(policy=builders.METERED), "You pay for the time until you drive out."),
        (builders.a_zone(policy=builders.METERED), "drive in up to 15 minutes before the start."),
    ],
)
def test_a_confirmation_explains_the_rules_of_its_zone(zone: Zone, sentence: str) -> None:
    booking = builders.a_booking(zone, interval=builders.an_interval(NOON + timedelta(days=2)))
    assert sentence in flat(confirmed(booking, zone=zone).text)
    assert sentence in words(confirmed(booking, zone=zone).html)


@pytest.mark.parametrize(
    ("zone", "now", "sentence"),
    [
        (ZONE, NOON + timedelta(minutes=5), "we refund everything you have paid"),
        (ZONE, NOON + timedelta(minutes=5, seconds=1), "What you have paid is not refunded."),
        (TERMS, NOON + timedelta(days=1, hours=6), "50% of what you have paid"),
        (TERMS, NOON + timedelta(days=1, hours=6, seconds=1), "What you have paid is not refunded"),
    ],
)
def test_a_refund_is_offered_until_its_last_instant(
    zone: Zone, now: datetime, sentence: str
) -> None:
    booking = builders.a_booking(zone, interval=builders.an_interval(NOON + timedelta(days=2)))
    notice = parts.cancel_terms(booking, SITE, zone.policy, READER.texts, now=now)
    assert sentence in notice
    assert ("not refunded" in notice) == ("not refunded" in sentence)


def test_the_reminder_is_announced_only_before_it_is_due() -> None:
    zone = builders.a_zone(kind="venue", policy=builders.VENUE)
    start = NOON + timedelta(days=2)
    booking = builders.a_booking(zone, interval=builders.an_interval(start))
    due = start - timedelta(minutes=zone.policy.reminder_lead)
    for now, times in ((due - timedelta(seconds=1), 1), (due, 0)):
        notices = list(parts.will_be_asked(booking, zone.policy, READER.texts, now=now))
        assert len(notices) == times


def test_where_nobody_checks_in_the_stay_begins_and_ends_by_itself() -> None:
    zone = builders.a_zone(policy=builders.TIMER)
    later = builders.an_interval(NOON + timedelta(hours=1))
    said = flat(confirmed(builders.a_booking(zone, interval=later), zone=zone).text)
    assert "You do not need to check in: your booking starts automatically." in said
    assert "Your booking ends automatically at the end of the time you booked." in said
    assert "exit" not in said


def test_a_stay_that_has_begun_is_not_told_how_to_come_in_or_cancel() -> None:
    said = flat(confirmed(builders.an_active_booking()).text)
    assert "You are parked in space A-001" in said
    assert "Show it at the exit." in said
    assert "cancel" not in said


def test_where_staff_check_in_the_pass_is_for_the_desk() -> None:
    zone = builders.a_zone(policy=Policy(check_in="staff"))
    before = flat(confirmed(builders.a_booking(zone), zone=zone).text)
    inside = flat(confirmed(builders.an_active_booking(), zone=zone).text)
    assert "Show it to the attendant when you arrive." in before
    assert "Keep it at hand" in inside
    assert "at the exit." not in before + inside


def test_a_guest_without_an_account_is_sent_to_the_staff_to_cancel() -> None:
    booking = builders.a_booking(user_id=None, guests=(Guest("Ravi", "ravi@example.com"),))
    assert "To cancel, please contact Central." in flat(confirmed(booking).text)


def test_the_pass_is_shown_as_a_picture_and_as_text() -> None:
    mail = confirmed()
    assert mail.inline[0].content.startswith(b"\x89PNG")
    assert f'src="cid:{mail.inline[0].cid}"' in mail.html
    assert 'alt="QR pass of booking BKCVSTMR011NG1QR00005"' in mail.html
    assert CODE in words(mail.html)
    assert CODE in mail.text.splitlines()


def test_a_calendar_file_is_attached() -> None:
    (file,) = confirmed().attachments
    assert file.filename == "BKCVSTMR011NG1QR00005.ics"
    assert file.content_type == "text/calendar; charset=utf-8; method=REQUEST"
    assert file.inside
    assert b"UID:BKCVSTMR011NG1QR00005@berth.example.com\r\n" in file.content


def test_across_a_clock_change_both_offsets_are_named() -> None:
    site = builders.a_site(timezone="Europe/Dublin", currency="EUR")
    night = Interval(
        datetime(2026, 10, 25, 0, 15, tzinfo=UTC), datetime(2026, 10, 25, 1, 45, tzinfo=UTC)
    )
    mail = confirmed(builders.a_booking(interval=night), site)
    when = "Sun, 25 Oct 2026, 01:15 IST – 01:45 GMT"
    assert when in flat(mail.text)
    assert when in words(mail.html)
    assert when in mail.subject


# -- stay ended


def test_the_bill_is_shown_line_by_line_and_adds_up() -> None:
    mail = ended(left(paid=5000))
    for said in (flat(mail.text).replace("(", "").replace(")", ""), words(mail.html)):
        assert "3 hours 3 × ₹50.00 ₹150.00" in said
        assert "Booking fee, credited -₹50.00" in said
        assert "Paid -₹100.00" in said
        assert "Paid in full." in said
    assert re.search(r"Total +₹150\.00", mail.text)
    assert "Entry         Sat, 21 Nov 2026, 12:00" in mail.text
    assert "Exit          Sat, 21 Nov 2026, 14:06" in mail.text
    assert "Duration      2 hours 6 minutes" in mail.text
    assert mail.subject == "Your parking at Central: ₹150.00"


def test_the_fee_is_named_only_where_it_was_paid() -> None:
    assert "The booking fee of ₹50.00 counts towards the total." in flat(
        ended(left(paid=5000)).text
    )
    assert "counts towards the total" not in flat(ended(left()).text)


def test_a_second_payment_that_goes_back_is_shown_as_such() -> None:
    stay = left()
    twice = Payment("BK1_1", "razorpay", Money(15_000, "INR"), "exit", NOON, NOON)
    again = Refund("RF1", "pay_1", 15_000, "pending", NOON)
    twice = replace(twice, state="captured", captures=(Capture("pay_1", 15_000),), refunds=(again,))
    mail = ended(replace(stay, paid=30_000, payments=(twice,)))
    for said in (flat(mail.text), words(mail.html)):
        assert "Paid -₹300.00 Paid back ₹150.00" in said


def test_a_stay_left_due_says_what_to_pay_where_and_that_it_ended_by_itself() -> None:
    mail = ended(left(minutes=60, by=SYSTEM))
    for said in (flat(mail.text), words(mail.html)):
        assert "AUTO: ended automatically" in said
        assert "Please pay ₹50.00 in cash to the staff at Central" in said
        assert "You can book again once it is paid." in said
        assert "To pay ₹50.00" in said
    assert mail.subject == "Your parking at Central: ₹50.00 to pay"


def test_a_guest_without_an_account_can_book_again_before_paying() -> None:
    guests = (Guest("Ravi", "ravi@example.com"),)
    said = flat(ended(left(minutes=60, by=SYSTEM, user_id=None, guests=guests)).text)
    assert "Please pay ₹50.00 in cash" in said
    assert "book again" not in said


def test_what_was_settled_or_waived_meanwhile_is_not_asked_for() -> None:
    due = left(minutes=60, by=SYSTEM)
    tender = Tender(PaymentMethod.CASH, Money(5000, "INR"))
    at = NOON + timedelta(hours=2)
    settled = check_out.pay_due(
        due, tender, by=builders.ATTENDANT, source="staff_api", at=at, entry_id="LE2"
    ).booking
    waived = check_out.waive(
        due, by=builders.ATTENDANT, reason="rain", at=at, entry_id="LE2"
    ).booking
    assert "Please pay" not in ended(settled).text
    assert "Paid in full." in ended(settled).text
    assert re.search(r"Waived +-₹50\.00", ended(waived).text)
    assert "Please pay" not in ended(waived).text


def test_a_bill_below_the_booking_fee_says_that_the_fee_is_the_least() -> None:
    zone = builders.a_zone(tariff=Tariff("hourly", "INR", 2000, booking_fee=5000))
    mail = ended(left(zone, minutes=30), zone)
    assert re.search(r"Total +₹20\.00", mail.text)
    assert re.search(r"Minimum charge \(booking fee\) +₹50\.00", mail.text)
    assert "counts towards the total" not in mail.text


@pytest.mark.parametrize(
    ("inclusive", "shown"),
    [
        # in the price: below the total, as part of it
        (True, ["3 hours (3 × ₹50.00)", "Total", "CGST 9%, included", "SGST 9%, included"]),
        # on top: above the total, part of the sum
        (False, ["3 hours (3 × ₹50.00)", "CGST 9%", "SGST 9%", "Total"]),
    ],
)
def test_tax_stands_below_the_total_when_included_and_above_when_not(
    inclusive: bool, shown: list[str]
) -> None:
    tax = Tax(1800, inclusive, (("CGST", 5000), ("SGST", 5000)))
    zone = builders.a_zone(tariff=Tariff("hourly", "INR", 5000, tax=tax))
    found = re.findall(r"^(.+?) {2,}-?₹[\d,.]+$", ended(left(zone), zone).text, re.MULTILINE)
    assert found[:4] == shown


def test_a_free_stay_has_no_bill_and_nothing_to_pay() -> None:
    zone = builders.a_zone(tariff=builders.FREE)
    mail = ended(left(zone), zone)
    assert mail.subject == "Your parking at Central has ended"
    assert mail.text.count("There is nothing to pay.") == 1
    for other in ("Paid in full.", "the bill", "₹"):
        assert other not in mail.text + mail.html


def test_the_way_out_of_a_mail_stands_below_all_it_says() -> None:
    zone = builders.a_zone(tariff=builders.FREE)
    link = "https://berth.example.com/l/out"
    mail = mails.stay_ended(READER, left(zone), SITE, zone, unsubscribe=link)
    for rendered in (mail.text, mail.html):
        assert rendered.index("BKCVSTMR011NG1QR00005") < rendered.index(link)


def test_a_booking_that_has_not_been_checked_out_has_no_bill_to_mail() -> None:
    with pytest.raises(ValueError, match="has no bill"):
        ended(builders.an_active_booking())


# -- accounts


@pytest.mark.parametrize(
    ("mail", "until"),
    [
        (mails.verify_email(READER, LINK, until=NOON), "until Sat, 21 Nov 2026, 06:30 UTC."),
        (mails.reset_password(READER, LINK, until=NOON), "once, until Sat, 21 Nov 2026, 06:30"),
    ],
)
def test_links_stand_in_text_and_html_with_their_end(mail: Message, until: str) -> None:
    assert "https://berth.example.com/l/a-b_c" in mail.text.splitlines()
    assert mail.html.count('href="https://berth.example.com/l/a-b_c"') == 2
    assert "Hello" not in mail.text
    assert until in mail.text
    assert until in words(mail.html)


def test_a_password_mail_greets_the_owner_of_a_proved_address() -> None:
    mail = mails.reset_password(replace(READER, name="Asha"), LINK, until=NOON)
    assert "Hello Asha," in mail.text
    assert "Hello Asha," in mail.html


# -- all


def test_what_people_typed_cannot_become_markup_or_lines() -> None:
    booking = builders.a_booking(
        vehicle_number='<img src="//x">', owner_name="A\r\nBcc: all@example.com"
    )
    site = replace(SITE, name="Fish & <b>Chips</b>")
    mail = confirmed(booking, site)
    assert "<b>" not in mail.html
    assert '<img src="//' not in mail.html
    assert "Fish &amp; &lt;b&gt;Chips&lt;/b&gt;" in mail.html


def test_the_html_asks_for_nothing_from_the_network() -> None:
    for mail in (confirmed(), ended(left())):
        assert not re.search(r'(?:src|href)="(?!cid:)|@import|url\(|<script', mail.html)
