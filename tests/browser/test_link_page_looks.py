"""The pages behind the links in mails, as guests meet them: whether everybody can read and use
them."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import reading
from tests.browser.chromium import PHONE, PHONE_AT_NIGHT, View, Visit
from tests.browser.link_pages import LINK_PAGES, LinkPage, Sent
from tests.local_server import LocalServer

pytestmark = pytest.mark.browser

EVERYTHING = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
REFLOW = View("narrow", 320, 640)
"""A desk screen of 1280 pixels at 400 %, or a small phone (WCAG 2.2, 1.4.10)."""

LARGE_TEXT = 32
"""Pixels of ordinary text for who has doubled it; browsers come with 16."""

CANCEL = next(kind for kind in LINK_PAGES if kind.name == "cancel")


def test_a_phone_shows_all_of_it_by_day_and_night_and_a_thumb_hits_the_button(
    visit: Visit, sent: Sent, link_page: LinkPage
) -> None:
    page = visit(PHONE)
    page.goto(sent.url)
    button = page.get_by_role("button", name=link_page.button, exact=True)
    expect(button).to_be_in_viewport(ratio=1)
    assert reading.too_small(page) == []
    assert_no_barrier(page)
    link_page.press(page)
    assert_no_barrier(page)


def test_a_page_without_a_button_has_no_barrier(visit: Visit, berth: LocalServer) -> None:
    page = visit(PHONE)
    page.goto(f"{berth.address}/l/abc")
    assert_no_barrier(page)


def assert_no_barrier(page: Page) -> None:
    expect(page.locator("html")).to_have_attribute("lang", "en")
    expect(page.get_by_role("main")).to_have_count(1)
    expect(page.get_by_role("main").get_by_role("heading", level=1)).to_have_text(page.title())
    assert reading.sticks_out(page) == []
    page.emulate_media(color_scheme="light")
    assert reading.barriers(page, *EVERYTHING) == []
    page.emulate_media(color_scheme="dark")
    assert reading.barriers(page, "color-contrast") == []


def test_at_night_the_page_is_dark(visit: Visit, berth: LocalServer) -> None:
    page = visit(PHONE_AT_NIGHT)
    page.goto(f"{berth.address}/l/abc")
    for part in ("body", "main"):
        shade = page.locator(part).evaluate("e => getComputedStyle(e).backgroundColor")
        red, green, blue = (int(value) for value in shade[4:-1].split(","))
        assert max(red, green, blue) < 64, part


def test_text_twice_as_large_stays_whole_and_nobody_scrolls_sideways(
    visit: Visit, sent: Sent, link_page: LinkPage
) -> None:
    page = visit(REFLOW, tab="large")
    page.context.new_cdp_session(page).send(
        "Page.setFontSizes", {"fontSizes": {"standard": LARGE_TEXT}}
    )
    page.goto(sent.url)
    sizes = page.evaluate(
        "() => ['h1', 'p', 'button'].map(n => getComputedStyle(document.querySelector(n)).fontSize)"
    )
    assert min(float(size.removesuffix("px")) for size in sizes) >= LARGE_TEXT
    assert reading.sticks_out(page) + reading.is_cut(page) == []
    link_page.press(page)
    assert reading.sticks_out(page) + reading.is_cut(page) == []


def test_a_screen_with_forced_colours_still_shows_where_the_button_ends(
    visit: Visit, berth: LocalServer
) -> None:
    page = visit(forced_colors="active")
    page.goto(CANCEL.send(berth).url)
    edge, ground = page.get_by_role("button").evaluate(
        "e => [getComputedStyle(e).borderTopColor, getComputedStyle(e.parentElement).color]"
    )
    assert page.get_by_role("button").evaluate("e => getComputedStyle(e).borderTopWidth") == "2px"
    assert edge not in ("transparent", "rgba(0, 0, 0, 0)"), ground
