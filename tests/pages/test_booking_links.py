"""The confirm and cancel links of a booking, from the mail to the page in the browser."""

from __future__ import annotations

import base64
import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest

from chalicelib import sweeps
from chalicelib.domain.bookings.details import DetailsEdit, Guest
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.change import saving
from chalicelib.services.bookings import confirmations, reschedule
from chalicelib.services.bookings.reschedule import BookingEdit
from tests import builders
from tests.clock import NOON, Clock
from tests.gateway import Browser
from tests.world import World

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
HOUR = timedelta(hours=1)
START = NOON + 48 * HOUR


@pytest.fixture
def browse(world: World) -> Browser:
    return Browser()


@pytest.fixture
def hall(world: World, deliver: Callable[[], list[Any]], clock: Clock) -> Any:
    """A booking of a hall whose reminder has just left, with the paths of both links in the mail."""

    class Hall:
        def __init__(self, **wishes: Any) -> None:
            self.booking = world.book_hall(number="A-001", **wishes)
            deliver()
            clock.move(hours=24)
            sweeps.run(world.deps, "reminders")
            mail = deliver()[-1]
            links = re.findall(r"https://berth\.example\.com(/l/\S+)", mail.text)
            self.to, self.html = mail.to, mail.html
            self.confirm, self.cancel = links

        @property
        def stored(self) -> Any:
            return world.read(self.booking)

    return Hall


def button(page: Any) -> list[bytes]:
    return re.findall(rb"<button[^>]*>([^<]*)</button>", page.body)


def test_the_page_shows_the_code_beside_the_number(browse: Browser, hall: Any) -> None:
    booked = hall()
    page = browse.get(booked.confirm).body.decode()
    assert booked.booking.code in page
    assert booked.booking.booking_id in page


def test_looking_changes_nothing_and_the_button_confirms_once(
    browse: Browser, hall: Any, clock: Clock
) -> None:
    booked = hall()
    before = booked.stored
    for _ in range(2):
        page = browse.get(booked.confirm)
        assert (page.status_code, button(page)) == (200, [b"Yes, I am coming"])
    assert booked.stored == before
    clock.move(minutes=12)
    assert b"is confirmed" in browse.post(booked.confirm, headers=FORM, body=b"").body
    first = booked.stored
    assert (first.confirmed_at, first.timeline[-1].source) == (clock.now(), "link")
    clock.move(minutes=30)
    again = browse.post(booked.confirm, headers=FORM, body=b"")
    assert (again.status_code, b"12:12" in again.body, button(again)) == (200, True, [])
    assert b"12:12" in browse.get(booked.confirm).body
    assert booked.stored == first


def test_cancelling_says_first_what_it_costs_and_then_shows_what_is(
    browse: Browser, hall: Any, world: World
) -> None:
    booked = hall()
    page = browse.get(booked.cancel)
    assert button(page) == [b"Cancel the booking"]
    assert b"Cancelling is free of charge." in page.body
    before = booked.stored
    assert b"has been cancelled" in browse.post(booked.cancel, headers=FORM, body=b"").body
    after = booked.stored
    assert (before.status, after.status) == (Status.BOOKED, Status.CANCELLED)
    for again in (browse.post(booked.cancel, headers=FORM, body=b""), browse.get(booked.cancel)):
        assert (again.status_code, button(again)) == (200, [])
        assert b"This booking was cancelled." in again.body
    assert world.book(world.other, "halls", number="A-001", start=START).status is Status.BOOKED


def test_what_is_paid_back_stands_above_the_button(
    browse: Browser, hall: Any, world: World
) -> None:
    world.add_zone("halls", builders.VENUE, kind="venue", tariff=builders.HOURLY)
    page = browse.get(hall().cancel)
    assert "₹0.00".encode() in page.body
    assert b"Bookings here are not refunded." in page.body


def test_a_cancelled_booking_cannot_be_confirmed_and_says_so(browse: Browser, hall: Any) -> None:
    booked = hall()
    browse.post(booked.cancel, headers=FORM, body=b"")
    page = browse.post(booked.confirm, headers=FORM, body=b"")
    assert (page.status_code, b"This booking was cancelled." in page.body) == (200, True)


