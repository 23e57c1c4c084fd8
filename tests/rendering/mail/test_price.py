from __future__ import annotations

import pytest

from chalicelib.domain.pricing.band import DEFAULT_BANDS, Band
from chalicelib.domain.pricing.tariff import Tariff, Tax
from chalicelib.rendering.mail import price
from chalicelib.texts import catalogue

ENGLISH = catalogue.mails("en")


@pytest.mark.parametrize(
    ("tariff", "told"),
    [
        (Tariff("hourly", "INR", 0), ("Free of charge",)),
        (Tariff("hourly", "EUR", 250), ("€2.50 for each hour begun, 5 minutes of grace",)),
        (
            Tariff("hourly", "INR", 2000, unit_minutes=30, grace_minutes=0),
            ("₹20.00 for each 30 minutes begun",),
        ),
        (Tariff("nightly", "EUR", 12_000), ("€120.00 for each night",)),
        (
            Tariff("nightly", "EUR", 12_000, late_fee=3000),
            ("€120.00 for each night", "€30.00 for a late check-out"),
        ),
        (Tariff("flat", "INR", 250_000), ("₹2,500.00 for the stay",)),
        # the four default bands cover the day
        (
            Tariff("hourly", "INR", 5000, booking_fee=5000, bands=DEFAULT_BANDS),
            (
                "06:00–09:00: ₹80.00 for each hour begun",
                "09:00–18:00: ₹50.00 for each hour begun",
                "18:00–21:00: ₹70.00 for each hour begun",
                "21:00–06:00: ₹30.00 for each hour begun",
                "5 minutes of grace",
                "₹50.00 booking fee, credited to the bill",
            ),
        ),
        # one band does not
        (
            Tariff("hourly", "INR", 5000, grace_minutes=0, bands=(Band(1320, 300, 1000),)),
            (
                "22:00–05:00: ₹10.00 for each hour begun",
                "otherwise ₹50.00 for each hour begun",
            ),
        ),
        # one band all day long
        (
            Tariff("hourly", "INR", 5000, grace_minutes=0, bands=(Band(0, 1440, 1000),)),
            ("00:00–24:00: ₹10.00 for each hour begun",),
        ),
        (
            Tariff("flat", "INR", 100, tax=Tax(1800)),
            ("₹1.00 for the stay", "GST 18% is included"),
        ),
        (
            Tariff("flat", "INR", 100, tax=Tax(250, inclusive=False)),
            ("₹1.00 for the stay", "plus GST 2.5%"),
        ),
        (
            Tariff("daily", "EUR", 1800, free_minutes=15),
            (
                "Free for the first 15 minutes",
                "€18.00 for each calendar day, 5 minutes of grace",
            ),
        ),
        (
            Tariff("hourly", "EUR", 300, day_cap=2000, grace_minutes=0),
            ("€3.00 for each hour begun", "at most €20.00 for each calendar day"),
        ),
        (
            Tariff("nightly", "EUR", 9000, bands=(Band(0, 1440, 12_000, (4, 5)),)),
            ("Fri–Sat: €120.00 for each night", "otherwise €90.00 for each night"),
        ),
        (
            Tariff("nightly", "EUR", 9000, no_show_fee=4000),
            (
                "€90.00 for each night",
                "€40.00 if you neither come nor cancel",
            ),
        ),
    ],
)
def test_a_tariff_is_told_in_words(tariff: Tariff, told: tuple[str, ...]) -> None:
    assert price.in_words(tariff, ENGLISH) == told
