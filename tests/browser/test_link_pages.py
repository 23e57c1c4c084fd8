"""The pages behind the links in mails, as guests meet them: what they do."""

from __future__ import annotations

import re
import urllib.error
import urllib.request

import pytest
from playwright.sync_api import Page, Route, expect

from tests.browser.chromium import DESK, Visit
from tests.browser.link_pages import LINK_PAGES, LONG_AFTER, LinkPage, Sent
from tests.local_server import LocalServer

pytestmark = pytest.mark.browser

CONFIRM = next(kind for kind in LINK_PAGES if kind.name == "confirm")
PASSWORD = next(kind for kind in LINK_PAGES if kind.name == "reset-password")

_FOCUS = """() => {
  const style = getComputedStyle(document.activeElement)
  return style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) >= 2
}"""


def asked_by(page: Page) -> list[tuple[str, str]]:
    """Every request that the page will make from now on."""
    asked: list[tuple[str, str]] = []
    page.on("request", lambda request: asked.append((request.method, request.url)))
    return asked


def heading(page: Page) -> str:
    return page.get_by_role("heading", level=1).inner_text()


def test_looking_asks_for_the_page_alone_and_changes_nothing_however_long_one_looks(
    visit: Visit, sent: Sent, link_page: LinkPage
) -> None:
    before, page = sent.read(), visit(tab="long open")
    asked = asked_by(page)
    page.clock.install()
    page.goto(sent.url)
    page.clock.run_for("02:00:00")
    assert heading(page) == link_page.title
    assert page.locator("script, [http-equiv=refresh]").count() == 0
    assert asked == [("GET", sent.url)]
    assert sent.read() == before


def test_the_button_is_reached_seen_and_pressed_by_keyboard_alone(
    visit: Visit, sent: Sent, link_page: LinkPage
) -> None:
    before, page = sent.read(), visit(DESK)
    page.goto(sent.url)
    for label, text in link_page.typed.items():
        page.keyboard.press("Tab")
        expect(page.get_by_label(label)).to_be_focused()
        page.keyboard.type(text)
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name=link_page.button, exact=True)).to_be_focused()
    assert page.evaluate(_FOCUS)
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert heading(page) == link_page.done
    assert sent.read() != before


def test_without_a_script_it_acts_once_and_then_shows_how_things_stand(
    visit: Visit, sent: Sent, link_page: LinkPage
) -> None:
    page = visit(java_script_enabled=False)
    late = visit(java_script_enabled=False, tab="late")
    for tab in (page, late):
        tab.goto(sent.url)
    link_page.press(page)
    assert heading(page) == link_page.done
    acted = sent.read()
    link_page.press(late)
    assert heading(late) == (link_page.again or link_page.after)
    page.goto(sent.url)
    assert heading(page) == link_page.after
    assert page.get_by_role("button").count() == 0
    assert sent.read() == acted


def test_a_double_click_ends_on_a_page_that_says_how_things_stand(
    visit: Visit, sent: Sent, link_page: LinkPage
) -> None:
    before, page = sent.read(), visit(DESK)
    page.goto(sent.url)
    for label, text in link_page.typed.items():
        page.get_by_label(label).fill(text)
    page.get_by_role("button").dblclick(no_wait_after=True)
    expect(page.get_by_role("heading", level=1)).to_have_text(
        re.compile(f"{re.escape(link_page.done)}|{re.escape(link_page.again or link_page.after)}")
    )
    assert sent.read() != before


def test_an_expired_a_forged_and_an_unknown_link_look_alike(berth: LocalServer, sent: Sent) -> None:
    def met(url: str) -> tuple[int, str]:
        with pytest.raises(urllib.error.HTTPError) as refused:
            urllib.request.urlopen(url)
        with refused.value as answer:
            return answer.code, answer.read().decode()

    forged = met(sent.url[:-4] + "AAAA")
    unknown = met(f"{berth.address}/l/abc")
    berth.advance(LONG_AFTER)
    expired = met(sent.url)
    assert forged == unknown == expired
    assert expired[0] == 410
    assert "<h1>This link does not work</h1>" in expired[1]
    assert "<button" not in expired[1]


def test_a_page_is_kept_by_nobody_and_found_by_nobody(berth: LocalServer) -> None:
    sent = CONFIRM.send(berth)
    with urllib.request.urlopen(sent.url) as answer:
        assert answer.headers["Cache-Control"] == "no-store"
        assert answer.headers["Referrer-Policy"] == "no-referrer"
        assert answer.headers["X-Robots-Tag"] == "noindex"


def test_a_script_or_picture_that_got_into_a_page_is_not_loaded(
    visit: Visit, berth: LocalServer
) -> None:
    sent, page = CONFIRM.send(berth), visit()
    before, reached = sent.read(), []
    intruder = '<img src="https://elsewhere.example/x"><script>document.forms[0].submit()</script>'

    def smuggle(route: Route) -> None:
        reached.append(route.request.url)
        if route.request.url != sent.url:
            return route.abort()
        answer = route.fetch()
        body = answer.text().replace("</main>", f"</main>{intruder}")
        return route.fulfill(response=answer, body=body)

    page.route("**", smuggle)
    page.goto(sent.url)
    assert page.locator("script").count() == 1
    assert heading(page) == CONFIRM.title
    assert reached == [sent.url]
    assert sent.read() == before


def test_no_other_page_can_lay_itself_over_the_button(visit: Visit, berth: LocalServer) -> None:
    sent, page = CONFIRM.send(berth), visit()
    page.set_content(f'<iframe src="{sent.url}"></iframe>')
    assert [frame.locator("button").count() for frame in page.frames] == [0, 0]


def test_nobody_learns_from_where_a_guest_came(visit: Visit, berth: LocalServer) -> None:
    sent, page = CONFIRM.send(berth), visit()
    page.goto(sent.url)
    with page.expect_request(lambda request: request.method == "POST") as posted:
        CONFIRM.press(page)
    assert "referer" not in posted.value.all_headers()


def test_a_password_that_is_refused_can_be_typed_again_at_once(
    visit: Visit, berth: LocalServer
) -> None:
    sent, page = PASSWORD.send(berth), visit(java_script_enabled=False)
    page.goto(sent.url)
    for attempt in ("password", "another quiet river"):
        page.get_by_label("New password").fill(attempt)
        with page.expect_navigation():
            page.get_by_role("button").click()
        if attempt == "password":
            expect(page.get_by_role("alert")).to_have_text("It is too easy to guess.")
            expect(page.get_by_label("New password")).to_be_focused()
            assert sent.read() == 200
    assert heading(page) == PASSWORD.done