def test_a_booking_given_up_says_so_to_whoever_confirms_too_late(
    browse: Browser, hall: Any, clock: Clock
) -> None:
    booked = hall()
    clock.set(START - 2 * HOUR)
    page = browse.post(booked.confirm, headers=FORM, body=b"")
    assert b"It was not confirmed by" in page.body
    assert booked.stored.status is Status.CANCELLED


def test_a_link_does_only_what_it_is_for(browse: Browser, hall: Any, world: World) -> None:
    booked = hall()
    browse.post(booked.confirm, headers=FORM, body=b"")
    assert booked.stored.status is Status.BOOKED
    other = world.book_hall(world.other, start=START + 24 * HOUR)
    assert world.read(other).confirmed_at is None


def test_links_survive_other_changes_of_the_booking(
    browse: Browser, hall: Any, world: World
) -> None:
    booked = hall()
    details = BookingEdit(DetailsEdit(purpose="Choir"), minutes=120)
    reschedule.modify(world.deps, world.user, booked.booking.booking_id, details)
    assert b"is confirmed" in browse.post(booked.confirm, headers=FORM, body=b"").body


def test_links_end_with_the_start_and_then_look_like_any_dead_link(
    browse: Browser, hall: Any, clock: Clock
) -> None:
    booked = hall()
    browse.post(booked.confirm, headers=FORM, body=b"")
    clock.set(START - timedelta(seconds=1))
    assert browse.get(booked.confirm).status_code == 200
    clock.set(START)
    dead = [browse.get(path) for path in (booked.confirm, booked.cancel, "/l/abc")]
    assert [page.status_code for page in dead] == [410] * 3
    assert len({page.body for page in dead}) == 1


def test_a_guest_without_an_account_uses_the_same_links(
    browse: Browser, hall: Any, world: World
) -> None:
    booked = hall(actor=world.staff, guests=(Guest("Ravi", "ravi@example.com"),))
    assert booked.to == ("ravi@example.com",)
    browse.post(booked.confirm, headers=FORM, body=b"")
    assert booked.stored.confirmed_at is not None
    browse.post(booked.cancel, headers=FORM, body=b"")
    assert booked.stored.status is Status.CANCELLED


def test_the_pages_run_no_script_and_are_kept_by_nobody(browse: Browser, hall: Any) -> None:
    booked = hall()
    for page in (browse.get(booked.confirm), browse.get(booked.cancel)):
        assert b"<script" not in page.body
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "no-referrer"
        assert page.headers["X-Robots-Tag"] == "noindex"


def test_what_somebody_writes_into_a_booking_stays_text_in_mail_and_page(
    browse: Browser, hall: Any
) -> None:
    booked = hall(purpose="</script><b>x", owner_name='"><i>y')
    assert "</script><b>" not in booked.html
    assert "<i>y" not in booked.html
    assert booked.html.count("EventReservation") == 1
    assert b"<i>y" not in browse.get(booked.confirm).body


# -- by those who are signed in


@pytest.mark.parametrize("step", [confirmations.override, confirmations.confirm])
@pytest.mark.parametrize("who", ["staff", "owner", "admin"])
@pytest.mark.parametrize(
    ("reason", "note"),
    [("", "on the guest's behalf"), ("rang at noon", "on the guest's behalf: rang at noon")],
)
def test_staff_confirm_on_the_guests_behalf_and_it_is_audited_whichever_url_they_use(
    hall: Any, world: World, clock: Clock, step: Any, who: str, reason: str, note: str
) -> None:
    booked = hall()
    booking_id = booked.booking.booking_id
    actor = getattr(world, who)
    for _ in range(2):
        step(world.deps, actor, booking_id, reason=reason)
    told = booked.stored.timeline[-1]
    assert (told.what, told.actor, told.note) == ("confirmed", actor.account_id, note)
    events = world.deps.audit.list_day("central", clock.now().date(), 10, None).events
    done = [event for event in events if event.action == "override_autocancel"]
    assert [(event.subject, event.actor, event.detail) for event in done] == [
        (booking_id, actor.account_id, note)
    ]
    clock.set(START - HOUR)
    assert sweeps.run(world.deps, "auto-cancel").due == 0


