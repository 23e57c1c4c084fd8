"""Prices by demand (docs/rules/pricing.md, How full)."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.money import Money
from chalicelib.domain.core.sentence import Fault
from chalicelib.domain.pricing import bill, tariff_json
from chalicelib.domain.pricing.agreed import Agreed
from chalicelib.domain.pricing.band import DEFAULT_BANDS
from chalicelib.domain.pricing.demand import Demand, DemandStep
from chalicelib.domain.pricing.tariff import Tariff, Tax

ROOT = Path(__file__).parents[3]
KOLKATA = localtime.zone("Asia/Kolkata")
TEN = localtime.parse_instant("2026-11-21T04:30:00Z")
STEPS = (DemandStep(50, 110), DemandStep(80, 300))
DEMAND = Demand(STEPS, floor_percent=80, cap_percent=150)
PER_HOUR = Tariff("hourly", "INR", 5000, demand=DEMAND)


def at(percent: int, tariff: Tariff = PER_HOUR) -> Tariff:
    return replace(tariff, agreed=Agreed(percent))


def of(tariff: Tariff, minutes: int) -> bill.Bill:
    stay = Interval(TEN, TEN + timedelta(minutes=minutes))
    return bill.make(tariff, stay, KOLKATA, paid=tariff.money(0))


def table() -> dict[str, list[str]]:
    """The first table of the page, by the name of its rows."""
    page = (ROOT / "docs/rules/pricing.md").read_text()
    rows = re.findall(r"^\| (full|per cent|bill) \| (.*) \|$", page, re.M)
    return {name: cells.split(" | ") for name, cells in rows}


def test_the_table_of_the_page_is_what_a_guest_pays() -> None:
    rows = table()
    percents = [DEMAND.percent_at(int(full)) for full in rows["full"]]
    assert [str(each) for each in percents] == rows["per cent"]
    assert [of(at(each), 120).total.text() for each in percents] == rows["bill"]
    assert len(percents) == 6


@pytest.mark.parametrize(
    ("price_percent", "counts"),
    [(1, 80), (79, 80), (80, 80), (120, 120), (150, 150), (151, 150), (1000, 150)],
)
def test_floor_and_cap_hold_whatever_the_steps_say(price_percent: int, counts: int) -> None:
    demand = replace(DEMAND, steps=(DemandStep(0, price_percent),))
    assert demand.percent_at(0) == demand.percent_at(100) == counts


def test_demand_is_a_line_of_its_own_and_below_zero_where_it_takes_off() -> None:
    dearer, cheaper = of(at(110), 120), of(at(80), 120)
    assert [(x.text, x.amount.minor) for x in dearer.lines] == [
        ("2 hours", 10000),
        ("Demand, 110% of the price", 1000),
    ]
    assert [x.amount.minor for x in cheaper.lines] == [10000, -2000]
    assert [x.text for x in of(at(100), 120).lines] == ["2 hours"]


def test_the_daily_maximum_holds_for_prices_with_demand() -> None:
    capped = replace(PER_HOUR, day_cap=10500)
    assert of(at(110, capped), 120).total.text() == "105.00"
    assert of(at(100, capped), 120).total.text() == "100.00"


def test_fees_do_not_depend_on_demand() -> None:
    rooms = Tariff("nightly", "EUR", 9000, late_fee=2500, no_show_fee=4000, booking_fee=1500)
    busy = replace(rooms, agreed=Agreed(150))
    night = Interval(TEN, TEN + timedelta(hours=20))
    made = bill.make(busy, night, KOLKATA, paid=busy.money(0), late=True)
    assert made.total.text() == "160.00"
    assert made.booking_fee.text() == "15.00"
    assert bill.no_show(busy, paid=busy.money(0), on=date(2026, 11, 21)).total.text() == "40.00"


@given(
    percent=st.integers(1, 1000),
    rate=st.integers(0, 100_000),
    minutes=st.integers(1, 3000),
    banded=st.booleans(),
    cap=st.none() | st.integers(1, 500_000),
    rate_bp=st.integers(0, 4000),
    inclusive=st.booleans(),
)
def test_the_parts_of_a_bill_with_demand_add_up(
    percent: int,
    rate: int,
    minutes: int,
    banded: bool,
    cap: int | None,
    rate_bp: int,
    inclusive: bool,
) -> None:
    tariff = Tariff(
        "hourly", "INR", rate, bands=DEFAULT_BANDS if banded else (), day_cap=cap,
        tax=Tax(rate_bp, inclusive), agreed=Agreed(percent),
    )  # fmt: skip
    made = of(tariff, minutes)
    lines = sum((line.amount for line in made.lines), Money(0, "INR"))
    assert lines + (Money(0, "INR") if inclusive else made.tax_total) == made.total
    assert made.total >= Money(0, "INR")


@given(st.integers(0, 100), st.integers(0, 100))
def test_a_rising_table_never_costs_less_in_a_fuller_zone(one: int, other: int) -> None:
    low, high = sorted((one, other))
    assert DEMAND.percent_at(low) <= DEMAND.percent_at(high)


def test_what_is_agreed_is_stored_with_the_tariff() -> None:
    kept = at(110)
    assert Tariff.unpack(kept.pack()) == kept
    assert Tariff.unpack('["hourly","INR",5000]') == Tariff("hourly", "INR", 5000)


def test_a_tariff_without_demand_is_stored_as_before() -> None:
    assert Tariff("hourly", "INR", 5000).pack() == '["hourly","INR",5000]'


SHOWN: dict[str, Any] = {
    "steps": [
        {"full_percent": 50, "price_percent": 110},
        {"full_percent": 80, "price_percent": 300},
    ],
    "floor_percent": 80,
    "cap_percent": 150,
}


def test_owners_write_steps_as_they_read_them() -> None:
    read = tariff_json.read({"kind": "hourly", "rate": "50.00", "demand": SHOWN}, "INR")
    assert read == PER_HOUR
    assert tariff_json.show(read)["demand"] == SHOWN


@pytest.mark.parametrize(
    ("demand", "where"),
    [
        ({"steps": []}, "tariff.demand.steps"),
        ({}, "tariff.demand.steps"),
        ({"steps": SHOWN["steps"][::-1]}, "tariff.demand.steps[1]"),
        ({"steps": [SHOWN["steps"][0]] * 2}, "tariff.demand.steps[1]"),
        ({"steps": [{"full_percent": 101, "price_percent": 110}]},
         "tariff.demand.steps[0].full_percent"),
        ({"steps": [{"full_percent": 50, "price_percent": 0}]},
         "tariff.demand.steps[0].price_percent"),
        ({"steps": [{"full_percent": 50.5, "price_percent": 110}]},
         "tariff.demand.steps[0].full_percent"),
        (SHOWN | {"floor_percent": 101}, "tariff.demand.floor_percent"),
        (SHOWN | {"cap_percent": 99}, "tariff.demand.cap_percent"),
        (SHOWN | {"other": 1}, "tariff.demand.other"),
        ("much", "tariff.demand"),
    ],
)  # fmt: skip
def test_a_faulty_step_is_named(demand: object, where: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        tariff_json.read({"kind": "hourly", "rate": "50.00", "demand": demand}, "INR")
    assert list(refused.value.fields) == [where]


def test_a_floor_above_the_price_is_no_floor() -> None:
    with pytest.raises(Fault):
        Demand(STEPS, floor_percent=101, cap_percent=150)
