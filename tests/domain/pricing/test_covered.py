"""The bill of a stay that a season pass covers (docs/rules/passes.md, Cover)."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.localtime import zone
from chalicelib.domain.core.money import Money
from chalicelib.domain.pricing import bill as bills
from chalicelib.domain.pricing import covered, gst, taxing
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.pricing.tariff import Tariff, Tax

IST = zone("Asia/Kolkata")
MIDNIGHT = datetime.fromisoformat("2026-11-21T18:30:00+00:00")
"""In Kolkata, where Sunday begins."""

HOURLY = Tariff("hourly", "INR", 5000, booking_fee=5000)
NOTHING = Money.zero("INR")


def bill_of(tariff: Tariff, stay: Interval, until: datetime, paid: Money = NOTHING) -> Bill:
    whole = bills.make(tariff, stay, IST, paid=paid)
    return covered.bill(whole, tariff, stay, IST, until=until)


def around(before: int, after: int) -> Interval:
    """A stay from so many minutes before midnight to so many after it."""
    return Interval(MIDNIGHT - timedelta(minutes=before), MIDNIGHT + timedelta(minutes=after))


@pytest.mark.parametrize(
    ("tariff", "before", "after", "charged"),
    [
        (HOURLY, 60, 0, 0),  # the last unit begins before midnight
        (HOURLY, 90, 30, 0),  # units at 22:30 and 23:30
        (HOURLY, 90, 36, 5000),  # the third one, at 0:30, is begun after the grace
        (HOURLY, 60, 60, 5000),  # a unit that begins at midnight is outside
        (HOURLY, 60, 181, 15000),  # 0:00, 1:00, 2:00; 3:00 is within the grace
        (Tariff("hourly", "INR", 5000, free_minutes=30), 15, 60, 5000),
        (Tariff("daily", "INR", 30000), 60, 60, 30000),  # Sunday
        (Tariff("daily", "INR", 30000), 60, 5, 0),  # touched with the grace only
        (Tariff("flat", "INR", 20000), 60, 600, 0),  # its one unit begins at the entry
        (Tariff("hourly", "INR", 5000, day_cap=8000), 60, 300, 8000),
    ],
)  # fmt: skip
def test_units_that_begin_while_the_pass_is_valid_are_covered(
    tariff: Tariff, before: int, after: int, charged: int
) -> None:
    assert bill_of(tariff, around(before, after), MIDNIGHT).charged.minor == charged


def test_the_bill_shows_the_whole_price_and_what_is_covered() -> None:
    bill = bill_of(HOURLY, around(90, 90), MIDNIGHT)
    assert [(line.text, line.amount.minor) for line in bill.lines] == [
        ("3 hours", 15000),
        ("Covered by season pass", -10000),
    ]


def test_only_what_is_outside_is_taxed() -> None:
    taxed = Tariff("hourly", "INR", 5000, tax=Tax(1800, inclusive=False))
    bill = bill_of(taxed, around(60, 60), MIDNIGHT)
    assert (bill.total.minor, bill.tax_total.minor) == (5900, 900)


@pytest.mark.parametrize("tax", [Tax(1800), Tax(sac=gst.PARKING)])
@pytest.mark.parametrize(
    ("before", "after", "paid", "charged"),
    [
        (60, 60, 0, 3000),  # the fee is not charged, so it is not taxed
        (60, 60, 5000, 5000),
        (60, 0, 5000, 5000),  # covered as a whole: what stays is the fee
        (60, 0, 0, 0),
    ],
)
def test_the_tax_is_that_of_what_is_charged(
    tax: Tax, before: int, after: int, paid: int, charged: int
) -> None:
    tariff = Tariff("hourly", "INR", 3000, booking_fee=5000, tax=tax)
    bill = bill_of(tariff, around(before, after), MIDNIGHT, Money(paid, "INR"))
    expected = taxing.tax_of(tax, bill.charged, (), MIDNIGHT.date())
    assert bill.charged.minor == charged
    assert bill.tax_total == sum((line.amount for line in expected), NOTHING)


def test_a_booking_fee_stays_as_far_as_it_was_paid() -> None:
    paid = bill_of(HOURLY, around(60, 0), MIDNIGHT, Money(5000, "INR"))
    assert (paid.charged.minor, paid.amount_due.minor) == (5000, 0)
    assert bill_of(HOURLY, around(60, 0), MIDNIGHT).charged.minor == 0


PRICES = {
    "currency": st.just("INR"),
    "rate": st.integers(0, 10_000),
    "grace_minutes": st.integers(0, 14),
    "free_minutes": st.integers(0, 60),
    "tax": st.builds(Tax, st.integers(0, 3000), inclusive=st.booleans()),
}
TARIFFS = st.builds(
    Tariff,
    kind=st.just("hourly"),
    unit_minutes=st.sampled_from([15, 30, 60]),
    day_cap=st.none() | st.integers(1, 50_000),
    **PRICES,
) | st.builds(Tariff, kind=st.sampled_from(["daily", "flat"]), **PRICES)


@given(TARIFFS, st.integers(0, 3000), st.integers(1, 3000))
def test_the_parts_of_a_covered_bill_add_up(tariff: Tariff, before: int, after: int) -> None:
    bill = bill_of(tariff, around(before, after), MIDNIGHT)
    net = sum(line.amount.minor for line in bill.lines)
    added = 0 if tariff.tax.inclusive else bill.tax_total.minor
    assert net + added == bill.total.minor
    assert bill.total.minor >= 0


@given(TARIFFS, st.integers(1, 3000))
def test_a_stay_that_ends_while_the_pass_is_valid_costs_nothing(
    tariff: Tariff, minutes: int
) -> None:
    stay = Interval(MIDNIGHT - timedelta(minutes=minutes), MIDNIGHT)
    assert bill_of(tariff, stay, MIDNIGHT).charged.minor == 0


@given(
    st.builds(Tariff, kind=st.just("hourly"), currency=st.just("INR"), rate=st.just(5000)),
    st.integers(0, 3000), st.integers(1, 3000), st.integers(0, 3000),
)  # fmt: skip
def test_a_longer_cover_never_costs_more(
    tariff: Tariff, before: int, after: int, longer: int
) -> None:
    stay = around(before, after)
    later = MIDNIGHT + timedelta(minutes=longer)
    assert bill_of(tariff, stay, later).total <= bill_of(tariff, stay, MIDNIGHT).total
