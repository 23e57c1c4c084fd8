"""Which papers a booking calls for: each amount of money is on paper once."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import date, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.bookings.booking import Booking
from chalicelib.domain.bookings.buyer import Buyer
from chalicelib.domain.bookings.details import BookingDetails, Guest
from chalicelib.domain.bookings.status import Status
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.timeline import TimelineEntry
from chalicelib.domain.payments.payment import Capture, Payment, Refund
from chalicelib.domain.pricing import bill, gst
from chalicelib.domain.pricing.tariff import Tariff, Tax
from chalicelib.domain.receipts import due, issue
from chalicelib.domain.receipts.due import Terms
from chalicelib.domain.receipts.paper import BILLS, Paper, Papers
from chalicelib.domain.sites.seller import Seller
from chalicelib.domain.sites.site import Site
from tests import builders
from tests.clock import NOON

REGISTERED = Seller("Central Parking Pvt Ltd", "29AAGCB7383J1Z4", mark="AB")
SITE = builders.a_site(seller=REGISTERED, address="1 Station Road, Bengaluru")
PLAIN = builders.a_site()
GST = Tariff("hourly", "INR", 5000, booking_fee=5000, tax=Tax(sac=gst.PARKING))
LATER = NOON + timedelta(hours=2)


def booked(**fields: Any) -> Booking:
    """A booking under a tariff with GST."""
    zone = builders.a_zone(tariff=fields.pop("tariff", GST))
    return replace(builders.a_booking(zone), **fields)


def ended(minutes: int = 120, *, paid: int = 10000, before: int = 0, **fields: Any) -> Booking:
    """A stay that has ended, of which `before` had been paid when it was billed."""
    booking = booked(**fields)
    stay = builders.an_interval(NOON, minutes)
    made = bill.make(booking.tariff, stay, builders.IST, paid=Money(before, "INR"))
    return replace(
        booking, status=Status.COMPLETED, bill=made, paid=paid, payment_status="paid",
        actual_start=stay.start, actual_end=stay.end,
    )  # fmt: skip


def returned(booking: Booking, *refunds: tuple[int, str]) -> Booking:
    """The booking with what a gateway has paid back, or tries to."""
    rows = tuple(
        Refund(f"r{n}", "pay_1", minor, state, LATER)  # type: ignore[arg-type]
        for n, (minor, state) in enumerate(refunds)
    )
    payment = Payment(
        f"{booking.booking_id}_1", "razorpay", booking.amount_paid, "fee", NOON, LATER, "captured",
        captures=(Capture("pay_1", booking.paid),), refunds=rows,
    )  # fmt: skip
    return replace(booking, payments=(payment,))


def papers_of(booking: Booking, site: Site = SITE, papers: Papers = ()) -> Papers:
    """All papers of a booking, after those that it calls for."""
    terms = issue.terms_of(site, booking.currency, LATER)
    while draft := due.next_draft(booking, papers, terms):
        last = next((p for p in reversed(papers) if p.kind == draft.kind), None)
        papers = (*papers, issue.issued(draft, booking, site, last, LATER))
    return papers


def said(papers: Sequence[Paper]) -> list[tuple[str, int]]:
    return [(paper.kind, paper.total.minor) for paper in papers]


def test_a_stay_with_gst_gets_an_invoice_with_equal_halves() -> None:
    (invoice,) = papers_of(ended())
    assert (invoice.kind, invoice.number) == ("invoice", "AB-I2627/1")
    assert (invoice.total.minor, invoice.taxable.minor) == (10000, 8474)
    assert [(t.name, t.rate_bp, t.amount.minor) for t in invoice.draft.tax] == [
        ("CGST", 900, 763), ("SGST", 900, 763),
    ]  # fmt: skip
    assert (invoice.draft.sac, invoice.place_of_supply) == ("996743", "29")
    assert invoice.seller.gstin == "29AAGCB7383J1Z4"


@pytest.mark.parametrize(
    ("make", "site", "expected"),
    [
        (ended, PLAIN, [("receipt", 10000)]),  # no GSTIN
        (lambda: ended(tariff=builders.HOURLY), SITE, [("bill_of_supply", 10000)]),  # no tax
        (lambda: ended(tariff=builders.FREE, paid=0), SITE, []),  # nothing to bill
        (booked, SITE, []),  # nothing has happened
        (lambda: booked(status=Status.ACTIVE), SITE, []),
        (lambda: booked(paid=5000), SITE, [("receipt_voucher", 5000)]),
        (lambda: booked(paid=5000), PLAIN, []),  # an advance without GST needs none
        (lambda: booked(paid=5000, status=Status.PENDING), SITE, []),  # a hold
        (lambda: booked(status=Status.CANCELLED), SITE, []),
        # half of the fee is kept, the other half is on its way back, then there
        (
            lambda: returned(booked(paid=5000, status=Status.CANCELLED), (2500, "pending")),
            SITE,
            [("invoice", 2500)],
        ),
        (
            lambda: returned(booked(paid=5000, status=Status.CANCELLED), (2500, "processed")),
            SITE,
            [("invoice", 2500), ("refund_receipt", 2500)],
        ),
        (
            lambda: returned(booked(paid=5000, status=Status.CANCELLED), (5000, "processed")),
            PLAIN,
            [("refund_receipt", 5000)],
        ),
    ],
)
def test_the_papers_follow_from_money_and_seller(
    make: Callable[[], Booking], site: Site, expected: list[tuple[str, int]]
) -> None:
    assert said(papers_of(make(), site)) == expected


def test_an_advance_is_confirmed_and_then_part_of_the_invoice() -> None:
    advance = papers_of(booked(paid=5000))
    papers = papers_of(ended(before=5000), papers=advance)
    assert said(papers) == [("receipt_voucher", 5000), ("invoice", 10000)]
    assert sum(line.amount.minor for line in advance[0].draft.tax) == 762


def test_an_advance_that_goes_back_before_the_invoice_has_a_refund_voucher() -> None:
    papers = papers_of(booked(paid=5000))
    cancelled = returned(booked(paid=5000, status=Status.CANCELLED), (5000, "processed"))
    papers = papers_of(cancelled, papers=papers)
    assert said(papers) == [("receipt_voucher", 5000), ("refund_voucher", 5000)]
    assert papers[1].draft.against == papers[0].number
    assert papers[1].tax_total == papers[0].tax_total


def test_money_paid_back_after_the_invoice_has_a_credit_note_with_its_share_of_the_tax() -> None:
    stay = ended()
    papers = papers_of(stay)
    papers = papers_of(returned(stay, (3333, "processed")), papers=papers)
    papers = papers_of(returned(stay, (3333, "processed"), (6667, "processed")), papers=papers)
    assert said(papers) == [("invoice", 10000), ("credit_note", 3333), ("credit_note", 6667)]
    invoice, *notes = papers
    assert [note.draft.against for note in notes] == [invoice.number] * 2
    assert [note.number for note in notes] == ["AB-C2627/1", "AB-C2627/2"]
    for at in (0, 1):
        back = sum(note.draft.tax[at].amount.minor for note in notes)
        assert back == invoice.draft.tax[at].amount.minor


def test_a_refund_that_fails_has_no_paper_and_its_second_try_has_one() -> None:
    stay = ended()
    failed = returned(stay, (4000, "failed"))
    again = returned(stay, (4000, "failed"), (4000, "processed"))
    assert said(papers_of(failed)) == [("invoice", 10000)]
    assert said(papers_of(again)) == [("invoice", 10000), ("credit_note", 4000)]


def test_a_payment_that_came_twice_goes_back_without_a_credit_note() -> None:
    twice = returned(ended(paid=20000), (10000, "processed"))
    assert said(papers_of(twice)) == [("invoice", 10000), ("refund_receipt", 10000)]


def test_a_stay_left_due_after_its_fee_went_back_has_no_credit_note() -> None:
    stay = replace(ended(paid=5000), payment_status="due")
    assert said(papers_of(returned(stay, (5000, "processed")))) == [
        ("invoice", 10000), ("refund_receipt", 5000),
    ]  # fmt: skip


def test_a_waived_stay_keeps_its_invoice() -> None:
    waived = replace(ended(paid=0), timeline=(TimelineEntry(LATER, "waived", "US1", "staff_api"),))
    assert said(papers_of(waived)) == [("invoice", 10000)]


def test_a_stay_that_another_system_ended_has_been_billed_there() -> None:
    entry = TimelineEntry(NOON, "checked_out", "system", "import")
    assert papers_of(ended(timeline=(entry,))) == ()


def test_a_cash_refund_counts_like_one_through_a_gateway() -> None:
    papers = papers_of(replace(ended(), by_hand=2500))
    assert said(papers) == [("invoice", 10000), ("credit_note", 2500)]


def test_a_property_in_another_state_than_its_gstin_has_igst() -> None:
    site = builders.a_site(seller=replace(REGISTERED, state="27"))
    (invoice,) = papers_of(ended(), site)
    assert [(t.name, t.rate_bp, t.amount.minor) for t in invoice.draft.tax] == [
        ("IGST", 1800, 1526)
    ]
    assert invoice.place_of_supply == "27"


def test_the_half_of_a_territory_has_its_own_name() -> None:
    assert [line.name for line in issue.named(papers_of(ended())[0].draft.tax, "04", "04")] == [
        "CGST", "UTGST",
    ]  # fmt: skip


def test_a_business_is_named_on_every_paper_and_a_person_from_fifty_thousand_on() -> None:
    firm = Buyer("business", "Rao & Sons", "27AAPFU0939F1ZV", "2 Hill Road, Mumbai")
    small = ended(details=BookingDetails(buyer=firm))
    person = BookingDetails(guests=(Guest("Asha Rao"),))
    dear = replace(GST, rate=2_500_000)
    papers = papers_of(returned(small, (5000, "processed")))
    assert [paper.draft.buyer.name for paper in papers if paper.draft.buyer] == ["Rao & Sons"] * 2
    assert papers[0].draft.buyer is not None
    assert papers[0].draft.buyer.state == "27"
    assert papers_of(ended(details=person))[0].draft.buyer is None
    named = papers_of(ended(details=person, tariff=dear, paid=5_000_000))[0].draft.buyer
    assert named is not None
    assert named.name == "Asha Rao"


def test_the_lines_of_an_invoice_are_those_of_the_bill() -> None:
    short = ended(3, paid=9000, tariff=replace(GST, booking_fee=9000))
    (invoice,) = papers_of(short)
    assert sum(line.minor for line in invoice.draft.lines) == invoice.total.minor == 9000
    assert [line.text for line in invoice.draft.lines] == ["1 hour", "Booking fee, minimum"]


def test_no_instant_and_no_date_of_a_series_runs_backwards() -> None:
    (first,) = papers_of(ended())
    late = replace(first, issued_at=LATER + timedelta(days=2), issued_on=date(2026, 11, 23))
    draft = due.next_draft(ended(), (), Terms(registered=True, on=date(2026, 11, 21)))
    assert draft is not None
    second = issue.issued(draft, ended(), SITE, late, LATER)
    assert (second.place, second.issued_at) == (late.place + 1, late.issued_at)
    assert second.issued_on == late.issued_on


REFUNDS = st.lists(
    st.tuples(st.integers(1, 8000), st.sampled_from(["pending", "processed", "failed"])),
    max_size=5,
)


@given(st.integers(0, 15000), REFUNDS, st.integers(0, 3), st.booleans())
def test_however_often_one_looks_the_papers_say_the_money_once(
    extra: int, refunds: list[tuple[int, str]], looks: int, registered: bool
) -> None:
    site = SITE if registered else PLAIN
    stay = ended(paid=10000 + extra)
    papers: Papers = ()
    for seen in sorted({0, looks, len(refunds)}):
        papers = papers_of(returned(stay, *refunds[:seen]), site, papers)
    back = returned(stay, *refunds).gone
    credited = sum(p.total.minor for p in papers if p.kind == "credit_note")
    others = sum(p.total.minor for p in papers if p.kind == "refund_receipt")
    assert credited + others == min(back, 10000 + extra)
    assert sum(paper.total.minor for paper in papers if paper.kind in BILLS) == 10000
    for kind in {paper.kind for paper in papers}:
        places = [paper.place for paper in papers if paper.kind == kind]
        assert places == list(range(1, len(places) + 1))
    for at, line in enumerate(papers[0].draft.tax):
        back_tax = sum(p.draft.tax[at].amount.minor for p in papers if p.kind == "credit_note")
        assert back_tax == (2 * line.amount.minor * credited + 10000) // 20000
