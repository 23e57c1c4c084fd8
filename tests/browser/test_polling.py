"""Numbers counted down by the clock, as the browser of a client shows them."""

from __future__ import annotations

import json
from datetime import timedelta
from typing import Any

import pytest
from playwright.sync_api import Page

from tests.browser import stories
from tests.browser.chromium import DESK, Visit
from tests.local_server import LocalServer

pytestmark = pytest.mark.browser

FETCH = """async ([path, token]) => {
    const answer = await fetch(path, {headers: {Authorization: `Bearer ${token}`}});
    return await answer.json();
}"""
POLL = """async ([path, token, tag]) => {
    const headers = {Authorization: `Bearer ${token}`};
    if (tag) headers['If-None-Match'] = tag;
    const answer = await fetch(path, {headers});
    return [answer.status, answer.headers.get('ETag'), (await answer.text()).length];
}"""
TEN_SECONDS = timedelta(seconds=10)
SLACK = 5
"""Seconds that the machine may take between an answer and the next."""


class Watcher:
    """A page of a client that asks for one path again and again."""

    def __init__(self, page: Page, berth: LocalServer, who: str) -> None:
        self.page, self.berth = page, berth
        self.token = berth.token(who)
        page.goto(berth.address)

    def fetched(self, path: str) -> dict[str, Any]:
        """The answer to `fetch` in the page."""
        return dict(self.page.evaluate(FETCH, [path, self.token]))

    def polled(self, path: str, tag: str | None = None) -> tuple[int, str, int]:
        """Status, tag and length of the answer to `fetch` with a tag of its own."""
        status, its_tag, length = self.page.evaluate(POLL, [path, self.token, tag])
        return int(status), str(its_tag), int(length)

    def opened(self, path: str) -> dict[str, Any]:
        """The answer at its own address."""
        self.page.set_extra_http_headers({"Authorization": f"Bearer {self.token}"})
        self.page.goto(self.berth.address + path)
        return self.shown()

    def shown(self) -> dict[str, Any]:
        """The answer that the tab shows."""
        return dict(json.loads(self.page.inner_text("pre")))


@pytest.fixture
def watcher(visit: Visit, berth: LocalServer) -> Watcher:
    page = visit(DESK, tab="watcher", bypass_csp=True)
    page.set_extra_http_headers({})
    return Watcher(page, berth, "user1")


@pytest.fixture
def path(berth: LocalServer) -> str:
    """A car that has just been parked for an hour."""
    return f"/api/bookings/{berth.book('user1')['booking_id']}"


def _assert_counted(before: dict[str, Any], after: dict[str, Any], seconds: int) -> None:
    """`seconds` and little more have passed between two answers."""
    passed = before["remaining_time"] - after["remaining_time"]
    assert seconds <= passed <= seconds + SLACK
    assert after["server_time"] > before["server_time"]


def test_a_page_that_polls_for_ten_minutes_counts_down(
    watcher: Watcher, berth: LocalServer, path: str
) -> None:
    last = watcher.fetched(path)
    for _ in range(60):
        berth.advance(TEN_SECONDS)
        seen = watcher.fetched(path)
        _assert_counted(last, seen, 10)
        last = seen


@pytest.mark.parametrize("path_of_list", ["/api/bookings", "/api/user/history"])
def test_a_list_counts_down(
    watcher: Watcher, berth: LocalServer, path: str, path_of_list: str
) -> None:
    (before,) = watcher.fetched(path_of_list)["items"]
    berth.advance(TEN_SECONDS)
    (after,) = watcher.fetched(path_of_list)["items"]
    _assert_counted(before, after, 10)


def test_a_reloaded_answer_is_the_truth_of_that_second(
    watcher: Watcher, berth: LocalServer, path: str
) -> None:
    before = watcher.opened(path)
    berth.advance(timedelta(minutes=1))
    watcher.page.reload()
    _assert_counted(before, watcher.shown(), 60)


def test_the_back_button_shows_the_truth_of_that_second(
    watcher: Watcher, berth: LocalServer, path: str
) -> None:
    before = watcher.opened(path)
    watcher.opened("/api/me")
    berth.advance(timedelta(minutes=1))
    watcher.page.go_back()
    _assert_counted(before, watcher.shown(), 60)


def test_the_time_to_claim_an_offer_counts_down(watcher: Watcher, berth: LocalServer) -> None:
    _, entry_id = stories.offered(berth)
    watcher.token = berth.token("user2")
    before = watcher.fetched(f"/api/waitlist/{entry_id}")
    berth.advance(TEN_SECONDS)
    after = watcher.fetched(f"/api/waitlist/{entry_id}")
    assert 10 <= before["time_remaining"] - after["time_remaining"] <= 10 + SLACK


def test_the_minutes_of_a_stay_count_up_at_the_desk(watcher: Watcher, berth: LocalServer) -> None:
    booked = berth.book("user1")
    watcher.token = berth.token("staff1")
    berth.done("POST", "/api/staff/entry", {"qr_code": booked["qr_code"]}, watcher.token)
    (before,) = watcher.fetched("/api/staff/active-sessions")["items"]
    berth.advance(timedelta(minutes=7))
    (after,) = watcher.fetched("/api/staff/active-sessions")["items"]
    assert after["duration_minutes"] - before["duration_minutes"] in (7, 8)


def test_a_page_that_sends_the_tag_itself_polls_without_a_body(
    watcher: Watcher, berth: LocalServer, path: str
) -> None:
    _, tag, length = watcher.polled(path)
    berth.advance(TEN_SECONDS)
    assert watcher.polled(path, tag) == (304, tag, 0)
    assert length > 0
