"""The three forms of the parking system, as an attendant with a scanner uses them."""

from __future__ import annotations

from playwright.sync_api import Browser

from tests.local_server import LocalServer

CAR = {"vehicle_number": "DL-01-AB-1234", "owner_name": "John Doe", "zone_id": "zone-a"}


def test_an_attendant_works_with_the_forms_alone(browser: Browser, berth: LocalServer) -> None:
    page = browser.new_page()

    def opens(path: str) -> None:
        page.goto(berth.address + path)
        page.fill("#username", "staff1")
        page.fill("#password", "password123")
        page.click("#sign-in button")
        page.get_by_text("You are signed in.").wait_for()

    opens("/parking/entry/")
    page.fill("#vehicle_number", CAR["vehicle_number"])
    page.fill("#owner_name", CAR["owner_name"])
    page.select_option("#zone_id", "zone-a")
    page.click("#work button")
    page.get_by_text("Slot allocated: A-001").wait_for()
    page.locator("#pass").wait_for()
    code = page.locator("#facts dt:text-is('QR code') + dd").inner_text()
    opens("/entry-qr-scan")
    page.fill("#qr_code", code)
    page.press("#qr_code", "Enter")  # as a scanner does
    page.get_by_text("Entry QR scanned successfully").wait_for()
    page.fill("#qr_code", code)
    page.press("#qr_code", "Enter")
    page.get_by_text("Entry QR already scanned. Cannot scan twice!").wait_for()
    opens("/parking/exit-qr-scan")
    page.fill("#qr_code", code)
    page.click("#work button")
    page.get_by_text("Exit processed successfully").wait_for()
    assert page.locator("#facts dt:text-is('Amount') + dd").inner_text() == "50"
    page.close()
