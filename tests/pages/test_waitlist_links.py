"""The claim and decline links of an offer, from the mail to the page in the browser."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core import errors
from chalicelib.domain.core.change import Change, Tally, saving
from chalicelib.domain.waitlist.entry import Entry, EntryStatus
from chalicelib.services.waitlist import links
from tests import builders
from tests.clock import Clock
from tests.gateway import Browser
from tests.hall import HOUR, START, Hall
from tests.world import World

FORM = {"Content-Type": "application/x-www-form-urlencoded"}
CLAIMED, LEFT, EXPIRED = EntryStatus.CLAIMED, EntryStatus.LEFT, EntryStatus.EXPIRED


class Offered:
    """A hall that `other` is offered, with `third` behind them, and both links of the mail."""

    def __init__(self, world: World, clock: Clock, deliver: Callable[[], list[Any]]) -> None:
        self.hall = Hall(world, clock)
        booking = self.hall.book()
        self.entry = self.hall.join(world.other)
        self.next = self.hall.join(self.hall.third)
        self.hall.cancel(booking)
        [mail] = [mail for mail in deliver() if "Available:" in mail.subject]
        self.claim, self.decline = re.findall(r"https://berth\.example\.com(/l/\S+)", mail.text)

    @property
    def stored(self) -> Entry:
        """As it is stored, without settling it."""
        return self.hall.deps.waitlist.get(self.entry.entry_id)

    @property
    def both(self) -> list[EntryStatus]:
        return self.hall.status(self.entry, self.next)


@pytest.fixture
def browse(world: World) -> Browser:
    return Browser()


@pytest.fixture
def offer(world: World, clock: Clock, deliver: Callable[[], list[Any]]) -> Offered:
    return Offered(world, clock, deliver)


def button(page: Any) -> list[str]:
    return re.findall(r"<button[^>]*>([^<]*)</button>", page.body.decode())


def title(page: Any) -> str:
    assert page.status_code == 200
    [found] = re.findall(r"<h1>([^<]*)</h1>", page.body.decode())
    return str(found)


def text(page: Any) -> str:
    """What the page says; times are held together by a mark that nobody sees."""
    return str(page.body.decode().replace("\u2060", ""))


def press(browse: Browser, path: str) -> Any:
    return browse.post(path, headers=FORM, body=b"")


def test_looking_changes_nothing_and_says_what_is_held_and_until_when(
    browse: Browser, offer: Offered
) -> None:
    before = offer.stored
    for path, label in (
        (offer.claim, "Yes, book it for me"), (offer.decline, "No, I do not want it"),
    ):  # fmt: skip
        page = browse.get(path)
        assert button(page) == [label]
        for fact in (
            "A-001, Halls", "Mon, 23 Nov 2026, 12:00–13:00", "Free of charge",
            "We are holding it for you until Sat, 21 Nov 2026, 12:15.",
        ):  # fmt: skip
            assert fact in text(page)
    assert offer.stored == before


def test_the_button_claims_once_and_pressed_again_shows_the_booking(
    browse: Browser, offer: Offered, world: World
) -> None:
    assert title(press(browse, offer.claim)) == "It is yours"
    claimed = offer.stored
    booking = world.deps.bookings.get(claimed.booking_id or "")
    assert (claimed.status, booking.status, booking.user_id) == (
        CLAIMED, Status.BOOKED, world.other.account_id,
    )  # fmt: skip
    assert booking.timeline[0].source == "link"
    assert booking.confirmed_at is not None
    for page in (press(browse, offer.claim), browse.get(offer.claim), press(browse, offer.decline)):
        assert (title(page), button(page)) == ("It is yours", [])
        assert booking.booking_id in page.body.decode()
    assert offer.stored == claimed


def test_what_is_declined_goes_to_the_next_at_once(browse: Browser, offer: Offered) -> None:
    assert title(press(browse, offer.decline)) == "You have left the waitlist"
    assert offer.both == [LEFT, EntryStatus.OFFERED]
    for page in (press(browse, offer.decline), browse.get(offer.decline), browse.get(offer.claim)):
        assert (title(page), button(page)) == ("You have left the waitlist", [])
    assert title(press(browse, offer.claim)) == "You have left the waitlist"


def test_a_lapsed_offer_says_so_kindly_until_the_time_itself_begins(
    browse: Browser, offer: Offered, clock: Clock
) -> None:
    clock.move(minutes=15)
    for page in (browse.get(offer.claim), press(browse, offer.claim), press(browse, offer.decline)):
        assert (title(page), button(page)) == ("This offer has expired", [])
        assert "We held it for you until Sat, 21 Nov 2026, 12:15" in page.body.decode()
    assert offer.both == [EXPIRED, EntryStatus.OFFERED]
    clock.set(START)
    page = browse.get(offer.claim)
    assert (page.status_code, b"This link does not work" in page.body) == (410, True)


def test_what_was_claimed_in_the_app_meanwhile_is_shown(
    browse: Browser, offer: Offered, world: World
) -> None:
    booking = offer.hall.claim(offer.entry, world.other)
    page = press(browse, offer.claim)
    assert title(page) == "It is yours"
    assert booking.booking_id in page.body.decode()


def test_a_claim_that_was_given_up_again_is_not_called_ones_own(
    browse: Browser, offer: Offered, world: World
) -> None:
    offer.hall.cancel(offer.hall.claim(offer.entry, world.other), world.other)
    for page in (browse.get(offer.claim), press(browse, offer.claim)):
        assert (title(page), button(page)) == ("This booking is over", [])


def test_what_it_costs_stands_above_the_button(
    browse: Browser, offer: Offered, world: World
) -> None:
    world.change_zone(world.deps.catalogue.zone("halls"), tariff=builders.HOURLY)
    assert "₹50.00 per hour or part thereof" in browse.get(offer.claim).body.decode()


def test_who_owes_for_a_stay_is_told_so_and_may_claim_once_it_is_settled(
    browse: Browser, offer: Offered, world: World
) -> None:
    debt = Tally(world.other.locator, "owing", 1)
    world.deps.commit(Change().counting(debt))
    page = press(browse, offer.claim)
    assert (page.status_code, b"An earlier stay has not been paid for." in page.body) == (409, True)
    assert offer.stored.status is EntryStatus.OFFERED
    world.deps.commit(Change().counting(replace(debt, by=-1)))
    assert title(press(browse, offer.claim)) == "It is yours"


def test_a_link_does_only_what_it_is_for(browse: Browser, offer: Offered) -> None:
    token = offer.decline.removeprefix("/l/")
    with pytest.raises(errors.LinkExpired):
        links.claim(offer.hall.deps, token)
    swapped = offer.claim.replace(offer.claim[-12:], offer.decline[-12:])
    for path in (swapped, offer.claim[:-1], "/l/nonsense"):
        page = press(browse, path)
        assert (page.status_code, b"This link does not work" in page.body) == (410, True)
    assert offer.stored.status is EntryStatus.OFFERED


def test_a_link_of_an_entry_that_is_gone_looks_like_a_forged_one(
    browse: Browser, world: World
) -> None:
    token = world.deps.tokens.link("claim", "WL000000001NG1QR00005", 0, START + HOUR)
    page = browse.get(f"/l/{token}")
    assert (page.status_code, b"This link does not work" in page.body) == (410, True)


def test_links_of_an_offer_lapse_for_a_former_address(
    browse: Browser, offer: Offered, world: World
) -> None:
    account = world.deps.accounts.get(world.other.account_id)
    world.deps.commit(saving(account.evolve(email="new@example.com")))
    assert [browse.get(path).status_code for path in (offer.claim, offer.decline)] == [410] * 2
    assert browse.post(offer.claim, headers=FORM, body=b"").status_code == 410
    assert offer.stored.status is EntryStatus.OFFERED
