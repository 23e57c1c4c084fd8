"""The mail of an offer: what it says, in both renderings."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta
from typing import Any

import pytest

from chalicelib.domain.mail.message import Message
from chalicelib.domain.sites.policy import Policy
from chalicelib.domain.waitlist import entry as waitlist
from chalicelib.domain.waitlist.entry import Entry
from chalicelib.domain.waitlist.queue import Wish
from chalicelib.rendering.mail import offers
from chalicelib.rendering.mail.reader import Reader
from tests import builders
from tests.clock import NOON

CLAIM, DECLINE = "https://berth.example.com/l/claim", "https://berth.example.com/l/decline"
HALLS = builders.a_zone(zone_id="halls", name="Halls", kind="venue", tariff=builders.FREE)


def waiting() -> Entry:
    """An entry that waits for an hour in two days."""
    entry = waitlist.join(
        entry_id="WLCVSTMR011NG1QR00005",
        user_id=builders.CUSTOMER.account_id,
        site="central",
        zone_id="halls",
        wish=Wish(builders.an_interval(NOON + timedelta(days=2))),
        day="2026-11-23",
        paging=HALLS.paging,
        priority=0,
        favour="",
        policy=Policy(),
        sheets=(),
        wishes=frozenset(),
        now=NOON,
    ).saves[0]
    assert isinstance(entry, Entry)
    return entry


def offered(at: datetime = NOON) -> Entry:
    entry = waiting().offer("aula", policy=Policy(), sheets=(), now=at).saves[0]
    assert isinstance(entry, Entry)
    return entry


def mail(entry: Entry, now: datetime = NOON, **zone: Any) -> Message:
    return offers.offer(
        Reader("asha@example.com", "en"),
        entry,
        builders.a_site(),
        replace(HALLS, **zone),
        claim=CLAIM,
        decline=DECLINE,
        now=now,
    )


def test_the_subject_says_what_and_until_when() -> None:
    assert mail(offered()).subject == (
        "Available: aula at Central, Mon, 23 Nov 2026, 12:00–13:00. Claim it by 12:15"
    )


def test_an_offer_over_midnight_names_the_day_on_which_it_lapses() -> None:
    late = NOON + timedelta(hours=11, minutes=50)
    assert "by Sun, 22 Nov 2026, 00:05" in mail(offered(late), late).subject


@pytest.mark.parametrize("rendering", ["text", "html"])
def test_claiming_comes_first_and_declining_is_offered_too(rendering: str) -> None:
    said = getattr(mail(offered()), rendering)
    assert 0 < said.index(CLAIM) < said.index(DECLINE)
    for fact in (
        "aula, Halls",
        "Free of charge",
        "12:15",
        "on the waitlist for Central",
    ):
        assert fact in " ".join(said.split())


def test_a_mail_that_leaves_late_says_how_long_is_really_left() -> None:
    text = " ".join(mail(offered(), NOON + timedelta(minutes=4)).text.split())
    assert "holding it for you for 11 minutes, until Sat, 21 Nov 2026, 12:15" in text


def test_what_it_will_cost_is_said() -> None:
    assert "₹50.00 per hour or part thereof" in mail(offered(), tariff=builders.HOURLY).text


def test_who_only_waits_has_no_offer_to_be_told_of() -> None:
    with pytest.raises(ValueError, match="holds no offer"):
        mail(waiting())
