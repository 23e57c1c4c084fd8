"""Receipts and invoices by the API: the page, the PDF, the lists, who may see them, the mail."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.buyer import Buyer
from chalicelib.domain.core.change import saving
from chalicelib.domain.pricing import gst
from chalicelib.domain.pricing.tariff import Tariff, Tax
from chalicelib.domain.sites.seller import Seller
from chalicelib.services.accounts import erasure
from chalicelib.services.payments import refunds
from chalicelib.services.receipts import issuing
from tests.client import Client
from tests.clock import Clock
from tests.gateway import Browser
from tests.rendering.receipts import pdf_text
from tests.world import World

SELLER = Seller("Central Parking Pvt Ltd", "29AAGCB7383J1Z4", mark="AB")
FIRM = {
    "category": "business", "name": "Rao & <Sons>", "gstin": "27AAPFU0939F1ZV",
    "address": "2 Hill Road, Mumbai",
}  # fmt: skip


@pytest.fixture
def world(world: World) -> World:
    """The small world, whose car park has a GSTIN and prices with GST."""
    site = world.deps.catalogue.fresh_site("central")
    world.deps.commit(saving(site.evolve(seller=SELLER)))
    world.change_zone(world.zone_a, tariff=Tariff("hourly", "INR", 5000, tax=Tax(sac=gst.PARKING)))
    world.deps.catalogue.forget()
    return world


@pytest.fixture
def user(client: Client, world: World) -> Client:
    return client.by(world.user)


def parked(world: World, **wishes: Any) -> Booking:
    """A stay of a few minutes, paid at the gate."""
    booking = world.book(**wishes)
    world.enter(booking)
    world.leave(booking)
    return booking


def receipt_of(booking: Booking) -> str:
    return f"/api/bookings/{booking.booking_id}/receipt"


def test_the_receipt_is_there_at_once_as_a_page_and_as_a_pdf(user: Client, world: World) -> None:
    booking = parked(world, buyer=Buyer(**FIRM))  # type: ignore[arg-type]
    page, file = user.get(receipt_of(booking)), user.get(f"{receipt_of(booking)}.pdf")
    assert (page.status, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    text = page.body.decode()
    for part in (
        "Tax invoice", "AB-I2627/1", "GSTIN 29AAGCB7383J1Z4", "₹50.00", "CGST 9%", "₹3.81",
        "₹42.38", "29 Karnataka", "KA01AB1234", "Rao &amp; &lt;Sons&gt;",
    ):  # fmt: skip
        assert part in text
    assert "<Sons>" not in text
    assert page.headers["Cache-Control"] == "no-store"
    assert "default-src 'none'" in page.headers["Content-Security-Policy"]
    assert (file.status, file.headers["Content-Type"]) == (200, "application/pdf")
    assert file.headers["Content-Disposition"] == 'inline; filename="AB-I2627-1.pdf"'
    assert "AB-I2627/1" in pdf_text.pages(file.body)[0]


def test_the_page_speaks_the_language_of_its_reader(user: Client, world: World) -> None:
    page = user.sending(**{"Accept-Language": "hi"}).get(receipt_of(parked(world)))
    assert page.headers["Content-Language"] == "hi"
    assert "कर बीजक" in page.body.decode()


@pytest.mark.parametrize(("paper", "size"), [("58", "size: 58mm"), ("80", "size: 80mm")])
def test_gate_printers_have_pages_of_their_width(
    client: Client, world: World, paper: str, size: str
) -> None:
    page = client.by(world.staff).get(f"{receipt_of(parked(world))}?paper={paper}")
    assert size in page.body.decode()
    assert client.by(world.staff).get(f"{receipt_of(parked(world))}?paper=60").status == 400


def test_looking_twice_issues_one_paper(user: Client, world: World) -> None:
    booking = parked(world)
    for _ in range(3):
        user.get(receipt_of(booking))
    papers = user.get(f"/api/bookings/{booking.booking_id}/papers").body["items"]
    assert [paper["number"] for paper in papers] == ["AB-I2627/1"]
    assert papers[0]["tax"] == [
        {"name": name, "rate_bp": 900, "amount": {"amount": "3.81", "currency": "INR"}}
        for name in ("CGST", "SGST")
    ]
    assert papers[0]["taxable"] == {"amount": "42.38", "currency": "INR"}


def test_before_anything_is_billed_there_is_no_receipt(user: Client, world: World) -> None:
    booking = world.book()
    for path in ("receipt", "receipt.pdf"):
        answer = user.get(f"/api/bookings/{booking.booking_id}/{path}")
        assert (answer.status, answer.code) == (404, "RECEIPT_NOT_FOUND")
    assert user.get(f"/api/bookings/{booking.booking_id}/papers").body == {"items": []}
    other = user.get(f"{receipt_of(parked(world))}?number=AB-I2627/9")
    assert (other.status, other.code) == (404, "RECEIPT_NOT_FOUND")


def test_a_credit_note_is_chosen_by_its_number(user: Client, world: World) -> None:
    booking = parked(world)
    user.get(receipt_of(booking))
    refunds.refund(world.deps, world.owner, booking.booking_id, "20.00", reason="a flooded floor")
    page = user.get(receipt_of(booking)).body.decode()
    assert "Tax invoice" in page
    (address,) = re.findall(r'href="[^"]*(/api/[^"]*C2627[^"]*)"', page)
    note = user.get(address).body.decode()
    assert "Credit note" in note
    assert "AB-I2627/1" in note
    assert "₹20.00" in note


def test_the_papers_of_others_do_not_exist(client: Client, world: World) -> None:
    booking = parked(world)
    for path in ("receipt", "receipt.pdf", "papers"):
        answer = client.by(world.other).get(f"/api/bookings/{booking.booking_id}/{path}")
        assert (answer.status, answer.code) == (404, "BOOKING_NOT_FOUND")


def test_an_owner_lists_the_papers_of_a_period_by_number(
    client: Client, world: World, clock: Clock
) -> None:
    numbers = []
    for _ in range(5):
        _, (paper,) = issuing.issue_due(world.deps, parked(world).booking_id)
        numbers.append(paper.number)
        clock.move(days=1)
    owner = client.by(world.owner)
    path = "/api/admin/sites/central/papers"
    first = owner.get(f"{path}?limit=3").body
    rest = owner.get(f"{path}?limit=3&cursor={first['next_cursor']}").body
    listed = [paper["number"] for paper in (*first["items"], *rest["items"])]
    assert (listed, rest["next_cursor"]) == (numbers, None)
    start = (clock.now() - timedelta(days=4)).strftime("%Y-%m-%dT%H:%M:%SZ")
    end = (clock.now() - timedelta(days=2)).strftime("%Y-%m-%dT%H:%M:%SZ")
    found = owner.get(f"{path}?from={start}&to={end}").body["items"]
    assert [paper["number"] for paper in found] == numbers[1:3]
    assert owner.get(f"{path}?kind=credit_note").body == {"items": [], "next_cursor": None}
    assert owner.get(f"{path}?year=2025").body["items"] == []
    assert owner.get(f"{path}?from=2030-01-01").body["items"] == []
    rows = owner.get(f"{path}?format=csv")
    assert (rows.status, rows.body.count(b"AB-I2627/")) == (200, 5)


def test_the_mail_at_the_end_has_a_link_that_needs_no_sign_in(
    world: World, deliver: Callable[[], list[Any]]
) -> None:
    booking = parked(world)
    mail = deliver()[-1]
    (path,) = set(re.findall(r"https://berth\.example\.com(/receipt/\S+)", mail.text))
    browser = Browser()
    page = browser.get(path)
    assert page.status_code == 200
    assert b"AB-I2627/1" in page.body
    (file,) = re.findall(rb'href="https://berth\.example\.com(/receipt/[^"]*/pdf[^"]*)"', page.body)
    found = browser.get(file.decode())
    assert (found.status_code, found.body[:5]) == (200, b"%PDF-")
    account = world.deps.accounts.get(booking.user_id or "")
    world.deps.commit(
        saving(replace(account, email="new@example.com", version=account.version + 1))
    )
    assert browser.get(path).status_code == 410


def test_a_link_to_cancel_opens_no_receipt(world: World) -> None:
    from chalicelib.services.bookings import links

    booking = world.book()
    made = links.make(world.deps, booking, "cancel", to="user1@example.com")
    path = made.removeprefix("https://berth.example.com/l")
    assert Browser().get(f"/receipt{path}/pdf").status_code == 410


def test_erasing_a_person_keeps_the_papers_with_their_buyer(client: Client, world: World) -> None:
    booking = parked(world, buyer=Buyer(**FIRM))  # type: ignore[arg-type]
    owner = client.by(world.owner)
    before = owner.get(f"/api/bookings/{booking.booking_id}/papers").body
    erasure.erase(
        world.deps, world.user.account_id, by=world.admin, action="erase", source_ip="203.0.113.9"
    )
    assert world.read(booking).details.buyer is None
    assert owner.get(f"/api/bookings/{booking.booking_id}/papers").body == before
    page = owner.get(receipt_of(booking)).body.decode()
    assert "Rao &amp; &lt;Sons&gt;" in page
    assert "KA01AB1234" not in page


def test_a_customer_names_the_buyer_until_the_stay_ends(user: Client, world: World) -> None:
    booking = world.book()
    path = f"/api/bookings/{booking.booking_id}"
    assert user.patch(path, {"buyer": FIRM}).body["buyer"] == FIRM
    private = user.patch(path, {"buyer": {"category": "private"}}).body["buyer"]
    assert private == {"category": "private", "name": None, "gstin": None, "address": None}
    for body, field in (
        ({"category": "business"}, "buyer.name"),
        ({"category": "business", "name": "Rao", "gstin": "27AAPFU0939F1ZW"}, "buyer.gstin"),
        ({"category": "private", "gstin": "27AAPFU0939F1ZV"}, "buyer.gstin"),
        ({"category": "firm"}, "buyer.category"),
    ):
        refused = user.patch(path, {"buyer": body})
        assert (refused.status, list(refused.fields)) == (400, [field])
    world.enter(booking)
    world.leave(booking)
    assert user.patch(path, {"buyer": FIRM}).status == 409


def test_two_sites_of_one_gstin_have_different_marks(client: Client, world: World) -> None:
    world.add_site("north")
    admin = client.by(world.admin)
    seller = {"legal_name": "Central Parking Pvt Ltd", "gstin": "29AAGCB7383J1Z4", "mark": "ab"}
    refused = admin.patch("/api/admin/sites/north", {"seller": seller})
    assert (refused.status, list(refused.fields)) == (400, ["seller.mark"])
    edited = admin.patch("/api/admin/sites/north", {"seller": seller | {"mark": "N1"}})
    assert (edited.status, edited.body["seller"]["mark"]) == (200, "N1")
    for body, field in (
        ({"legal_name": "X", "gstin": "29AAGCB7383J1Z5"}, "seller.gstin"),
        ({"legal_name": "X", "state": "00"}, "seller.state"),
        ({"legal_name": "X", "mark": "ABCD"}, "seller.mark"),
        ({"gstin": "29AAGCB7383J1Z4"}, "seller.legal_name"),
    ):
        faulty = admin.patch("/api/admin/sites/north", {"seller": body})
        assert (faulty.status, list(faulty.fields)) == (400, [field])
    assert admin.patch("/api/admin/sites/north", {"seller": None}).body["seller"] is None
