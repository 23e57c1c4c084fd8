"""What a promo code takes off, and for which bookings (docs/rules/promos.md)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.bookings import terms
from chalicelib.domain.core import errors
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.money import Money
from chalicelib.domain.pricing import bill
from chalicelib.domain.pricing.agreed import Agreed
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.pricing.discount import Discount
from chalicelib.domain.pricing.promo_terms import PromoTerms
from chalicelib.domain.pricing.tariff import Tariff, Tax
from chalicelib.domain.promos import redemption
from chalicelib.domain.promos.promo import Promo, UseLimits, read_code, split_id
from tests import builders
from tests.clock import NOON

ROOT = Path(__file__).parents[3]
DAY = date(2026, 11, 21)
PER_HOUR = Tariff("hourly", "INR", 5000, booking_fee=5000)
FOUR_HOURS = Interval(NOON, NOON + timedelta(hours=4))
PROMO = Promo("central", "SUMMER20", "PR1", NOON, percent=20)
CODES = {
    "25 %": PromoTerms("X", percent=25),
    "30.00 off": PromoTerms("X", amount=3000),
    "300.00 off": PromoTerms("X", amount=30000),
    "30.00 off from 200.00 on": PromoTerms("X", amount=3000, minimum=20000),
    "30.00 off from 200.01 on": PromoTerms("X", amount=3000, minimum=20001),
}


def of(tariff: Tariff, promo: PromoTerms, interval: Interval = FOUR_HOURS) -> Bill:
    agreed = replace(tariff, agreed=replace(tariff.agreed, promo=promo))
    return bill.make(agreed, interval, builders.IST, paid=tariff.money(0))


def test_the_table_of_the_page_is_what_a_guest_pays() -> None:
    page = (ROOT / "docs/rules/promos.md").read_text()
    amount = r"([0-9]+\.[0-9]{2})"
    rows = re.findall(rf"^\| (.*) \| {amount} \| {amount} \| {amount} \|$", page, re.M)
    assert [row[0] for row in rows] == list(CODES)
    for name, price, off, total in rows:
        made = of(PER_HOUR, CODES[name])
        taken = sum((x.amount for x in made.lines[1:]), Money(0, "INR"))
        assert (made.lines[0].amount.text(), (-taken).text(), made.total.text()) == (
            price, off, total,
        )  # fmt: skip


def test_a_code_comes_after_discounts_and_before_the_tax() -> None:
    tariff = replace(
        PER_HOUR, discounts=(Discount("Half", 50),), tax=Tax(1800, inclusive=False),
        agreed=Agreed(110),
    )  # fmt: skip
    made = of(tariff, CODES["25 %"])
    assert [(x.text, x.amount.text()) for x in made.lines] == [
        ("4 hours", "200.00"),
        ("Demand, 110% of the price", "20.00"),
        ("Half", "-110.00"),
        ("Promo code X", "-27.50"),
    ]
    assert (made.tax_total.text(), made.total.text()) == ("14.85", "97.35")


def test_a_late_fee_is_paid_in_full() -> None:
    rooms = Tariff("nightly", "EUR", 10000, late_fee=2500)
    agreed = replace(rooms, agreed=Agreed(promo=PromoTerms("X", percent=100)))
    made = bill.make(agreed, FOUR_HOURS, builders.IST, paid=rooms.money(0), late=True)
    assert made.total.text() == "25.00"


@given(
    rate=st.integers(0, 100_003),
    hours=st.integers(1, 30),
    percent=st.integers(1, 100),
    amount=st.integers(0, 500_000),
    minimum=st.integers(0, 500_000),
    tax=st.builds(Tax, st.integers(0, 4000), st.booleans()),
)
def test_a_bill_with_a_code_adds_up_and_is_never_below_zero(
    rate: int, hours: int, percent: int, amount: int, minimum: int, tax: Tax
) -> None:
    tariff = Tariff("hourly", "INR", rate, tax=tax, discounts=(Discount("A", 33),))
    stay = Interval(NOON, NOON + timedelta(hours=hours))
    for promo in (PromoTerms("X", percent, 0, minimum), PromoTerms("X", 0, amount, minimum)):
        made = of(tariff, promo, stay)
        nothing = Money(0, "INR")
        lines = sum((x.amount for x in made.lines), nothing)
        assert lines + (nothing if tax.inclusive else made.tax_total) == made.total
        assert nothing <= made.total <= bill.make(tariff, stay, builders.IST, paid=nothing).total


@pytest.mark.parametrize(
    ("promo", "fee", "price"),
    [
        (PromoTerms("X", percent=10), "50.00", "180.00"),
        (PromoTerms("X", percent=90), "20.00", "20.00"),
        (PromoTerms("X", percent=100), "0.00", "0.00"),
        (PromoTerms("X", amount=17000), "30.00", "30.00"),
    ],
)
def test_the_fee_is_at_most_what_the_booking_costs_with_the_code(
    promo: PromoTerms, fee: str, price: str
) -> None:
    agreed = terms.with_promo(PER_HOUR, promo, FOUR_HOURS, builders.IST)
    assert agreed.money(agreed.booking_fee).text() == fee
    assert terms.price(agreed, FOUR_HOURS, builders.IST).text() == price


def test_a_booking_below_the_minimum_is_refused() -> None:
    exact = PromoTerms("X", percent=10, minimum=20000)
    terms.with_promo(PER_HOUR, exact, FOUR_HOURS, builders.IST)
    with pytest.raises(errors.PromoNotValid):
        terms.with_promo(PER_HOUR, replace(exact, minimum=20001), FOUR_HOURS, builders.IST)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("summer20", "SUMMER20"),
        ("  Summer20\t", "SUMMER20"),
        ("a-b", "A-B"),
        ("x" * 20, "X" * 20),
        ("x" * 21, None),
        ("ab", None),
        ("-ab", None),
        ("ab-", None),
        ("a b", None),
        ("straße", None),  # upper case would be another word
        ("ﬁfty", None),
        ("٣٣٣", None),
        ("", None),
        ("a\x00b", None),
    ],
)
def test_a_code_is_read_in_any_case(text: str, code: str | None) -> None:
    assert read_code(text) == code


@pytest.mark.parametrize("name", ["", "central", ".SUMMER20", "central.", "central.ä", "-.x"])
def test_an_id_that_no_code_has_is_not_found(name: str) -> None:
    with pytest.raises(errors.PromoNotFound):
        split_id(name)


ZONE = builders.a_zone()


@pytest.mark.parametrize(
    ("fields", "day", "refusal"),
    [
        ({}, DAY, None),
        ({"first": DAY, "last": DAY}, DAY, None),
        ({"first": DAY + timedelta(days=1)}, DAY, errors.PromoNotValid),
        ({"last": DAY - timedelta(days=1)}, DAY, errors.PromoNotValid),
        ({"zones": ("zone-a",)}, DAY, None),
        ({"zones": ("zone-b",)}, DAY, errors.PromoNotValid),
        ({"kinds": ("parking",)}, DAY, None),
        ({"kinds": ("room", "venue")}, DAY, errors.PromoNotValid),
        ({"currency": "INR"}, DAY, None),
        ({"currency": "EUR"}, DAY, errors.PromoNotValid),
        ({"active": False}, DAY, errors.PromoNotFound),
        ({"limits": UseLimits(per_person=1)}, DAY, None),
    ],
)
def test_a_code_works_where_and_when_it_says(
    fields: dict[str, Any], day: date, refusal: type[errors.Refusal] | None
) -> None:
    promo = replace(PROMO, **fields)
    if refusal is None:
        promo.require_usable(ZONE, day, has_account=True)
        return
    with pytest.raises(refusal) as refused:
        promo.require_usable(ZONE, day, has_account=True)
    assert list(refused.value.fields) == ["promo_code"]


def test_a_guest_without_account_cannot_use_a_code_limited_for_each_person() -> None:
    PROMO.require_usable(ZONE, DAY, has_account=False)
    with pytest.raises(errors.PromoNotValid):
        replace(PROMO, limits=UseLimits(per_person=1)).require_usable(ZONE, DAY, has_account=False)


def test_each_limit_is_a_counter_of_its_own() -> None:
    everything = UseLimits(10, 1, 5, 2, 3, 4)
    promo = replace(PROMO, limits=everything)
    steps = list(redemption.uses(promo, "central", DAY, "CVSTMR01"))
    assert [(x.locator, x.name, x.by, x.limit) for x in steps] == [
        ("promos#central", "promo.PR1.total", 1, 10),
        ("CVSTMR01", "promo.PR1.person", 1, 1),
        ("promos#central", "promo.PR1.site.central", 1, 5),
        ("promos#central", "promo.PR1.central.day.2026-11-21", 1, 2),
        ("promos#central", "promo.PR1.central.week.2026-W47", 1, 3),
        ("promos#central", "promo.PR1.central.month.2026-11", 1, 4),
    ]
    back = list(redemption.released(redemption.kept(steps)))
    assert [(x.locator, x.name, x.by) for x in back] == [(x.locator, x.name, -1) for x in steps]
    assert [x.expires is not None for x in steps] == [False, False, False, True, True, True]


def test_without_limits_one_counter_counts_all_uses() -> None:
    assert len(list(redemption.uses(PROMO, "central", DAY, "CVSTMR01"))) == 1
