"""The page of the local runtime on which a person pays, fails, or pays late."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page, expect

from tests.browser import reading
from tests.browser.chromium import PHONE, View, Visit
from tests.browser.test_link_page_looks import EVERYTHING, REFLOW
from tests.local_gateways import ordered
from tests.local_server import LocalServer

pytestmark = pytest.mark.browser

STATES = {"open": [], "at the bank": ["wait"], "paid": ["fail", "capture"]}
"""What was done with the order before it is looked at."""


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


@pytest.fixture(params=[True, False], ids=["with a script", "without a script"])
def page(request: pytest.FixtureRequest, visit: Visit, berth: LocalServer) -> Page:
    """The page of a new order, on a phone."""
    page = visit(PHONE, java_script_enabled=request.param)
    page.goto(f"{berth.address}/_local/pay/{ordered(berth).order_id}")
    return page


def test_a_payer_tries_a_card_that_fails_and_then_one_that_pays(page: Page) -> None:
    number = page.get_by_label("Card number")
    number.fill("4000 0000 0000 0002")
    press(page, "Pay by card")
    expect(page.get_by_text("card: failed")).to_be_visible()
    number.fill("4111 1111 1111 1111")
    press(page, "Pay by card")
    expect(page.get_by_role("heading", level=1)).to_have_text("Paid 150.00 INR")


def test_a_payer_pays_late(page: Page) -> None:
    press(page, "Pay late")
    expect(page.get_by_text("upi: waits at the bank")).to_be_visible()
    press(page, "The bank confirms")
    expect(page.get_by_role("heading", level=1)).to_have_text("Paid 150.00 INR")


def test_a_upi_id_that_is_not_for_tests_is_said_to_be_wrong(page: Page) -> None:
    page.get_by_label("UPI ID").fill("asha@okbank")
    press(page, "Pay by UPI")
    expect(page.get_by_role("alert")).to_have_text("Use one of the UPI IDs that are shown.")


@pytest.mark.parametrize("acts", STATES.values(), ids=STATES)
def test_everybody_can_read_and_use_the_page(
    visit: Visit, berth: LocalServer, acts: list[str]
) -> None:
    order_id = ordered(berth).order_id
    for act in acts:
        berth.done("POST", f"/_local/payments/{order_id}/{act}")
    page = visit(PHONE)
    page.goto(f"{berth.address}/_local/pay/{order_id}")
    expect(page.get_by_role("main").get_by_role("heading", level=1)).to_have_text(page.title())
    assert reading.sticks_out(page) + reading.too_small(page) == []
    assert reading.barriers(page, *EVERYTHING) == []
    page.emulate_media(color_scheme="dark")
    assert reading.barriers(page, "color-contrast") == []
    for view in (REFLOW, View("wide", 1600, 900)):
        page.set_viewport_size({"width": view.width, "height": view.height})
        assert reading.sticks_out(page) == []