def test_guests_who_confirm_themselves_are_not_audited(
    hall: Any, world: World, clock: Clock
) -> None:
    booked = hall()
    confirmations.confirm(world.deps, world.user, booked.booking.booking_id, reason="mine")
    assert booked.stored.timeline[-1].note == ""
    events = world.deps.audit.list_day("central", clock.now().date(), 10, None).events
    assert [event for event in events if event.action == "override_autocancel"] == []


def test_confirming_without_a_question_answers_with_the_booking_as_it_is(world: World) -> None:
    booking = world.book(start=START)
    same = confirmations.confirm(world.deps, world.user, booking.booking_id)
    assert (same, same.confirmed_at) == (booking, NOON)


# -- the start and the address may change


def test_the_links_of_an_old_mail_live_until_the_present_start(
    browse: Browser, hall: Any, world: World, clock: Clock
) -> None:
    booked = hall()
    later = BookingEdit(start=START + 72 * HOUR)
    reschedule.modify(world.deps, world.user, booked.booking.booking_id, later)
    clock.set(START + HOUR)
    assert button(browse.get(booked.cancel)) == [b"Cancel the booking"]
    assert b"is confirmed" in browse.post(booked.confirm, headers=FORM, body=b"").body
    clock.set(START + 72 * HOUR)
    assert [browse.get(path).status_code for path in (booked.confirm, booked.cancel)] == [410] * 2


def test_the_links_of_an_old_mail_end_with_an_earlier_start(
    browse: Browser, hall: Any, world: World, clock: Clock
) -> None:
    booked = hall()
    earlier = BookingEdit(start=START - 12 * HOUR)
    reschedule.modify(world.deps, world.user, booked.booking.booking_id, earlier)
    clock.set(START - 12 * HOUR)
    assert browse.get(booked.cancel).status_code == 410


def test_links_lapse_for_a_former_address_of_a_guest(
    browse: Browser, hall: Any, world: World
) -> None:
    booked = hall(actor=world.staff, guests=(Guest("Al", email="al@example.com"),))
    assert booked.to == ("al@example.com",)
    assert browse.get(booked.cancel).status_code == 200
    _correct(world, booked, "bo@example.com")
    for path in (booked.cancel, booked.confirm):
        assert browse.get(path).status_code == 410
        assert browse.post(path, headers=FORM, body=b"").status_code == 410
    assert booked.stored.status is Status.BOOKED
    _correct(world, booked, "AL@example.com")
    assert browse.get(booked.cancel).status_code == 200


def _correct(world: World, booked: Any, address: str) -> None:
    edit = BookingEdit(DetailsEdit(guests=(Guest("Al", email=address),)))
    reschedule.modify(world.deps, world.staff, booked.booking.booking_id, edit)


def test_links_lapse_for_a_former_address_of_an_account(
    browse: Browser, hall: Any, world: World
) -> None:
    booked = hall()
    account = world.deps.accounts.get(world.user.account_id)
    world.deps.commit(saving(account.evolve(email="new@example.com")))
    assert browse.get(booked.cancel).status_code == 410


def test_the_page_bears_the_name_the_colour_and_the_contact_of_the_place(
    browse: Browser, hall: Any, world: World
) -> None:
    site = world.deps.catalogue.fresh_site("central")
    changed = site.evolve(name="Fish & <b>Chips", colour="#FFC72C", contact="desk@fish.example")
    world.deps.commit(saving(changed))
    world.deps.catalogue.keep(changed)
    booked = hall()
    for page in (browse.get(booked.confirm), browse.post(booked.confirm, headers=FORM, body=b"")):
        assert b'<p class="brand">Fish &amp; &lt;b&gt;Chips</p>' in page.body
        assert b"background: #ffc72c; color: #000000" in page.body
        assert b"desk@fish.example" in page.body
        style = re.search(rb"<style>(.*?)</style>", page.body, re.DOTALL)
        assert style is not None
        digest = base64.b64encode(hashlib.sha256(style[1]).digest()).decode()
        assert f"'sha256-{digest}'" in page.headers["Content-Security-Policy"]


def test_a_dead_link_bears_the_name_of_no_place(browse: Browser, hall: Any) -> None:
    page = browse.get(hall().confirm + "x")
    assert b'class="brand"' not in page.body
