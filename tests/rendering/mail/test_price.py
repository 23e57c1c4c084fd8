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
        (
            Tariff("hourly", "EUR", 250),
            ("€2.50 per hour or part thereof, with 5 minutes of grace",),
        ),
        (
            Tariff("hourly", "INR", 2000, unit_minutes=30, grace_minutes=0),
            ("₹20.00 per 30 minutes or part thereof",),
        ),
        (Tariff("nightly", "EUR", 12_000), ("€120.00 per night",)),
        (
            Tariff("nightly", "EUR", 12_000, late_fee=3000),
            ("€120.00 per night", "€30.00 for late check-out"),
        ),
        (Tariff("flat", "INR", 250_000), ("Flat rate: ₹2,500.00",)),
        # the four default bands cover the day
        (
            Tariff("hourly", "INR", 5000, booking_fee=5000, bands=DEFAULT_BANDS),
            (
                "06:00–09:00: ₹80.00 per hour or part thereof",
                "09:00–18:00: ₹50.00 per hour or part thereof",
                "18:00–21:00: ₹70.00 per hour or part thereof",
                "21:00–06:00: ₹30.00 per hour or part thereof",
                "Grace period: 5 minutes",
                "₹50.00 booking fee, credited to the bill",
            ),
        ),
        # one band does not
        (
            Tariff("hourly", "INR", 5000, grace_minutes=0, bands=(Band(1320, 300, 1000),)),
            (
                "22:00–05:00: ₹10.00 per hour or part thereof",
                "Otherwise ₹50.00 per hour or part thereof",
            ),
        ),
        # one band all day long
        (
            Tariff("hourly", "INR", 5000, grace_minutes=0, bands=(Band(0, 1440, 1000),)),
            ("00:00–24:00: ₹10.00 per hour or part thereof",),
        ),
        (
            Tariff("flat", "INR", 100, tax=Tax(1800)),
            ("Flat rate: ₹1.00", "Includes GST 18%"),
        ),
        (
            Tariff("flat", "INR", 100, tax=Tax(250, inclusive=False)),
            ("Flat rate: ₹1.00", "Plus GST 2.5%"),
        ),
        (
            Tariff("daily", "EUR", 1800, free_minutes=15),
            (
                "Free for the first 15 minutes",
                "€18.00 per calendar day, with 5 minutes of grace",
            ),
        ),
        (
            Tariff("hourly", "EUR", 300, day_cap=2000, grace_minutes=0),
            ("€3.00 per hour or part thereof", "At most €20.00 per calendar day"),
        ),
        (
            Tariff("nightly", "EUR", 9000, bands=(Band(0, 1440, 12_000, (4, 5)),)),
            ("Fri–Sat: €120.00 per night", "Otherwise €90.00 per night"),
        ),
        (
            Tariff("nightly", "EUR", 9000, no_show_fee=4000),
            (
                "€90.00 per night",
                "€40.00 if you do not come and have not cancelled",
            ),
        ),
    ],
)
def test_a_tariff_is_told_in_words(tariff: Tariff, told: tuple[str, ...]) -> None:
    assert price.in_words(tariff, ENGLISH) == told
