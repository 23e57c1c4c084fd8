"""Discounts of a tariff (docs/rules/pricing.md, Discounts)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, datetime, timedelta
from itertools import permutations
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.money import Money
from chalicelib.domain.pricing import bill, bill_lines, tariff_json
from chalicelib.domain.pricing.agreed import Agreed
from chalicelib.domain.pricing.band import DEFAULT_BANDS
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.pricing.discount import Discount
from chalicelib.domain.pricing.tariff import Tariff, TariffKind, Tax

ROOT = Path(__file__).parents[3]
KOLKATA = localtime.zone("Asia/Kolkata")
DUBLIN = localtime.zone("Europe/Dublin")
SATURDAY = localtime.parse_instant("2026-11-21T04:30:00Z")  # ten in the morning in Kolkata
WEEKEND = Discount("Weekend", 10, days=(5, 6))
EARLY = Discount("Early bird", 5, days_ahead=7)
LONG = Discount("Long stay", 20, min_units=3)
PER_HOUR = Tariff("hourly", "INR", 5000)
PER_NIGHT = Tariff("nightly", "EUR", 10000, late_fee=2500)


def cheaper(*discounts: Discount, tariff: Tariff = PER_HOUR, ahead: int = 0) -> Tariff:
    return replace(tariff, discounts=discounts, agreed=Agreed(days_ahead=ahead))


def of(tariff: Tariff, hours: float, start: datetime = SATURDAY, *, late: bool = False) -> Bill:
    stay = Interval(start, start + timedelta(hours=hours))
    return bill.make(tariff, stay, KOLKATA, paid=tariff.money(0), late=late)


def amounts(made: Bill) -> list[str]:
    return [line.amount.text() for line in made.lines]


def test_the_bill_of_the_page_is_what_a_guest_pays() -> None:
    page = (ROOT / "docs/rules/pricing.md").read_text()
    rows = re.findall(r"^\| ([^|]+) \| (-?[0-9]+\.[0-9]{2}) \|$", page, re.M)
    tariff = replace(cheaper(WEEKEND, EARLY), agreed=Agreed(110, days_ahead=7))
    made = of(tariff, 4)
    lines = [(line.text, line.amount.text()) for line in made.lines]
    shown = [(re.sub(r" \(.*\)$", "", text), amount) for text, amount in rows]
    assert shown == [*lines, ("total", made.total.text())]
    assert len(shown) == 5


@pytest.mark.parametrize(
    ("discounts", "ahead", "hours", "rupees"),
    [
        ((), 0, 2, "100.00"),
        ((WEEKEND,), 0, 2, "90.00"),
        ((EARLY,), 6, 2, "100.00"),  # a day too late
        ((EARLY,), 7, 2, "95.00"),
        ((LONG,), 0, 2, "100.00"),  # an hour too short
        ((LONG,), 0, 3, "120.00"),
        ((WEEKEND, LONG), 0, 3, "105.00"),  # each of the full price
        ((Discount("A", 60), Discount("B", 60)), 0, 2, "0.00"),  # never less than nothing
        ((Discount("A", 100),), 0, 2, "0.00"),
    ],
)
def test_a_stay_costs_less_by_what_it_meets(
    discounts: tuple[Discount, ...], ahead: int, hours: float, rupees: str
) -> None:
    assert of(cheaper(*discounts, ahead=ahead), hours).total.text() == rupees


def test_only_the_units_that_begin_on_its_dates_are_cheaper() -> None:
    friday_night = SATURDAY - timedelta(hours=12)  # ten in the evening
    made = of(cheaper(WEEKEND), 4, friday_night)
    assert amounts(made) == ["200.00", "-10.00"]  # two of four hours begin on Saturday
    only_friday = Discount("Friday", 50, first=date(2026, 11, 20), last=date(2026, 11, 20))
    assert amounts(of(cheaper(only_friday), 4, friday_night)) == ["200.00", "-50.00"]


def test_nights_are_cheaper_by_the_date_on_which_they_begin() -> None:
    friday = SATURDAY - timedelta(days=1)
    made = of(cheaper(WEEKEND, tariff=PER_NIGHT), 72, friday)
    assert amounts(made) == ["300.00", "-20.00"]


def test_a_late_fee_is_not_discounted() -> None:
    made = of(cheaper(Discount("All", 100), tariff=PER_NIGHT), 24, late=True)
    assert amounts(made) == ["100.00", "-100.00", "25.00"]


def test_what_the_daily_maximum_takes_off_is_not_taken_off_twice() -> None:
    capped = replace(cheaper(Discount("Half", 50)), day_cap=8000)
    assert amounts(of(capped, 4)) == ["200.00", "-120.00", "-40.00"]


def test_a_discount_of_nothing_is_no_line() -> None:
    assert [line.text for line in of(cheaper(Discount("Sunday", 10, days=(6,))), 1).lines] == [
        "1 hour"
    ]


weekdays = st.sets(st.integers(0, 6), min_size=1).map(lambda days: tuple(sorted(days)))
discounts = st.builds(
    Discount,
    st.sampled_from(["Weekend", "Early bird", "Long stay"]),
    st.integers(1, 100),
    days=weekdays,
    first=st.none() | st.just(date(2026, 11, 21)),
    last=st.none() | st.just(date(2026, 11, 22)),
    min_units=st.integers(1, 5),
    days_ahead=st.integers(0, 3),
)
tariffs = st.builds(
    Tariff,
    st.sampled_from(["hourly", "daily", "flat"]),
    st.just("INR"),
    st.integers(0, 100_003),
    free_minutes=st.sampled_from([0, 15]),
    tax=st.builds(Tax, st.integers(0, 4000), st.booleans()),
    discounts=st.lists(discounts, max_size=4).map(tuple),
    agreed=st.builds(Agreed, st.integers(1, 400), st.integers(0, 3)),
)


@given(tariffs, st.integers(1, 5000), st.none() | st.integers(1, 60_000), st.booleans())
def test_the_parts_of_a_bill_with_discounts_add_up(
    tariff: Tariff, minutes: int, cap: int | None, banded: bool
) -> None:
    if tariff.kind == "hourly":
        tariff = replace(tariff, day_cap=cap, bands=DEFAULT_BANDS if banded else ())
    stay = Interval(SATURDAY, SATURDAY + timedelta(minutes=minutes))
    made = bill.make(tariff, stay, KOLKATA, paid=tariff.money(0))
    nothing = Money(0, "INR")
    lines = sum((line.amount for line in made.lines), nothing)
    assert lines + (nothing if tariff.tax.inclusive else made.tax_total) == made.total
    assert made.total >= nothing
    # without discounts the prices by date are the same bill
    plain = bill.make(replace(tariff, discounts=()), stay, KOLKATA, paid=nothing)
    units = bill_lines.of_units(tariff, stay, KOLKATA)
    by_date = bill_lines.by_date(tariff, units, stay, KOLKATA)
    assert sum(by_date.values(), nothing) == sum((x.amount for x in plain.lines), nothing)
    assert made.total <= plain.total


@given(st.lists(discounts, min_size=2, max_size=3), st.integers(1, 3000))
def test_the_order_of_discounts_changes_no_total(given: list[Discount], minutes: int) -> None:
    tariff = cheaper(ahead=3)
    stay = Interval(SATURDAY, SATURDAY + timedelta(minutes=minutes))
    totals = {
        bill.make(replace(tariff, discounts=order), stay, DUBLIN, paid=tariff.money(0)).total
        for order in permutations(given)
    }
    assert len(totals) == 1


def test_discounts_are_stored_with_the_booking() -> None:
    kept = cheaper(replace(WEEKEND, first=date(2026, 12, 1)), EARLY, LONG, ahead=9)
    assert Tariff.unpack(kept.pack()) == kept


SHOWN: list[dict[str, Any]] = [
    {
        "name": "Weekend", "percent": 10, "days": ["sat", "sun"], "first": "2026-12-01",
        "last": None, "min_units": 1, "days_ahead": 0,
    }
]  # fmt: skip


def test_owners_write_discounts_as_they_read_them() -> None:
    read = tariff_json.read({"kind": "hourly", "rate": "50.00", "discounts": SHOWN}, "INR")
    assert read.discounts == (replace(WEEKEND, first=date(2026, 12, 1)),)
    assert tariff_json.show(read)["discounts"] == SHOWN


@pytest.mark.parametrize(
    ("change", "where"),
    [
        ({"percent": 0}, "tariff.discounts[0].percent"),
        ({"percent": 101}, "tariff.discounts[0].percent"),
        ({"percent": 10.5}, "tariff.discounts[0].percent"),
        ({"name": ""}, "tariff.discounts[0].name"),
        ({"name": "x" * 41}, "tariff.discounts[0].name"),
        ({"days": []}, "tariff.discounts[0].days"),
        ({"first": "20261201"}, "tariff.discounts[0].first"),
        ({"first": "2026-02-30"}, "tariff.discounts[0].first"),
        ({"first": "1999-01-01"}, "tariff.discounts[0].first"),
        ({"last": "2026-11-30"}, "tariff.discounts[0].last"),
        ({"min_units": 0}, "tariff.discounts[0].min_units"),
        ({"days_ahead": -1}, "tariff.discounts[0].days_ahead"),
        ({"amount": "5.00"}, "tariff.discounts[0].amount"),
    ],
)
def test_a_faulty_discount_is_named(change: dict[str, object], where: str) -> None:
    discount = SHOWN[0] | change
    with pytest.raises(errors.Invalid) as refused:
        tariff_json.read({"kind": "hourly", "rate": "50.00", "discounts": [discount]}, "INR")
    assert list(refused.value.fields) == [where]


@pytest.mark.parametrize("kind", ["daily", "flat"])
def test_days_and_flat_prices_have_discounts_too(kind: TariffKind) -> None:
    assert of(cheaper(WEEKEND, tariff=Tariff(kind, "INR", 5000)), 2).total.text() == "45.00"
