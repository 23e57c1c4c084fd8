"""The start page and the pages of the local runtime, as a developer uses them."""

from __future__ import annotations

import re
import threading
from collections.abc import Iterator
from datetime import timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser import reading, stories
from tests.browser.chromium import DESK, PHONE, View, Visit
from tests.browser.local_pages import LOCAL_PAGES
from tests.browser.test_link_page_looks import EVERYTHING, REFLOW
from tests.local_server import LocalServer

pytestmark = pytest.mark.browser

FRAME = "iframe"


@pytest.fixture(params=[True, False], ids=["with a script", "without a script"])
def page(request: pytest.FixtureRequest, visit: Visit, berth: LocalServer) -> Page:
    """A tab at the start page, with and without JavaScript."""
    page = visit(DESK, java_script_enabled=request.param)
    page.goto(berth.address)
    return page


def press(page: Page, name: str) -> None:
    """Press a button and wait for the page it leads to."""
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def test_a_booking_is_followed_from_its_mail_to_the_page_behind_its_link(
    page: Page, berth: LocalServer
) -> None:
    booking_id = stories.reminded(berth)
    page.get_by_role("link", name="Mails", exact=True).first.click()
    page.locator("ul.rows a").first.click()
    mail = page.frame_locator(FRAME)
    expect(mail.get_by_role("heading", level=1)).to_be_visible()
    with page.context.expect_page() as opened:
        mail.get_by_role("link", name="Yes, I am coming").click()
    expect(opened.value.get_by_role("heading", level=1)).to_have_text("Are you coming?")
    with opened.value.expect_navigation():
        opened.value.get_by_role("button").click()
    opened.value.close()
    assert stories.booking(berth, "user1", booking_id)["confirmed"] is True


def test_the_pass_of_a_booking_is_seen_in_its_mail(page: Page, berth: LocalServer) -> None:
    stories.book(berth, "user1", zone_id="halls", start=stories.in_two_days(berth))
    page.goto(f"{berth.address}/_local/mails/1")
    code = page.frame_locator(FRAME).get_by_role("img", name=re.compile("QR pass"))
    expect(code).to_have_js_property("complete", True)
    box = code.bounding_box()
    assert box is not None
    assert box["width"] > 100
    with page.expect_download() as saved:
        page.get_by_role("link", name=re.compile(r"\.ics$")).click()
    assert "BEGIN:VCALENDAR" in saved.value.path().read_text()


def test_the_clock_moves_by_its_buttons(page: Page, berth: LocalServer) -> None:
    page.get_by_role("link", name="Clock and sweeps").click()
    for name, moved in (("+15 min", 900), ("+1 h", 4500), ("+1 day", 90900)):
        press(page, name)
        assert berth.done("GET", "/_local/clock")["offset_seconds"] == moved
    page.get_by_label("Time in UTC").fill("2027-03-01T08:00")
    press(page, "Set")
    assert f"{berth.now():%FT%H:%M}" == "2027-03-01T08:00"
    press(page, "Back to real time")
    assert berth.done("GET", "/_local/clock")["offset_seconds"] == 0


def test_a_sweep_runs_from_its_button_and_shows_its_result(page: Page, berth: LocalServer) -> None:
    booked = stories.book(berth, "user1", zone_id="halls", start=stories.in_two_days(berth))
    berth.advance(timedelta(days=1))
    page.goto(f"{berth.address}/_local/")
    press(page, "Dry run of reminders")
    newest = page.locator("ol.plain li").first
    expect(newest).to_have_text("reminders, dry run: 1 due, nothing changed.")
    press(page, "Run reminders")
    expect(newest).to_have_text("reminders: 1 due, 1 done.")
    timeline = stories.booking(berth, "user1", booked["booking_id"])["timeline"]
    assert timeline[-1]["event"] == "reminded"


def test_a_reset_asks_first_and_then_begins_anew(page: Page, berth: LocalServer) -> None:
    stories.book(berth, "user1", zone_id="halls", start=stories.in_two_days(berth))
    page.goto(f"{berth.address}/_local/")
    page.get_by_role("link", name="Reset").click()
    page.get_by_role("link", name="Keep everything").click()
    assert len(berth.mails("user1@example.com")) == 1
    page.get_by_role("link", name="Reset").click()
    press(page, "Delete and load the demo data")
    assert berth.mails("user1@example.com") == []


INTRUDER = """
<img src="https://elsewhere.example/x">
<script>top.location = '/_local/forms/reset'; fetch('/_local/reset', {method: 'POST'})</script>
<form action="/_local/reset" method="post"><button autofocus>Press</button></form>
<meta http-equiv="refresh" content="0; url=https://elsewhere.example/y">
"""


