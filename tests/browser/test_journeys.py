"""Whole stories, from what people do to the mail in front of them and on through its links."""

from __future__ import annotations

import base64
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser import stories
from tests.browser.chromium import Visit
from tests.browser.stories import DAY, FullHall
from tests.local_server import LocalServer

pytestmark = pytest.mark.browser

QUARTER = timedelta(minutes=15)


def read(page: Page, mail: dict[str, Any]) -> None:
    """Open a mail with the pictures that came in it, on a page of its own: the last one's policy
    would forbid them."""
    html = mail["html"]
    pictures = [each for each in mail["attachments"] if each["content_type"] == "image/png"]
    for nth, picture in enumerate(pictures, 1):
        data = f"data:image/png;base64,{picture['content']}"
        html = html.replace(f'"cid:qr-{nth}"', f'"{data}"')
    page.goto("about:blank")
    page.set_content(html)


def follow(page: Page, label: str) -> None:
    """Click a link or a button, and wait for what it leads to."""
    with page.expect_navigation():
        page.get_by_role("link", name=label).or_(page.get_by_role("button", name=label)).click()


def expect_heading(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


def test_who_is_asked_answers_with_two_clicks_and_a_third_shows_the_answer(
    visit: Visit, berth: LocalServer
) -> None:
    booking_id, page = stories.reminded(berth), visit()
    for buttons in (1, 0):
        read(page, stories.mail(berth, "user1"))
        follow(page, "Yes, I am coming")
        expect(page.get_by_role("button")).to_have_count(buttons)
        if buttons:
            follow(page, "Yes, I am coming")
        expect_heading(page, "Your booking is confirmed")
    assert stories.booking(berth, "user1", booking_id)["confirmed"] is True


def test_who_waits_for_a_full_hall_claims_from_the_mail_what_was_given_up(
    visit: Visit, berth: LocalServer
) -> None:
    hall, page = FullHall(berth), visit()
    first, second = hall.join("user2"), hall.join("user3")
    assert berth.mails("user2@example.com") == []
    hall.give_up()
    read(page, stories.mail(berth, "user2"))
    expect_heading(page, "It is your turn")
    follow(page, "Yes, book it for me")
    follow(page, "Yes, book it for me")
    expect_heading(page, "It is yours")
    claimed = hall.entry("user2", first)
    booked = stories.booking(berth, "user2", claimed["booking_id"])
    assert (booked["status"], booked["confirmed"]) == ("booked", True)
    assert booked["space_id"] == hall.booked["space_id"]
    expect(page.get_by_text(booked["booking_id"])).to_be_visible()
    assert stories.mail(berth, "user2")["subject"].startswith("Booked: ")
    assert berth.mails("user3@example.com") == []
    assert hall.entry("user3", second)["status"] == "waiting"


def test_what_is_declined_is_offered_to_the_next_at_once(visit: Visit, berth: LocalServer) -> None:
    hall, page = FullHall(berth), visit()
    hall.join("user2")
    second = hall.join("user3")
    hall.give_up()
    read(page, stories.mail(berth, "user2"))
    follow(page, "No, pass it on")
    assert berth.mails("user3@example.com") == []
    follow(page, "No, I do not want it")
    expect_heading(page, "You have left the waitlist")
    read(page, stories.mail(berth, "user3"))
    follow(page, "Yes, book it for me")
    follow(page, "Yes, book it for me")
    expect_heading(page, "It is yours")
    assert hall.entry("user3", second)["claimed"] is True


def test_an_offer_nobody_answers_goes_on_and_its_page_says_kindly_that_it_has_lapsed(
    visit: Visit, berth: LocalServer
) -> None:
    hall, page = FullHall(berth), visit()
    first, second = hall.join("user2"), hall.join("user3")
    hall.give_up()
    offer = stories.mail(berth, "user2")
    read(page, offer)
    follow(page, "Yes, book it for me")
    berth.advance(QUARTER)
    follow(page, "Yes, book it for me")
    expect_heading(page, "This offer has expired")
    expect(page.get_by_text("You can join the waitlist again.")).to_be_visible()
    for label in ("Yes, book it for me", "No, pass it on"):
        read(page, offer)
        follow(page, label)
        expect_heading(page, "This offer has expired")
        expect(page.get_by_role("button")).to_have_count(0)
    assert hall.entry("user2", first)["status"] == "expired"
    assert hall.entry("user3", second)["status"] == "offered"
    assert stories.mail(berth, "user3")["subject"].startswith("Available:")


def test_the_dates_of_a_series_have_a_pass_each_and_are_answered_one_by_one(
    visit: Visit, berth: LocalServer
) -> None:
    start, page = stories.in_two_days(berth), visit()
    weekly = {"every": "week", "times": 3}
    group = stories.book(berth, "user1", space_id="halls.aula", start=start, repeat=weekly)
    ids = [booking["booking_id"] for booking in group["bookings"]]
    confirmation = stories.mail(berth, "user1")
    read(page, confirmation)
    for booking_id in ids:
        code = page.get_by_role("img", name=f"QR pass of booking {booking_id}")
        assert code.evaluate("picture => picture.complete && picture.naturalWidth > 100")
    assert _calendar(confirmation).count("BEGIN:VEVENT") == len(ids)

    berth.advance(DAY)
    berth.sweep("reminders")
    read(page, stories.mail(berth, "user1"))
    follow(page, "Cancel the booking")
    follow(page, "Cancel the booking")
    expect_heading(page, "Your booking has been cancelled")
    berth.advance(7 * DAY)
    berth.sweep("reminders")
    read(page, stories.mail(berth, "user1"))
    follow(page, "Yes, I am coming")
    follow(page, "Yes, I am coming")
    expect_heading(page, "Your booking is confirmed")
    stand = [stories.booking(berth, "user1", booking_id) for booking_id in ids]
    assert [booking["status"] for booking in stand] == ["cancelled", "booked", "booked"]
    assert [booking["confirmed"] for booking in stand] == [False, True, False]


def test_who_wants_fewer_mails_gets_what_is_needed_and_nothing_else(
    visit: Visit, berth: LocalServer
) -> None:
    page = visit()
    stories.stayed_for_nothing(berth, "user1")
    read(page, stories.mail(berth, "user1"))
    follow(page, "Unsubscribe from these emails")
    follow(page, "Unsubscribe from these emails")
    expect_heading(page, "No more optional emails")
    stories.stayed_for_nothing(berth, "user1")
    assert stories.mail(berth, "user1")["subject"].startswith("Booked:")


def _calendar(mail: dict[str, Any]) -> str:
    [file] = [each for each in mail["attachments"] if each["content_type"] == "text/calendar"]
    return base64.b64decode(file["content"]).decode()
