"""The page of a pay link, from the mail over the page of the gateway and back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from playwright.sync_api import Page, expect

from tests.browser import reading, stories
from tests.browser.chromium import PHONE, View, Visit
from tests.browser.test_link_page_looks import EVERYTHING, REFLOW
from tests.local_server import LocalServer

pytestmark = pytest.mark.browser


def held(berth: LocalServer) -> tuple[str, str]:
    """user1 has booked a bay, has not paid its fee, and has got the link; its booking and link."""
    car = {"vehicle_number": "KA01AB1234", "owner_name": "Asha Rao"}
    wish = {"zone_id": "zone-a", "payment_method": "ONLINE"} | car
    booked = berth.done("POST", "/api/user/book-slot", wish, berth.signed_in("user1"))
    berth.advance(timedelta(minutes=4))
    berth.sweep("outbox")
    [link] = [url for url in stories.mail(berth, "user1")["links"] if "/pay/" in url]
    return booked["booking_id"], link


def renewing(berth: LocalServer) -> tuple[str, str]:
    """user1 has a weekly pass that renews, and has got the link before its end; the pass and the
    link."""
    plan = {"site": "central", "period": "weekly"}
    berth.done("POST", "/api/admin/passes/plans", plan, berth.signed_in("owner"))
    wish = {"site": "central", "plan_id": "weekly", "vehicle_number": "KA01AB1234"}
    bought = wish | {"auto_renew": True}
    held = berth.done("POST", "/api/me/passes", bought, berth.signed_in("user1"))
    named = {"pass_id": held["pass_id"]}
    order = berth.done("POST", "/api/me/passes/orders", named, berth.signed_in("user1"))
    berth.done("POST", f"/_local/payments/{order['order_id']}/capture", {})
    berth.advance(timedelta(days=6))
    berth.sweep("reconcile")
    berth.sweep("outbox")
    [link] = [url for url in stories.mail(berth, "user1")["links"] if "/pay/" in url]
    return held["pass_id"], link


def press(page: Page, name: str) -> None:
    with page.expect_navigation():
        page.get_by_role("button", name=name, exact=True).click()


def heads(page: Page, text: str) -> None:
    expect(page.get_by_role("heading", level=1)).to_have_text(text)


@pytest.mark.parametrize("script", [True, False], ids=["with a script", "without a script"])
def test_a_fee_is_paid_from_the_mail_to_the_confirmation(
    visit: Visit, berth: LocalServer, script: bool
) -> None:
    booking_id, link = held(berth)
    page = visit(PHONE, java_script_enabled=script)
    page.goto(link)
    heads(page, "Pay ₹50.00")
    press(page, "Pay ₹50.00")
    if not script:
        press(page, "Continue to Razorpay")
    heads(page, "Pay 50.00 INR")
    press(page, "Pay by UPI")
    press(page, "Back to Berth")
    heads(page, "Thank you, it is paid")
    assert stories.booking(berth, "user1", booking_id)["status"] == "booked"
    page.goto(link)
    heads(page, "Thank you, it is paid")


def test_a_season_pass_is_renewed_from_the_mail(visit: Visit, berth: LocalServer) -> None:
    pass_id, link = renewing(berth)
    page = visit(PHONE)
    page.goto(link)
    heads(page, "Pay ₹1,500.00")
    assert reading.sticks_out(page) + reading.too_small(page) == []
    assert reading.barriers(page, *EVERYTHING) == []
    press(page, "Pay ₹1,500.00")
    heads(page, "Pay 1500.00 INR")
    press(page, "Pay by UPI")
    press(page, "Back to Berth")
    heads(page, "Thank you, it is paid")
    renewed = berth.done("GET", f"/api/passes/{pass_id}", token=berth.signed_in("user1"))
    assert (len(renewed["terms"]), renewed["renewal_awaited"]) == (2, False)


def test_back_from_the_gateway_shows_the_page_and_two_tabs_lead_to_one_order(
    visit: Visit, berth: LocalServer
) -> None:
    _, link = held(berth)
    page = visit(PHONE)
    page.goto(link)
    press(page, "Pay ₹50.00")
    page.wait_for_url("**/_local/pay/*")
    order = page.url
    page.go_back()
    heads(page, "Pay ₹50.00")
    other = page.context.new_page()
    other.goto(link)
    press(other, "Pay ₹50.00")
    other.wait_for_url("**/_local/pay/*")
    assert other.url == order
    press(other, "Pay by UPI")
    other.close()
    press(page, "I have paid: check again")
    heads(page, "Thank you, it is paid")


def test_everybody_can_read_and_use_the_page(visit: Visit, berth: LocalServer) -> None:
    _, link = held(berth)
    page = visit(PHONE)
    page.goto(link)
    expect(page.get_by_role("button", name="Pay ₹50.00")).to_be_in_viewport(ratio=1)
    assert reading.sticks_out(page) + reading.too_small(page) == []
    assert reading.barriers(page, *EVERYTHING) == []
    page.emulate_media(color_scheme="dark")
    assert reading.barriers(page, "color-contrast") == []
    for view in (REFLOW, View("phone", 360, 740), View("wide", 1600, 900)):
        page.set_viewport_size({"width": view.width, "height": view.height})
        assert reading.sticks_out(page) == []


def test_the_way_to_the_gateway_and_back_is_readable_without_a_script(
    visit: Visit, berth: LocalServer
) -> None:
    _, link = held(berth)
    page = visit(PHONE, java_script_enabled=False)
    page.goto(f"{link}/result")
    heads(page, "Checking your payment")
    press(page, "I have paid: check again")
    press(page, "Pay ₹50.00")
    heads(page, "Continue to Razorpay")
    expect(page.get_by_role("button")).to_have_count(1)