@pytest.mark.parametrize(
    "paths",
    [["/_local/mails/1", "/_local/mails/1/html"], ["/_local/mails/1/html"]],
    ids=["in its frame", "by itself"],
)
def test_a_hostile_mail_runs_nothing_loads_nothing_and_reaches_nothing(
    visit: Visit, berth: LocalServer, paths: list[str]
) -> None:
    stories.book(berth, "user1", zone_id="halls", start=stories.in_two_days(berth))
    page = visit(DESK, tab="hostile")
    reached: list[str] = []

    def smuggle(route: Route) -> None:
        reached.append(route.request.url)
        if route.request.url.endswith("/html"):
            answer = route.fetch()
            return route.fulfill(response=answer, body=f"{INTRUDER}{answer.text()}")
        return route.continue_() if route.request.url.endswith("/mails/1") else route.abort()

    page.route("**", smuggle)
    page.goto(berth.address + paths[0])
    mail = page.frames[-1]
    mail.get_by_role("button", name="Press").click(no_wait_after=True)
    expect(mail.get_by_role("heading", level=1)).to_be_visible()
    assert reached == [berth.address + path for path in paths]
    assert len(berth.mails("user1@example.com")) == 1


class _Foreign(BaseHTTPRequestHandler):
    """A site that has nothing to do with LocalServer."""

    def do_GET(self) -> None:
        self.send_response(200)
        self.send_header("Content-Type", "text/html")
        self.end_headers()
        self.wfile.write(b"<title>Elsewhere</title>")

    def log_message(self, *_: Any) -> None:
        """Log nothing."""


@pytest.fixture
def foreign(visit: Visit) -> Iterator[Page]:
    """A page of another site. It is on this machine too: Chromium itself keeps pages of the
    internet from sending requests here, other browsers do not."""
    site = ThreadingHTTPServer(("127.0.0.1", 0), _Foreign)
    thread = threading.Thread(target=site.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    page = visit(DESK, tab="foreign")
    page.goto(f"http://localhost:{site.server_port}/")
    yield page
    site.shutdown()
    site.server_close()
    thread.join()


ATTACKS = {
    "fetch": "url => fetch(url, {method: 'POST', mode: 'no-cors', body: fields})",
    "beacon": "url => navigator.sendBeacon(url, fields)",
    "form": """url => new Promise(done => {
      const form = document.createElement('form'), frame = document.createElement('iframe')
      Object.assign(form, {action: url, method: 'post', target: 'frame'})
      form.innerHTML = `<input name="${[...fields.keys()]}" value="${[...fields.values()]}">`
      frame.name = 'frame'
      document.body.append(frame, form)
      frame.onload = done
      form.submit()
    })""",
}


@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS.keys())
def test_a_page_elsewhere_cannot_move_the_clock(
    foreign: Page, berth: LocalServer, attack: str
) -> None:
    url = f"{berth.address}/_local/forms/clock"
    with foreign.expect_response(url) as answered:
        foreign.evaluate(
            "([attack, url]) => { fields = new URLSearchParams({advance_seconds: 60});"
            " return Promise.resolve(eval(attack)(url)).then(() => null) }",
            [attack, url],
        )
    assert answered.value.status == 403
    assert berth.done("GET", "/_local/clock")["offset_seconds"] == 0


@pytest.mark.parametrize("path", LOCAL_PAGES.values(), ids=LOCAL_PAGES.keys())
def test_everybody_can_read_and_use_the_pages(visit: Visit, berth: LocalServer, path: str) -> None:
    stories.book(berth, "user1", zone_id="halls", start=stories.in_two_days(berth))
    page = visit(PHONE)
    page.goto(f"{berth.address}{path}")
    expect(page.get_by_role("main").get_by_role("heading", level=1)).to_have_text(page.title())
    assert reading.sticks_out(page) + reading.too_small(page) == []
    assert reading.barriers(page, *EVERYTHING) == []
    page.emulate_media(color_scheme="dark")
    assert reading.barriers(page, "color-contrast") == []
    for view in (REFLOW, View("wide", 1600, 900)):
        page.set_viewport_size({"width": view.width, "height": view.height})
        assert reading.sticks_out(page) == []


def test_the_pages_are_used_by_keyboard_alone(visit: Visit, berth: LocalServer) -> None:
    page = visit(DESK)
    page.goto(f"{berth.address}/_local/")
    button = page.get_by_role("button", name="+15 min")
    for _ in range(20):
        page.keyboard.press("Tab")
        if button.evaluate("e => e === document.activeElement"):
            break
    expect(button).to_be_focused()
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert berth.done("GET", "/_local/clock")["offset_seconds"] == 900


_PRESS_TWICE = """() => {
  const progress = document.getElementById('progress')
  new MutationObserver(() => console.log(progress.textContent)).observe(progress, {childList: true})
  const button = document.querySelector('button[value="3600"]')
  button.click()
  button.click()
}"""


def test_work_that_takes_long_shows_progress_and_is_sent_once(
    visit: Visit, berth: LocalServer
) -> None:
    page = visit(DESK)
    page.goto(f"{berth.address}/_local/")
    held: list[Any] = []
    page.route("**/forms/clock", lambda route: held.append(route))
    with page.expect_console_message(lambda message: message.text == "Working …"):
        page.evaluate(_PRESS_TWICE)
    with page.expect_navigation():
        held[0].continue_()
    assert len(held) == 1
    assert berth.done("GET", "/_local/clock")["offset_seconds"] == 3600
