"""GST: rates by day and price, and halves that are equal to the paisa."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from chalicelib.domain.core import errors, localtime
from chalicelib.domain.core.interval import Interval
from chalicelib.domain.core.money import Money
from chalicelib.domain.pricing import bill, gst, tariff_json
from chalicelib.domain.pricing.bill import Bill
from chalicelib.domain.pricing.tariff import GST_HALVES, Misfit, Tariff, Tax

KOLKATA = localtime.zone("Asia/Kolkata")
PARKING = Tax(sac=gst.PARKING)
ROOMS = Tax(sac=gst.ROOMS)


def nights(first: date, count: int, tariff: Tariff) -> Bill:
    """The bill of some nights from a date on."""
    start = localtime.from_minute(first, 14 * 60, KOLKATA)
    stay = Interval(start, start + timedelta(days=count, hours=-3))
    return bill.make(tariff, stay, KOLKATA, paid=Money(0, "INR"))


def shown(made: Bill) -> list[tuple[str, int, int]]:
    return [(line.name, line.rate_bp, line.amount.minor) for line in made.tax]


@pytest.mark.parametrize(
    ("sac", "price", "day", "rate"),
    [
        (gst.PARKING, 50_00, "2026-11-21", 1800),
        (gst.HALLS, 50_00, "2026-11-21", 1800),
        (gst.ROOMS, 7500_00, "2022-07-17", 1200),
        (gst.ROOMS, 7500_00, "2025-09-21", 1200),  # the day before the new rates
        (gst.ROOMS, 7500_00, "2025-09-22", 500),
        (gst.ROOMS, 7500_01, "2025-09-22", 1800),
        (gst.ROOMS, 7500_00, "2010-01-01", 1200),  # before GST: as on its first day
    ],
)
def test_a_rate_is_that_of_the_day_and_of_the_price(
    sac: str, price: int, day: str, rate: int
) -> None:
    assert gst.rate_of(sac, price, date.fromisoformat(day), inclusive=False) == rate


def test_the_rates_of_a_day_end_with_one_for_any_price() -> None:
    for rates in gst.RATES.values():
        days = [rate.valid_from for rate in rates]
        assert days == sorted(days)
        for day in set(days):
            bounds = [rate.up_to for rate in rates if rate.valid_from == day]
            assert bounds[-1] is None
            assert None not in bounds[:-1]
            assert all(rate.basis_points % 2 == 0 for rate in rates)


def test_each_night_has_the_rate_of_its_own_price() -> None:
    weekend = tariff_json.read(
        {
            "kind": "nightly", "currency": "INR", "rate": "5250.00", "tax": {"sac": "996311"},
            "bands": [{"from": "00:00", "to": "24:00", "rate": "11800.00", "days": ["sat"]}],
        }
    )  # fmt: skip
    made = nights(date(2026, 11, 20), 2, weekend)  # Friday and Saturday
    assert made.total.minor == 17050_00
    assert shown(made) == [
        ("CGST", 250, 125_00), ("SGST", 250, 125_00), ("CGST", 900, 900_00), ("SGST", 900, 900_00),
    ]  # fmt: skip


def test_the_tax_of_a_bill_is_that_of_the_day_on_which_the_stay_ends() -> None:
    tariff = Tariff("nightly", "INR", 2100_00, tax=ROOMS)
    before, after = nights(date(2025, 9, 20), 1, tariff), nights(date(2025, 9, 20), 2, tariff)
    assert {rate for _, rate, _ in shown(before)} == {600}
    assert {rate for _, rate, _ in shown(after)} == {250}


def test_a_booking_fee_that_is_more_than_the_bill_has_its_tax() -> None:
    tariff = Tariff("hourly", "INR", 3000, booking_fee=5900, tax=PARKING)
    start = datetime(2026, 11, 21, 6, tzinfo=UTC)
    made = bill.make(
        tariff, Interval(start, start + timedelta(minutes=3)), KOLKATA, paid=Money(0, "INR")
    )
    assert (made.charged.minor, shown(made)) == (5900, [("CGST", 900, 450), ("SGST", 900, 450)])


def test_a_late_fee_is_taxed_like_the_nights() -> None:
    tariff = Tariff("nightly", "INR", 1050_00, late_fee=1050_00, tax=ROOMS)
    start = localtime.from_minute(date(2026, 11, 20), 14 * 60, KOLKATA)
    made = bill.make(
        tariff, Interval(start, start + timedelta(hours=23)), KOLKATA, paid=Money(0, "INR"),
        late=True,
    )  # fmt: skip
    assert shown(made) == [("CGST", 250, 5000), ("SGST", 250, 5000)]


@given(
    price=st.integers(0, 10**9),
    rate=st.sampled_from([500, 1200, 1800, 2800, 2, 9998]),
    inclusive=st.booleans(),
)
def test_equal_halves_and_the_price_before_tax_add_up(
    price: int, rate: int, inclusive: bool
) -> None:
    tariff = Tariff("flat", "INR", price, tax=Tax(rate, inclusive, GST_HALVES))
    start = datetime(2026, 11, 21, 6, tzinfo=UTC)
    made = bill.make(
        tariff, Interval(start, start + timedelta(hours=1)), KOLKATA, paid=Money(0, "INR")
    )
    halves = [line.amount.minor for line in made.tax]
    assert len(halves) == 2
    assert halves[0] == halves[1]
    before = made.total.minor - sum(halves)
    exact = made.total.minor * rate / (10_000 + rate) if inclusive else price * rate / 10_000
    assert abs(sum(halves) - exact) <= 1  # each half is rounded by itself
    assert before == (price - sum(halves) if inclusive else price)


@given(st.lists(st.integers(0, 2_000_000), min_size=1, max_size=7), st.booleans())
def test_the_tax_of_mixed_prices_is_never_more_than_the_price(
    prices: list[int], inclusive: bool
) -> None:
    days = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
    bands = [
        {"from": "00:00", "to": "24:00", "rate": f"{p // 100}.{p % 100:02}", "days": [day]}
        for p, day in zip(prices, days, strict=False)
    ]
    tariff = tariff_json.read(
        {
            "kind": "nightly", "currency": "INR", "rate": "1000.00", "bands": bands,
            "tax": {"sac": "996311", "inclusive": inclusive},
        }
    )  # fmt: skip
    made = nights(date(2026, 11, 16), 7, tariff)
    lines = sum(line.amount.minor for line in made.lines)
    assert made.total.minor == lines + (0 if inclusive else made.tax_total.minor)
    assert 0 <= made.tax_total.minor <= made.total.minor
    assert Bill.unpack(made.pack()) == made


@pytest.mark.parametrize("tax", [PARKING, Tax(inclusive=False, sac=gst.ROOMS), Tax(1800)])
def test_a_tax_with_a_code_is_stored_and_read(tax: Tax) -> None:
    tariff = Tariff("hourly", "INR", 5000, tax=tax)
    assert Tariff.unpack(tariff.pack()) == tariff
    assert tariff_json.read(tariff_json.show(tariff)) == tariff


@pytest.mark.parametrize(
    ("tax", "field"),
    [
        ({}, "tariff.tax.rate_bp"),
        ({"sac": "000000"}, "tariff.tax.sac"),
        ({"sac": 996743}, "tariff.tax.sac"),
        ({"sac": "996743", "rate_bp": 1800}, "tariff.tax.rate_bp"),
    ],
)
def test_a_faulty_tax_is_named(tax: object, field: str) -> None:
    with pytest.raises(errors.Invalid) as refused:
        tariff_json.read({"kind": "hourly", "currency": "INR", "rate": "50", "tax": tax})
    assert list(refused.value.fields) == [field]


def test_a_code_of_gst_is_for_rupees() -> None:
    with pytest.raises(Misfit):
        Tariff("hourly", "EUR", 500, tax=PARKING)
    with pytest.raises(errors.Invalid) as refused:
        tariff_json.read(
            {"kind": "hourly", "currency": "EUR", "rate": "5", "tax": {"sac": "996743"}}
        )
    assert list(refused.value.fields) == ["tariff.tax.sac"]
