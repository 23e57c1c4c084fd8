"""The page of a receipt, as guests read it and gates print it."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import reading, stories
from tests.browser.chromium import PHONE, VIEWS, View, Visit
from tests.local_server import LocalServer

pytestmark = pytest.mark.browser

EVERYTHING = ("wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice")
CAR = {"zone_id": "zone-a", "vehicle_number": "KA01AB1234", "owner_name": "Asha Rao"}


@pytest.fixture
def receipt(berth: LocalServer) -> str:
    """The link in the mail at the end of a stay."""
    user, staff = berth.signed_in("user1"), berth.signed_in("staff1")
    booked: dict[str, Any] = berth.done("POST", "/api/user/book-slot", CAR, user)
    scan = {"qr_code": booked["qr_code"]}
    berth.done("POST", "/api/staff/entry", scan, staff)
    berth.done("POST", "/api/staff/exit", scan | {"payment_method": "CASH"}, staff)
    links = stories.mail(berth, "user1")["links"]
    return next(str(link) for link in links if "/receipt/" in link)


@pytest.mark.parametrize("view", VIEWS, ids=str)
def test_a_receipt_can_be_read_by_all_on_every_screen(
    visit: Visit, receipt: str, view: View
) -> None:
    page = visit(view)
    page.goto(receipt)
    expect(page.get_by_role("heading", level=1)).to_have_text("Receipt")
    expect(page.get_by_role("row").last).to_be_visible()
    assert reading.sticks_out(page) == []
    assert reading.barriers(page, *EVERYTHING) == []


@pytest.mark.parametrize(("paper", "pixels"), [("58", 219), ("80", 302)])
def test_a_roll_shows_all_of_it(visit: Visit, receipt: str, paper: str, pixels: int) -> None:
    page = visit(View("roll", pixels, 900))
    page.emulate_media(media="print")
    page.goto(f"{receipt}?paper={paper}")
    assert reading.sticks_out(page) == []
    assert reading.is_cut(page) == []
    page.emulate_media(media="screen")


def test_the_pdf_is_one_press_away(visit: Visit, receipt: str) -> None:
    page = visit(PHONE)
    page.goto(receipt)
    address = page.get_by_role("link", name="Download as PDF").get_attribute("href")
    answer = page.request.get(str(address))
    assert answer.headers["content-type"] == "application/pdf"
    assert answer.body().startswith(b"%PDF-")
